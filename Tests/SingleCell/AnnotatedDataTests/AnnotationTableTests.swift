import AnnotatedData
import Testing

struct AnnotationTableTests {
    @Test func assigningReplacesAppendsAndRemoves() {
        var table = AnnotationTable(names: ["c1", "c2"])
        table["dose"] = .floats([1, 2])
        table["drug"] = .strings(["a", nil])
        table["dose"] = .floats([3, 4])
        #expect(table.columns.map(\.name) == ["dose", "drug"])
        #expect(table["dose"] == .floats([3, 4]))
        table["drug"] = nil
        #expect(table["drug"] == nil)
    }

    @Test func ofColumnsOfOneNameTheLastStandsInThePlaceOfTheFirst() {
        let columns = [("a", 1.0), ("b", 2), ("a", 3)].map { AnnotationColumn(name: $0.0, values: .floats([$0.1])) }
        let table = AnnotationTable(names: ["c1"], columns: columns)
        #expect(table.columns.map(\.name) == ["a", "b"] && table["a"] == .floats([3]))
    }
}
