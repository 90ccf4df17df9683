import Testing

@testable import Reports

@Suite struct FigureTests {
    static let hostile =
        "<script>alert(\"x\")</script> & 'α→β' ]]> \u{0} \u{FFFE} 很长 " + String(repeating: "name ", count: 60)

    /// A figure set into a page and read back.
    private func read(_ figures: [ReportFigure]) -> PageReader {
        PageReader(
            MechanismReport(
                title: Self.hostile,
                sections: [ReportSection(title: Self.hostile, blocks: figures.map { .figure($0) })]
            ).html())
    }

    private func figures(labels: [String], values: [Double]) -> [ReportFigure] {
        let name = labels.first ?? ""
        let edges = labels.flatMap { a in
            labels.map { NetworkEdge(source: a, target: $0, probability: values.first ?? 0, effect: values.last) }
        }
        return [
            .bars(
                BarFigure(
                    title: name, axis: name,
                    bars: zip(labels, values).map {
                        .init(label: $0, value: $1, lower: $1, upper: $1, marker: $1, emphasised: true)
                    })),
            .dots(
                DotFigure(
                    title: name, axis: name, series: [name, "b"],
                    rows: zip(labels, values).map {
                        .init(label: $0, values: [Estimate($1, lower: $1, upper: $1), nil])
                    })),
            .lines(
                LineFigure(
                    title: name, horizontalAxis: name, verticalAxis: name, logarithmicX: true, logarithmicY: true,
                    series: labels.map { label in
                        .init(name: label, points: values.map { .init(x: $0, y: $0, lower: $0, upper: $0) })
                    }, cut: .init(label: name, value: .nan))),
            .heatmap(
                HeatmapFigure(
                    title: name, rowName: name, columnName: name, valueName: name, rows: labels, columns: labels,
                    values: labels.map { _ in labels.indices.map { values[$0 % max(values.count, 1)] } },
                    scale: .diverging, outlined: [[0, 0], [99, 1], []], outlineName: name)),
            .network(NetworkFigure(title: name, genes: labels, edges: edges, targets: labels)),
            .histogram(
                HistogramFigure(
                    title: name, axis: name, edges: values, counts: values.dropFirst().map { _ in 3 },
                    kept: values.dropFirst().map { _ in 2 }, marks: [.init(label: name, value: values.first ?? .nan)])),
            .volcano(
                VolcanoFigure(
                    title: name, axis: name,
                    genes: zip(labels, values).map { .init(name: $0, shift: $1, adjustedP: abs($1)) })),
            .ranked(
                RankedFigure(
                    title: name, axis: name, itemName: name,
                    items: zip(labels, values).map { .init(name: $0, value: $1) },
                    limit: .init(label: name, value: values.first ?? .nan))),
        ]
    }

    @Test func hostileNamesAreEscaped() {
        let reader = read(figures(labels: [Self.hostile, "B&B", ""], values: [1, 2, 3]))
        #expect(reader.isWellFormed, "\(reader.problem)")
        // The page's own, and none of the name's.
        #expect(reader.named("script").count == 1)
        let whole = Self.hostile.replacingControls
        #expect(reader.named("title").contains { $0.text == whole })
    }

    @Test(
        arguments: [
            [], [.nan], [0], [1], [-1], [.infinity, -.infinity, .nan], [1e300, -1e300], [5, 5, 5], [1e-300, 2e-300, 3],
        ] as [[Double]])
    func oddValuesStillDraw(values: [Double]) {
        let labels = values.indices.map { "gene \($0)" }
        let reader = read(figures(labels: labels, values: values))
        #expect(reader.isWellFormed, "\(reader.problem)")
        #expect(reader.named("svg").count == 8)
        let numbers = reader.elements.flatMap { element in
            ["x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "width", "height", "d", "points"]
                .compactMap { element.attributes[$0] }
        }
        #expect(numbers.allSatisfy { !$0.contains("nan") && !$0.contains("inf") })
        let sizes = reader.named("rect").flatMap { [$0.attributes["width"], $0.attributes["height"]] }
        #expect(sizes.allSatisfy { Double($0 ?? "-1") ?? -1 >= 0 })
    }

    @Test func longNamesEndInAnEllipsisAndStayWhole() {
        let long = "Tanespimycin and a very long tail of words that no axis can hold"
        let bars = BarFigure(title: "t", axis: "a", bars: [.init(label: long, value: 1)])
        let text = bars.drawing().content.map(\.serialized).joined()
        #expect(text.contains("…<title>\(long)</title>"))
        #expect(long.fitted(to: 80, fontSize: 12).width(fontSize: 12) <= 80)
        #expect("MYC".fitted(to: 80, fontSize: 12) == "MYC")
    }

    @Test func everyFigureStaysWithinItsDrawing() {
        for figure in figures(labels: (0..<14).map { "gene \($0)" }, values: (0..<14).map { Double($0) - 3 }) {
            let drawing = figure.drawn.drawing()
            let reader = PageReader("<svg>" + drawing.content.map(\.serialized).joined() + "</svg>")
            for element in reader.named("rect") {
                let x = Double(element.attributes["x"] ?? "") ?? .nan
                let width = Double(element.attributes["width"] ?? "") ?? .nan
                #expect(x >= -0.1 && x + width <= drawing.width + 0.1)
            }
        }
    }

    /// 1.5 is a quarter of the way from 0 to 6; the bar must end there.
    @Test func barEndsAtItsValue() throws {
        let figure = BarFigure(
            title: "t", axis: "a", bars: [.init(label: "a", value: 6), .init(label: "b", value: 1.5)])
        let reader = PageReader("<svg>" + figure.drawing().content.map(\.serialized).joined() + "</svg>")
        let boxes = reader.named("path").first { $0.attributes["class"] == "up bar" }?.attributes["d"] ?? ""
        let widths = boxes.split(separator: "M").compactMap { Double($0.split { "hv".contains($0) }[1]) }
        #expect(widths.count == 2)
        #expect(abs(try #require(widths.last) / widths[0] - 0.25) < 0.001)
    }
}

extension String {
    /// As the page shows it: what XML forbids becomes U+FFFD.
    fileprivate var replacingControls: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { $0.value < 0x20 || $0.value == 0xFFFE ? "\u{FFFD}" : $0 }))
    }
}
