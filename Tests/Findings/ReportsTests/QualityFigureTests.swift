import Testing

@testable import Reports

/// Figures of quality control: what was there before and after, and how much stands behind each perturbation.
@Suite struct QualityFigureTests {
    private func read(_ figure: any FigureDrawing) -> PageReader {
        PageReader("<svg>" + figure.drawing().content.map(\.serialized).joined() + "</svg>")
    }

    /// Of 10 and 40 in two bins 0 and 30 were kept: three quarters of the taller bar's height, no bar in the other bin.
    @Test func keptCellsStandInFrontOfAll() throws {
        let figure = HistogramFigure(
            title: "t", axis: "counts", edges: [0, 1, 2], counts: [10, 40], kept: [0, 30],
            marks: [.init(label: "least", value: 1)])
        let page = read(figure)
        func heights(_ style: String) -> [Double] {
            page.named("rect").filter { $0.attributes["class"] == style && $0.attributes["rx"] == nil }
                .compactMap { Double($0.attributes["height"] ?? "") }
        }
        let (before, kept) = (heights("before"), heights("f0"))
        #expect(before.count == 2 && kept.count == 1)
        #expect(abs(try #require(kept.first) / before[1] - 0.75) < 0.01)
        #expect(page.named("text").map(\.text).contains("least 1.00"))
        #expect(figure.description.contains("Of them 30 were kept"))
        let row: [ReportTable.Cell] = try #require(figure.numbers()).rows[1]
        #expect(row.suffix(2) == [.count(40), .count(30)])
    }

    private func ranked(_ count: Int, limit: Double) -> RankedFigure {
        RankedFigure(
            title: "t", axis: "cells", itemName: "perturbations",
            items: (0..<count).map { .init(name: "drug \($0)", value: Double(($0 * 37) % count + 1)) },
            limit: .init(label: "least", value: limit))
    }

    /// Values 1 … 150: those below 20 are 19, drawn hollow; each of the 150 has one bar.
    @Test func barsBelowTheLimitAreHollow() {
        let page = read(ranked(150, limit: 20))
        func bars(_ style: String) -> Int {
            page.named("path").filter { $0.attributes["class"] == style }
                .reduce(0) { $0 + ($1.attributes["d"] ?? "").count { $0 == "M" } }
        }
        let counts: [Int] = [bars("f0"), bars("hollow")]
        #expect(counts == [131, 19])
        #expect(ranked(150, limit: 20).description.contains("19 below least (20)"))
    }

    @Test func endsOfALongRankAreNamedWithoutOverlap() {
        let figure = ranked(150, limit: 20)
        let names = DrawnText.all(in: figure.drawing()).filter { $0.style == "name" }
        #expect(names.count >= 7)
        #expect(DrawnText.overlaps(names).isEmpty)
        let short = DrawnText.all(in: ranked(12, limit: 2).drawing()).filter { $0.style == "name" }
        #expect(short.count == 12)
    }

    @Test func rankFalls() throws {
        let values = try #require(ranked(11, limit: 2).numbers()).rows.map { $0[1] }
        let falling: [ReportTable.Cell] = (1...11).reversed().map { .number(Double($0)) }
        #expect(values == falling)
    }
}
