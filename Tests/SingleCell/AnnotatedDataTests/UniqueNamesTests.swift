import AnnotatedData
import Testing

struct UniqueNamesTests {
    @Test func laterNamesAreNumbered() {
        #expect(["a", "b"].numberingRepeated() == ["a", "b"])
        #expect(["a", "a", "b", "a"].numberingRepeated() == ["a", "a-1", "b", "a-2"])
        // a-1 is another gene's.
        #expect(["a", "a", "a-1"].numberingRepeated() == ["a", "a-2", "a-1"])
        #expect(["a", "b"].numberingRepeated(besides: ["b", "b-1"]) == ["a", "b-2"])
        #expect([String](repeating: "x", count: 20_000).numberingRepeated().last == "x-19999")
    }
}
