import Foundation
import Testing

@testable import Formats

struct TextNumberTests {
    private func parse(_ text: String) -> Double? {
        // The bytes that follow a field in a file.
        Array((text + "\t9\n").utf8).withUnsafeBufferPointer {
            TextNumber.parse(UnsafeBufferPointer(rebasing: $0[..<text.utf8.count]))
        }
    }

    @Test(arguments: [
        ("0", 0.0), ("12", 12), ("-0.5", -0.5), ("+1.", 1), (".5", 0.5), ("1e-05", 1e-5), (" 7 ", 7), ("1E3", 1000),
        ("9007199254740993", 9_007_199_254_740_992), ("1e23", 1e23),
        ("123456789012345678901234567890", 1.2345678901234568e29),
        ("0.0000000000000000000000000000012", 1.2e-30), ("2.2250738585072014e-308", .leastNormalMagnitude),
        ("1e-400", 0),
    ])
    func numbersAreRounded(text: String, value: Double) {
        #expect(parse(text) == value)
    }

    @Test(arguments: [
        "", " ", "-", ".", "e5", "1e", "1e+", "1,5", "1 2", "nan", "inf", "0x10", "1e999", "1d5", "--1", "1_000", "٣",
    ])
    func anythingElseIsNone(text: String) {
        #expect(parse(text) == nil)
    }

    /// Swift's shortest text gives every number back, and so must reading it.
    @Test func randomNumbersComeBack() {
        var random = SeededGenerator(state: 11)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &random))
            if value.isFinite { #expect(parse("\(value)") == value) }
            let short = Double(Int.random(in: -99999...99999, using: &random)) / 1000
            #expect(parse("\(short)") == short)
        }
    }
}
