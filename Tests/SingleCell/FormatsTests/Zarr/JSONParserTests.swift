import Testing

@testable import Formats

@Suite struct JSONParserTests {
    private func parse(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

    @Test func documentsAreParsed() throws {
        #expect(
            try parse(#" {"a": [1, -2.5e1, true, false, null, "x"], "b": {}, "c": []} "#)
                == .object([
                    "a": .list([.integer(1), .number(-25), .boolean(true), .boolean(false), .null, .string("x")]),
                    "b": .object([:]), "c": .list([]),
                ]))
        #expect(try parse("9223372036854775807") == .integer(.max))
        #expect(try parse("18446744073709551615") == .number(0x1p64))
        #expect(try parse("-Infinity") == .number(-.infinity))
        #expect(try parse(#"{"a": 1, "a": 2}"#) == .object(["a": .integer(2)]))
        guard case .number(let number) = try parse("NaN") else {
            Issue.record("NaN is a number")
            return
        }
        #expect(number.isNaN)
    }

    @Test func escapesAreUndone() throws {
        #expect(try parse(#""\"\\\/\b\f\n\r\t\u00b5\ud834\udd1e""#) == .string("\"\\/\u{8}\u{C}\n\r\tµ𝄞"))
        // Halves of a pair.
        #expect(try parse(#""\ud834x\udd1e\ud834\u0041""#) == .string("\u{FFFD}x\u{FFFD}\u{FFFD}A"))
    }

    @Test(arguments: [
        "", "{", "[1,", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "tru", "1 2", "--1", "1e", "\"a", "\"\\x\"",
        "\"\\u12\"",
        "\"\n\"", "{\"a\":1,}",
    ])
    func whatIsNoJSONIsRefused(text: String) {
        #expect(throws: JSONProblem.self) { try parse(text) }
    }

    @Test func depthIsBounded() throws {
        #expect(throws: JSONProblem.self) { try parse(String(repeating: "[", count: 100_000)) }
        let deep = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
        #expect(try parse(deep).list?.count == 1)
        #expect(throws: JSONProblem.self) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
    }
}
