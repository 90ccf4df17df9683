/// Small figures side by side in one SVG file that needs no other, with the report's colours in light and dark.
public struct FigureSheet: Sendable, Equatable {
    public var title: String
    public var caption: String
    /// In the order of reading; all are drawn small.
    public var figures: [LineFigure]
    public var columns: Int

    public init(title: String, caption: String = "", figures: [LineFigure], columns: Int = 4) {
        precondition(columns > 0, "a sheet of \(columns) columns")
        self.title = title
        self.caption = caption
        self.figures = figures
        self.columns = columns
    }

    private static let margin = 20.0
    private static let headHeight = 62.0
    private static let titleHeight = 20.0
    private static let gap = 16.0

    /// The file's text.
    public var svg: String {
        let drawings = figures.map { figure in
            var small = figure
            small.small = true
            return small.drawing()
        }
        let across = max(1, min(columns, drawings.count))
        let cell = (drawings.map(\.width).max() ?? 264) + Self.gap
        let rows = stride(from: 0, to: drawings.count, by: across).map {
            Array($0..<min($0 + across, drawings.count))
        }
        var content: [Markup] = []
        var y = Self.headHeight
        for row in rows {
            let height = row.map { drawings[$0].height }.max() ?? 0
            for (column, place) in row.enumerated() {
                var named = Drawing(width: cell, height: 0)
                named.text(figures[place].title, x: 8, y: 12, "strong", limit: cell - Self.gap)
                content.append(
                    .tag(
                        "g",
                        [
                            "transform": "translate(\((Self.margin + Double(column) * cell).coordinateText) "
                                + "\(y.coordinateText))"
                        ],
                        named.content + [
                            .tag("title", [:], figures[place].title), .tag("desc", [:], figures[place].description),
                            .tag(
                                "g",
                                [
                                    // Legends differ in height; the axes of a row stand at one.
                                    "transform": "translate(0 "
                                        + (Self.titleHeight + height - drawings[place].height).coordinateText + ")"
                                ],
                                drawings[place].content),
                        ]))
            }
            y += Self.titleHeight + height + Self.gap
        }
        let width = 2 * Self.margin + Double(across) * cell
        var head = Drawing(width: width, height: y)
        head.text(title, x: Self.margin + 8, y: 26, "strong", limit: width - 2 * Self.margin)
        head.text(caption, x: Self.margin + 8, y: 45, "label", limit: width - 2 * Self.margin)
        let (w, h) = (width.coordinateText, y.coordinateText)
        return Markup.tag(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "class": "fig", "viewBox": "0 0 \(w) \(h)", "width": w,
                "height": h, "role": "img", "font-family": "system-ui, Segoe UI, Roboto, Liberation Sans, sans-serif",
            ],
            [
                .tag("title", [:], title), .tag("desc", [:], caption),
                .tag("style", [:], [.verbatim(ReportStyle.figureSheet)]),
                .tag("rect", ["width": w, "height": h, "style": "fill:var(--paper)"]),
            ] + head.content + content
        ).serialized + "\n"
    }
}
