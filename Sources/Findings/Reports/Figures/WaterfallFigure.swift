/// How parts add up to a whole, row by row: each part is a bar that begins where the one before it ended, and a diamond
/// marks the sum. Parts have a place of their own within a row, in the order of the legend, so that the figure reads
/// without colour.
public struct WaterfallFigure: Codable, Sendable, Equatable, FigureDrawing {
    public struct Row: Codable, Sendable, Equatable {
        public var label: String
        /// One value a part.
        public var parts: [Double]
        /// What the parts make.
        public var total: Double

        public init(label: String, parts: [Double], total: Double) {
            self.label = label
            self.parts = parts
            self.total = total
        }
    }

    public var title: String
    public var caption: String
    public var axis: String
    /// What the parts are, and what their sum is, for the legend.
    public var parts: [String]
    public var totalName: String
    public var rows: [Row]
    /// Whether a table beside the figure gives its numbers, so that it needs none of its own.
    public var hasTableBeside: Bool

    public init(
        title: String, caption: String = "", axis: String, parts: [String], totalName: String, rows: [Row],
        hasTableBeside: Bool = false
    ) {
        for row in rows {
            precondition(row.parts.count == parts.count, "\(row.parts.count) values for \(parts.count) parts")
        }
        self.title = title
        self.caption = caption
        self.axis = axis
        self.parts = parts
        self.totalName = totalName
        self.rows = rows
        self.hasTableBeside = hasTableBeside
    }

    private func isDrawable(_ row: Row) -> Bool { row.total.isFinite && row.parts.allSatisfy(\.isFinite) }

    var description: String {
        guard let first = rows.filter(isDrawable).max(by: { abs($0.total) < abs($1.total) }) else {
            return "Waterfall of \(axis) without values."
        }
        let shares = zip(parts, first.parts).map { "\($0) \($1.significantText())" }.joined(separator: ", ")
        return "Waterfall of \(axis) for \(rows.count.countText("row", "rows")); largest \(first.label) with "
            + "\(first.total.significantText()), made of \(shares)."
    }

    private static let (barHeight, rowGap) = (7.0, 12.0)

    func drawing() -> Drawing {
        guard rows.contains(where: isDrawable), !parts.isEmpty else { return emptyDrawing("No values to draw") }
        let width = 420.0
        let pitch = Self.barHeight * Double(parts.count) + Self.rowGap
        let legend =
            parts.enumerated().map {
                Drawing.LegendEntry(sample: .swatch(Drawing.fill(of: $0.offset)), text: $0.element)
            }
            + [Drawing.LegendEntry(sample: .mark(.diamond, "seen"), text: totalName)]
        let top = 10 + 18 * Double(Drawing.legendRows(legend, width: width - 16))
        let bottom = top + pitch * Double(rows.count) + 4
        var drawing = Drawing(width: width, height: bottom + 42)
        drawing.legend(legend, x: 8, y: 10, width: width - 16)
        let left = 18 + Drawing.labelWidth(rows.map(\.label), fontSize: 12, limit: width * 0.36)
        let ends = rows.filter(isDrawable).flatMap { row -> [Double] in
            var sum = 0.0
            return [0, row.total]
                + row.parts.map { part in
                    sum += part
                    return sum
                }
        }
        let scale = AxisScale(ends, from: left, to: width - 16)
        drawing.horizontalAxis(scale, y: bottom, top: top, label: axis)
        for (index, row) in rows.enumerated() {
            let start = top + pitch * Double(index)
            if index % 2 == 0 { drawing.rectangle(x: 0, y: start, width: width, height: pitch, "stripe") }
            drawing.text(row.label, x: left - 8, y: start + pitch / 2 + 4, anchor: .end, limit: left - 12)
            guard isDrawable(row) else {
                drawing.text("not available", x: scale.position(0) + 6, y: start + pitch / 2 + 4, "tick", fontSize: 11)
                continue
            }
            draw(row, from: start + Self.rowGap / 2, scale, into: &drawing)
        }
        drawing.line(scale.position(0), top, scale.position(0), bottom, "zero")
        return drawing
    }

    private func draw(_ row: Row, from top: Double, _ scale: AxisScale, into drawing: inout Drawing) {
        var sum = 0.0
        var connector = ""
        for (place, part) in row.parts.enumerated() {
            let y = top + Self.barHeight * Double(place)
            let (a, b) = (scale.position(sum), scale.position(sum + part))
            sum += part
            if place > 0 {
                connector += "M\(a.coordinateText) \((y - Self.barHeight).coordinateText)V\(y.coordinateText)"
            }
            guard part != 0 else { continue }
            drawing.rectangle(
                x: min(a, b), y: y, width: max(0.8, abs(b - a)), height: Self.barHeight - 1,
                Drawing.fill(of: place), hint: "\(row.label), \(parts[place]): \(part.significantText())")
        }
        if !connector.isEmpty { drawing.path(connector, "axis") }
        drawing.mark(
            .diamond, x: scale.position(row.total), y: top + Self.barHeight * (Double(row.parts.count) - 0.5),
            radius: 4,
            "seen", hint: "\(row.label), \(totalName): \(row.total.significantText())")
    }

    func numbers() -> ReportTable? {
        if hasTableBeside { return nil }
        return ReportTable(
            title: title, columns: [.text("")] + parts.map { .number($0) } + [.number(totalName)],
            rows: rows.map { row in [.text(row.label)] + row.parts.map { .number($0) } + [.number(row.total)] })
    }
}
