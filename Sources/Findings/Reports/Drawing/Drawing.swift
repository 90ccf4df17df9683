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
                    "font-size": fontSize == (["tick", "name"].contains(style) ? 11 : 12)
                        ? nil : fontSize.coordinateText,
                ], [.text(shown)] + (shown == text ? [] : Drawing.hint(text))))
    }

    /// Texts of one style and anchor, which are written once for all of them.
    mutating func texts(
        _ entries: [(text: String, x: Double, y: Double)], _ style: String, anchor: Anchor = .start,
        limit: Double = .infinity, fontSize: Double = 12
    ) {
        guard !entries.isEmpty else { return }
        let children = entries.map { entry -> Markup in
            let shown = entry.text.fitted(to: limit, fontSize: fontSize)
            return .tag(
                "text", ["x": entry.x.coordinateText, "y": entry.y.coordinateText],
                [.text(shown)] + (shown == entry.text ? [] : Drawing.hint(entry.text)))
        }
        add(
            .tag(
                "g",
                [
                    "class": style.isEmpty ? nil : style, "text-anchor": anchor == .start ? nil : anchor.rawValue,
                ], children))
    }

    /// A rectangle as a piece of a path, so that many can share one.
    static func box(x: Double, y: Double, width: Double, height: Double) -> String {
        "M\(x.coordinateText) \(y.coordinateText)h\(width.coordinateText)v\(height.coordinateText)"
            + "h\((-width).coordinateText)z"
    }

    /// Level whiskers with short ends as one path.
    mutating func whiskers(_ ranges: [(lower: Double, upper: Double, y: Double)], _ style: String) {
        guard !ranges.isEmpty else { return }
        let data = ranges.map { range in
            let (a, b) = (range.lower.coordinateText, range.upper.coordinateText)
            return "M\(a) \((range.y - 4).coordinateText)v8M\(a) \(range.y.coordinateText)"
                + "H\(b)m0-4v8"
        }
        path(data.joined(), style)
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

    /// Many marks of one shape as a single path.
    mutating func marks(_ shape: MarkShape, at places: [(x: Double, y: Double)], radius: Double, _ style: String) {
        guard !places.isEmpty else { return }
        let first = shape.corners.first ?? (-1, 0)
        let sides = zip(shape.corners, shape.corners.dropFirst()).map { a, b in
            "l\(((b.0 - a.0) * radius).coordinateText) \(((b.1 - a.1) * radius).coordinateText)"
        }
        let (r, across) = (radius.coordinateText, (2 * radius).coordinateText)
        let outline =
            shape == .circle ? "a\(r) \(r) 0 1 0 \(across) 0a\(r) \(r) 0 1 0-\(across) 0" : sides.joined() + "z"
        path(
            places.map {
                "M\(($0.x + first.0 * radius).coordinateText) \(($0.y + first.1 * radius).coordinateText)" + outline
            }.joined(), style)
    }

    /// Many dots as a single path: strokes of no length with round ends, whose width is the style's.
    mutating func dots(_ places: [(x: Double, y: Double)], _ style: String) {
        guard !places.isEmpty else { return }
        path(places.map { "M\($0.x.coordinateText) \($0.y.coordinateText)h0" }.joined(), style)
    }

    private static func hint(_ text: String?) -> [Markup] { text.map { [.tag("title", [:], $0)] } ?? [] }

    static func opacityText(_ value: Double) -> String {
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
