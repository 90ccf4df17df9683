import Foundation
import Runs
import Testing

struct FailureTests {
    let failure = Failure(
        code: "SHAPE_MISMATCH", file: "a.h5ad", element: "/X", message: "60 rows expected,\n64 found",
        remedy: "copy it again",
        exit: .badData)

    @Test func theErrorIsFourLines() {
        #expect(
            failure.fourLines == """
                error: the data can't be used (SHAPE_MISMATCH)
                  in: a.h5ad, /X
                  because: 60 rows expected, 64 found
                  try: copy it again
                """)
    }

    @Test func theJSONHasTheSameFields() throws {
        let object = try JSONSerialization.jsonObject(with: Data(failure.json.utf8)) as? [String: [String: String]]
        #expect(object?["error"]?["element"] == "/X")
        #expect(object?["error"]?.keys.sorted() == ["code", "element", "file", "message", "remedy"])
    }
}
