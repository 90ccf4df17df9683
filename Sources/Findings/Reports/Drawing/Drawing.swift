/// A drawing in pixels, y downwards: what a figure becomes before it is set into the page as SVG.
///
/// Colours are classes of the stylesheet, so that a drawing follows the light or dark page and the print.
struct Drawing {
    let width: Double
    let height: Double
    private(set) var content: [Markup] = []

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    enum Anchor: String { case start, middle, end }

    mutating func add(_ piece: Markup) { content.append(piece) }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
        add(
            .tag(
                "line",
                [
                    "x1": x1.coordinateText, "y1": y1.coordinateText, "x2": x2.coordinateText,
                    "y2": y2.coordinateText, "class": style,
                ]))
    }

    mutating func path(_ data: String, _ style: String, width: Double? = nil, hint: String? = nil) {
        add(.tag("path", ["d": data, "class": style, "stroke-width": width?.coordinateText], Drawing.hint(hint)))
    }

    mutating func rectangle(
        x: Double, y: Double, width: Double, height: Double, radius: Double = 0, _ style: String,
        opacity: Double? = nil, hint: String? = nil
    ) {
        add(
            .tag(
                "rect",
                [
                    "x": x.coordinateText, "y": y.coordinateText, "width": max(0, width).coordinateText,
                    "height": max(0, height).coordinateText, "rx": radius > 0 ? radius.coordinateText : nil,
                    "class": style, "fill-opacity": opacity.map { Drawing.opacityText($0) },
                ], Drawing.hint(hint)))
    }

    /// Text, cut to `limit` pixels; the whole of it stays in the hint.
    mutating func text(
        _ text: String, x: Double, y: Double, _ style: String = "", anchor: Anchor = .start, limit: Double = .infinity,
        fontSize: Double = 12, turned: Double? = nil
    ) {
        let shown = text.fitted(to: limit, fontSize: fontSize)
        let turn = turned.map { "rotate(\($0.coordinateText) \(x.coordinateText) \(y.coordinateText))" }
        add(
            .tag(
                "text",
                [
                    "x": x.coordinateText, "y": y.coordinateText, "class": style.isEmpty ? nil : style,
                    "text-anchor": anchor == .start ? nil : anchor.rawValue, "transform": turn,
                    "font-size": fontSize == (style == "tick" ? 11 : 12) ? nil : fontSize.coordinateText,
                ], [.text(shown)] + (shown == text ? [] : Drawing.hint(text))))
    }

    /// A mark whose shape tells the series apart without its colour.
    mutating func mark(_ shape: MarkShape, x: Double, y: Double, radius: Double, _ style: String, hint: String? = nil) {
        if shape == .circle {
            let place: KeyValuePairs<String, String?> = [
                "cx": x.coordinateText, "cy": y.coordinateText, "r": radius.coordinateText, "class": style,
            ]
            add(.tag("circle", place, Drawing.hint(hint)))
        } else {
            let corners = shape.corners.map {
                "\((x + $0.0 * radius).coordinateText),\((y + $0.1 * radius).coordinateText)"
            }
            add(.tag("polygon", ["points": corners.joined(separator: " "), "class": style], Drawing.hint(hint)))
        }
    }

    private static func hint(_ text: String?) -> [Markup] { text.map { [.tag("title", [:], $0)] } ?? [] }

    private static func opacityText(_ value: Double) -> String {
        let hundredths = Int((min(max(value, 0), 1) * 100).rounded())
        return hundredths == 100 ? "1" : hundredths < 10 ? ".0\(hundredths)" : ".\(hundredths)"
    }

    /// The drawing as an SVG element with a title and a description that assistive technology reads.
    func svg(title: String, description: String, id: String) -> Markup {
        .tag(
            "svg",
            [
                "class": "fig", "viewBox": "0 0 \(width.coordinateText) \(height.coordinateText)", "role": "img",
                "aria-labelledby": "\(id)-t \(id)-d",
                "style": "max-width:\(Int(width))px;min-width:\(Int(min(width, max(250, width * 0.8))))px",
            ], [.tag("title", ["id": "\(id)-t"], title), .tag("desc", ["id": "\(id)-d"], description)] + content)
    }
}

/// Shapes of marks, in the order in which series take them.
enum MarkShape: CaseIterable {
    case circle, diamond, square, triangle, hexagon, wedge

    static func of(series index: Int) -> MarkShape { allCases[index % allCases.count] }

    /// Corners about the centre, in radii.
    fileprivate var corners: [(Double, Double)] {
        switch self {
        case .circle: []
        case .diamond: [(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)]
        case .square: [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]
        case .triangle: [(0, -1.15), (1.1, 0.85), (-1.1, 0.85)]
        case .hexagon: [(-0.6, -1), (0.6, -1), (1.2, 0), (0.6, 1), (-0.6, 1), (-1.2, 0)]
        case .wedge: [(-1.1, -0.85), (1.1, -0.85), (0, 1.15)]
        }
    }
}
