/// Lines over a number: training curves and dose–response, with intervals as bands and single points as marks.
public struct LineFigure: Codable, Sendable, Equatable, FigureDrawing {
    public struct Point: Codable, Sendable, Equatable {
        public var x: Double
        public var y: Double
        public var lower: Double?
        public var upper: Double?

        public init(x: Double, y: Double, lower: Double? = nil, upper: Double? = nil) {
            self.x = x
            self.y = y
            self.lower = lower
            self.upper = upper
        }
    }

    public struct Series: Codable, Sendable, Equatable {
        public var name: String
        public var points: [Point]
        /// Whether the points are joined by a line.
        public var joined: Bool

        public init(name: String, points: [Point], joined: Bool = true) {
            self.name = name
            self.points = points
            self.joined = joined
        }
    }

    public var title: String
    public var caption: String
    public var horizontalAxis: String
    public var verticalAxis: String
    public var logarithmicX: Bool
    public var logarithmicY: Bool
    public var series: [Series]
    /// A vertical line, such as the step of the weights that were kept.
    public var cut: HistogramFigure.Mark?
    /// Small figures stand side by side as multiples.
    public var small: Bool
    /// Whether a table beside the figure gives its numbers, so that it needs none of its own.
    public var hasTableBeside: Bool
    /// What the vertical axis spans at least, as where several figures are to be compared.
    public var verticalRange: ClosedRange<Double>?

    public init(
        title: String, caption: String = "", horizontalAxis: String, verticalAxis: String, logarithmicX: Bool = false,
        logarithmicY: Bool = false, series: [Series], cut: HistogramFigure.Mark? = nil, small: Bool = false,
        hasTableBeside: Bool = false
    ) {
        self.title = title
        self.caption = caption
        self.horizontalAxis = horizontalAxis
        self.verticalAxis = verticalAxis
        self.logarithmicX = logarithmicX
        self.logarithmicY = logarithmicY
        self.series = series
        self.cut = cut
        self.small = small
        self.hasTableBeside = hasTableBeside
    }

    private var drawable: [Point] { series.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite } }

    var description: String {
        guard !drawable.isEmpty else { return "Line chart of \(verticalAxis) without values." }
        let parts = series.compactMap { line -> String? in
            let points = line.points.filter { $0.x.isFinite && $0.y.isFinite }
            guard let first = points.first, let last = points.last else { return nil }
            return "\(line.name) goes from \(first.y.significantText()) to \(last.y.significantText())"
        }
        return "Line chart of \(verticalAxis) over \(horizontalAxis): " + parts.joined(separator: "; ") + "."
    }

    func drawing() -> Drawing {
        guard !drawable.isEmpty else { return emptyDrawing("No values to draw") }
        let width = small ? 264.0 : 420
        let plot = small ? 118.0 : 180
        let entries = series.enumerated().map { index, line in
            Drawing.LegendEntry(
                sample: line.joined ? .series(index) : .mark(.of(series: index), Drawing.fill(of: index)),
                text: line.name)
        }
        let shown = series.count > 1 ? entries : []
        let top = 28 + 18 * Double(Drawing.legendRows(shown, width: width - 16))
        let bottom = top + plot
        var drawing = Drawing(width: width, height: bottom + 42)
        drawing.legend(shown, x: 8, y: 10, width: width - 16)
        let heights =
            drawable.flatMap { [$0.y, $0.lower ?? .nan, $0.upper ?? .nan] }
            + (verticalRange.map { [$0.lowerBound, $0.upperBound] } ?? [])
        let vertical = AxisScale(
            heights, from: bottom, to: top, kind: logarithmicY ? .logarithmic : .linear, target: 4)
        let left = 14 + Drawing.labelWidth(vertical.ticks.map(\.label), fontSize: 11, limit: 90)
        let horizontal = AxisScale(
            drawable.map(\.x), from: left + 6, to: width - 16, kind: logarithmicX ? .logarithmic : .linear,
            target: small ? 4 : 6, rounded: false)
        drawing.verticalAxis(vertical, x: left, right: width - 10)
        drawing.text(verticalAxis, x: 8, y: top - 13, "tick", limit: width - 16, fontSize: 11)
        drawing.horizontalAxis(horizontal, y: bottom, top: bottom, label: horizontalAxis)
        if !logarithmicY, vertical.lower < 0, vertical.upper > 0 {
            drawing.line(left, vertical.position(0), width - 10, vertical.position(0), "zero")
        }
        if let cut, cut.value.isFinite {
            let x = horizontal.position(cut.value)
            drawing.line(x, top, x, bottom, "cut")
            let before = x > (left + width) / 2
            drawing.text(
                cut.label, x: before ? x - 5 : x + 5, y: top + 10, "tick", anchor: before ? .end : .start,
                limit: before ? x - left : width - x, fontSize: 11)
        }
        for (index, line) in series.enumerated() {
            draw(line, index: index, horizontal: horizontal, vertical: vertical, into: &drawing)
        }
        return drawing
    }

    private func draw(
        _ line: Series, index: Int, horizontal: AxisScale, vertical: AxisScale, into drawing: inout Drawing
    ) {
        let points = line.points.filter { $0.x.isFinite && $0.y.isFinite }
        func place(_ x: Double, _ y: Double) -> String {
            "\(horizontal.position(x).coordinateText) \(vertical.position(y).coordinateText)"
        }
        let banded = points.filter { ($0.lower ?? .nan).isFinite && ($0.upper ?? .nan).isFinite }
        if line.joined, banded.count > 1 {
            let there = banded.map { place($0.x, $0.upper ?? $0.y) }
            let back = banded.reversed().map { place($0.x, $0.lower ?? $0.y) }
            drawing.path("M" + (there + back).joined(separator: "L") + "Z", "b\(index % 6)")
        } else {
            let bars = banded.map { point in
                let x = horizontal.position(point.x)
                let (low, high) = (vertical.position(point.lower ?? 0), vertical.position(point.upper ?? 0))
                return "M\(x.coordinateText) \(low.coordinateText)V\(high.coordinateText)"
            }
            if !bars.isEmpty { drawing.path(bars.joined(), "w\(index % 6)") }
        }
        if line.joined, points.count > 1 {
            drawing.path("M" + points.map { place($0.x, $0.y) }.joined(separator: "L"), Drawing.stroke(of: index))
        }
        guard !line.joined || points.count <= 24 else { return }
        drawing.marks(
            .of(series: index), at: points.map { (horizontal.position($0.x), vertical.position($0.y)) }, radius: 3.6,
            Drawing.fill(of: index))
    }

    func numbers() -> ReportTable? {
        guard !hasTableBeside, series.reduce(0, { $0 + $1.points.count }) <= 400 else { return nil }
        return ReportTable(
            title: title, columns: [.text("series"), .number(horizontalAxis), .number(verticalAxis)],
            rows: series.flatMap { line in
                line.points.map { point in
                    [
                        .text(line.name), .number(point.x),
                        .estimate(Estimate(point.y, lower: point.lower, upper: point.upper)),
                    ]
                }
            })
    }
}
