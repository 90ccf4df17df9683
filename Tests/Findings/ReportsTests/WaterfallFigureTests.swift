import Testing

@testable import Reports

@Suite struct WaterfallFigureTests {
    private let figure = WaterfallFigure(
        title: "t", axis: "shift", parts: ["direct", "mediated", "rest"], totalName: "whole",
        rows: [.init(label: "a", parts: [2, -1, 0], total: 1), .init(label: "b", parts: [0, 0.5, 0.5], total: 1)])

    private func reader(_ figure: WaterfallFigure) -> PageReader {
        PageReader("<svg>" + figure.drawing().content.map(\.serialized).joined() + "</svg>")
    }

    /// Each part begins where the one before it ended, in pixels of one axis: direct 0 to 2, mediated 2 to 1; a part of
    /// nothing has no bar.
    @Test func partsHangTogether() throws {
        let bars = reader(figure).named("rect").filter { ($0.text.contains(", ")) }
        let hints = bars.map { $0.text.split(separator: "\n").joined() }
        #expect(hints == ["a, direct: 2.00", "a, mediated: −1.00", "b, mediated: 0.500", "b, rest: 0.500"])
        func ends(_ place: Int) throws -> (Double, Double) {
            let x = try #require(Double(bars[place].attributes["x"] ?? ""))
            return (x, x + (try #require(Double(bars[place].attributes["width"] ?? ""))))
        }
        let (direct, mediated) = (try ends(0), try ends(1))
        // Coordinates are written to a tenth of a pixel.
        #expect(abs(direct.1 - mediated.1) < 0.25)
        #expect(abs((direct.1 - direct.0) - 2 * (mediated.1 - mediated.0)) < 0.4)
        let (first, second) = (try ends(2), try ends(3))
        #expect(abs(first.1 - second.0) < 0.25)
        // Of one row each part has a place of its own.
        #expect(Set(bars.prefix(2).compactMap { $0.attributes["y"] }).count == 2)
    }

    @Test func numbersAreAllThere() {
        #expect(figure.numbers()?.rows.first == [.text("a"), .number(2), .number(-1), .number(0), .number(1)])
        #expect(figure.numbers()?.columns.map(\.title) == ["", "direct", "mediated", "rest", "whole"])
        var quiet = figure
        quiet.hasTableBeside = true
        #expect(quiet.numbers() == nil)
        #expect(figure.description.contains("largest a with 1.00, made of direct 2.00, mediated −1.00, rest 0."))
    }

    @Test func whatIsNoNumberIsSaid() {
        var odd = figure
        odd.rows[0].parts[1] = .nan
        #expect(reader(odd).named("text").contains { $0.text == "not available" })
        #expect(reader(odd).named("rect").filter { $0.text.hasPrefix("a, ") }.isEmpty)
        odd.rows = []
        #expect(reader(odd).named("text").map(\.text) == ["No values to draw"])
    }
}
