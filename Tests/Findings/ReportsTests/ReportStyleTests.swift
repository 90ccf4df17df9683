import Foundation
import Testing

@testable import Reports

@Suite struct ReportStyleTests {
    /// Colours of the light page and, laid over them, of the dark one.
    private static let themes: [[String: String]] = {
        let blocks = ReportStyle.sheet.components(separatedBy: ":root{").dropFirst().prefix(2)
        let read = blocks.map { block -> [String: String] in
            let declarations = block.prefix { $0 != "}" }.split(separator: ";")
            return Dictionary(
                declarations.compactMap { declaration -> (String, String)? in
                    let parts = declaration.split(separator: ":").map {
                        $0.trimmingCharacters(in: .whitespacesAndNewlines)
                    }
                    return parts.count == 2 ? (parts[0], parts[1]) : nil
                }, uniquingKeysWith: { $1 })
        }
        return [read[0], read[0].merging(read[1]) { $1 }]
    }()

    /// Relative luminance, WCAG 2.2.
    private func luminance(_ colour: String) throws -> Double {
        let value = try #require(Int(colour.dropFirst(), radix: 16))
        let parts = [value >> 16, value >> 8 & 255, value & 255].map { part -> Double in
            let share = Double(part) / 255
            return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }

    private func contrast(_ a: String, _ b: String, in theme: [String: String]) throws -> Double {
        let first = try luminance(try #require(theme["--" + a]))
        let second = try luminance(try #require(theme["--" + b]))
        return (max(first, second) + 0.05) / (min(first, second) + 0.05)
    }

    /// WCAG 2.2, 1.4.3: 4.5 for text.
    @Test(arguments: [0, 1], ["ink", "soft", "link", "green", "loses"])
    func textIsReadable(theme: Int, text: String) throws {
        let grounds =
            ["ink", "soft"].contains(text)
            ? ["paper", "panel", "even", "warn", "good", "bad", "faint"] : ["paper", "panel"]
        for ground in grounds {
            let found = try contrast(text, ground, in: Self.themes[theme])
            #expect(found >= 4.5, "\(text) on \(ground): \(found)")
        }
        #expect(try contrast("ontarget", "target", in: Self.themes[theme]) >= 4.5)
    }

    /// WCAG 2.2, 1.4.11: 3 for marks and lines that carry meaning.
    @Test(arguments: [0, 1], ["blue", "orange", "green", "purple", "amber", "soft", "sky"])
    func marksAreVisible(theme: Int, colour: String) throws {
        for ground in ["paper", "panel"] {
            let found = try contrast(colour, ground, in: Self.themes[theme])
            #expect(found >= 3, "\(colour) on \(ground): \(found)")
        }
    }

    /// Nothing moves by itself, so that there is nothing to reduce (WCAG 2.2, 2.3.3).
    @Test func nothingMoves() {
        for word in ["transition", "animation", "scroll-behavior", "@keyframes"] {
            #expect(!ReportStyle.sheet.contains(word))
        }
    }

    /// The keyboard's place is seen (2.4.7): one ring for all, which no rule takes away but that of the whole of `main`.
    @Test func focusIsVisible() {
        #expect(ReportStyle.sheet.contains(":focus-visible{outline:3px solid var(--sky)"))
        #expect(ReportStyle.sheet.components(separatedBy: "outline:none").count == 2)
        #expect(ReportStyle.sheet.contains("main:focus{outline:none}"))
    }
}
