/// One row a label, one mark a series: values side by side with their intervals. Series differ in shape and colour.
public struct DotFigure: Codable, Sendable, Equatable, FigureDrawing {
    public struct Row: Codable, Sendable, Equatable {
        public var label: String
        /// One value a series; nil where it is missing.
        public var values: [Estimate?]

        public init(label: String, values: [Estimate?]) {
            self.label = label
            self.values = values
        }
    }

    public var title: String
    public var caption: String
    public var axis: String
    public var series: [String]
    public var rows: [Row]
    /// Values the axis must hold, such as 0 and 1 of a probability.
    public var range: [Double]

    /// Whether a table beside the figure gives its numbers, so that it needs none of its own.
    public var hasTableBeside: Bool

    public init(
        title: String, caption: String = "", axis: String, series: [String], rows: [Row], range: [Double] = [],
        hasTableBeside: Bool = false
    ) {
        for row in rows {
            precondition(row.values.count == series.count, "\(row.values.count) values for \(series.count) series")
        }
        self.title = title
        self.caption = caption
        self.axis = axis
        self.series = series
        self.rows = rows
        self.range = range
        self.hasTableBeside = hasTableBeside
    }

    private var finite: [Double] { rows.flatMap { $0.values.compactMap { $0?.value } }.filter(\.isFinite) }

    var description: String {
        guard let low = finite.min(), let high = finite.max() else { return "Dot plot of \(axis) without values." }
        return "Dot plot of \(axis) for \(rows.count) rows and \(series.count) series "
            + "(\(series.joined(separator: ", "))); values run from \(low.significantText()) to "
            + "\(high.significantText())."
    }

    func drawing() -> Drawing {
        guard !finite.isEmpty else { return emptyDrawing("No values to draw") }
        let width = series.count > 1 ? 560.0 : 420
        let pitch = series.count > 1 ? 30.0 : 22
        let entries = series.enumerated().filter { index, _ in rows.contains { $0.values[index] != nil } }.map {
            index, name in
            Drawing.LegendEntry(sample: .mark(.of(series: index), Drawing.fill(of: index)), text: name)
        }
        let shown = series.count > 1 ? entries : []
        let top = 10 + 18 * Double(Drawing.legendRows(shown, width: width - 16))
        let bottom = top + pitch * Double(rows.count) + 4
        var drawing = Drawing(width: width, height: bottom + 42)
        drawing.legend(shown, x: 8, y: 10, width: width - 16)
        let left = 18 + Drawing.labelWidth(rows.map(\.label), fontSize: 12, limit: 170)
        let bounds = rows.flatMap { row in
            row.values.flatMap { [$0?.value ?? .nan, $0?.lower ?? .nan, $0?.upper ?? .nan] }
        }
        let scale = AxisScale(bounds + range, from: left, to: width - 16)
        drawing.horizontalAxis(scale, y: bottom, top: top, label: axis)
        func middle(_ row: Int) -> Double { top + pitch * (Double(row) + 0.5) }
        let stripes = stride(from: 0, to: rows.count, by: 2).map {
            Drawing.box(x: 0, y: middle($0) - pitch / 2, width: width, height: pitch)
        }
        drawing.path(stripes.joined(), "stripe")
        drawing.texts(
            rows.indices.map { (rows[$0].label, left - 8, middle($0) + 4) }, "", anchor: .end, limit: left - 12)
        for place in series.indices.reversed() {
            let spread = series.count > 1 ? (Double(place) / Double(series.count - 1) - 0.5) * 14 : 0
            var lines = ""
            var marks: [(x: Double, y: Double)] = []
            for (index, row) in rows.enumerated() {
                guard let estimate = row.values[place], estimate.value.isFinite else { continue }
                let y = middle(index) + spread
                func line(_ from: Double, _ to: Double) {
                    lines +=
                        "M\(scale.position(from).coordinateText) \(y.coordinateText)"
                        + "H\(scale.position(to).coordinateText)"
                }
                if let lower = estimate.lower, let upper = estimate.upper, lower.isFinite, upper.isFinite {
                    line(lower, upper)
                }
                if series.count == 1 { line(max(0, scale.lower), estimate.value) }
                marks.append((scale.position(estimate.value), y))
            }
            if !lines.isEmpty { drawing.path(lines, "w\(place % 6)") }
            drawing.marks(.of(series: place), at: marks, radius: place == 0 ? 5 : 4, Drawing.fill(of: place))
        }
        return drawing
    }

    func numbers() -> ReportTable? {
        if hasTableBeside { return nil }
        return ReportTable(
            title: title, columns: [.text("")] + series.map { .number($0) },
            rows: rows.map { row in
                [.text(row.label)] + row.values.map { $0.map { .estimate($0) } ?? .number(.nan) }
            })
    }
}

/// A value with its interval, where there is one.
public struct Estimate: Codable, Sendable, Equatable {
    public var value: Double
    public var lower: Double?
    public var upper: Double?

    public init(_ value: Double, lower: Double? = nil, upper: Double? = nil) {
        self.value = value
        self.lower = lower
        self.upper = upper
    }
}
