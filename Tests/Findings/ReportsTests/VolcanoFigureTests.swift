import Foundation
import Testing

@testable import Reports

@Suite struct VolcanoFigureTests {
    /// Three hundred genes; every tenth is moved, the more the surer, so that the named ones crowd together.
    private static let crowded = VolcanoFigure(
        title: "t", axis: "shift",
        genes: (0..<300).map { index -> VolcanoFigure.Gene in
            let noise = FixtureReport.noise(index)
            guard index % 10 == 0 else {
                return .init(name: "GENE\(index)", shift: noise - 0.5, adjustedP: 0.06 + noise * 0.9)
            }
            let side: Double = index % 20 == 0 ? 1.2 : -1.1
            return .init(name: "GENE\(index)", shift: side + noise * 0.2, adjustedP: pow(10, -8 - noise))
        }, leastShift: 0.25, named: 20)

    private func read(_ figure: VolcanoFigure) -> PageReader {
        PageReader("<svg>" + figure.drawing().content.map(\.serialized).joined() + "</svg>")
    }

    @Test func namesOverlapNeitherEachOtherNorTheMarks() {
        let drawing = Self.crowded.drawing()
        let names = DrawnText.all(in: drawing).filter { $0.style == "name" }
        #expect(names.count >= 15, "\(names.count) of 20 names found room")
        #expect(DrawnText.overlaps(names).isEmpty)
        for name in names {
            #expect(name.box.x >= 0 && name.box.x + name.box.width <= drawing.width)
            #expect(name.box.y >= 0 && name.box.y + name.box.height <= drawing.height)
        }
    }

    /// Fifteen up, fifteen down, 270 within: each kind is one path with as many marks.
    @Test func everyGeneIsDrawnOnceOnItsSide() {
        let paths = read(Self.crowded).named("path")
        func marks(_ style: String) -> Int {
            paths.filter { $0.attributes["class"] == style }
                .reduce(0) { $0 + ($1.attributes["d"] ?? "").count { $0 == "M" } }
        }
        let counts: [Int] = [marks("up"), marks("down"), marks("rest")]
        #expect(counts == [15, 15, 270])
        #expect(Self.crowded.description.contains("300 genes: 15 up and 15 down"))
    }

    /// On the thresholds counts as past them; a smaller shift or a larger p does not.
    @Test func bothThresholdsMustBePassed() throws {
        let figure = VolcanoFigure(
            title: "t", axis: "shift",
            genes: [
                .init(name: "on", shift: 0.5, adjustedP: 0.05), .init(name: "small", shift: 0.49, adjustedP: 1e-9),
                .init(name: "unsure", shift: -3, adjustedP: 0.051), .init(name: "down", shift: -0.5, adjustedP: 0.01),
            ], leastShift: 0.5)
        #expect(try #require(figure.numbers()).rows.map { $0[0] } == [.text("down"), .text("on")])
        #expect(read(figure).named("line").filter { $0.attributes["class"] == "cut" }.count == 4)
    }

    /// A p of 0 stands above every finite one, and the legend says so.
    @Test func aPThatIsZeroStandsAtTheTop() {
        let figure = VolcanoFigure(
            title: "t", axis: "shift",
            genes: [.init(name: "a", shift: 1, adjustedP: 0), .init(name: "b", shift: 1, adjustedP: 1e-40)])
        let page = read(figure)
        let path = page.named("path").first { $0.attributes["class"] == "up" }?.attributes["d"] ?? ""
        let heights = path.split(separator: "M").compactMap {
            $0.split(whereSeparator: { " l".contains($0) }).dropFirst().first
        }
        .compactMap { Double($0) }
        #expect(heights.count == 2 && heights[0] < heights[1])
        #expect(page.named("text").contains { $0.text.contains("upper edge") })
    }

    @Test func nothingToDraw() {
        let figure = VolcanoFigure(title: "t", axis: "shift", genes: [.init(name: "a", shift: .nan, adjustedP: 0.1)])
        #expect(figure.description.contains("without values"))
        #expect(read(figure).named("text").map(\.text) == ["No values to draw"])
    }
}
