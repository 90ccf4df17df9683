/// Horizontal bars from zero (or from `start`) with intervals as whiskers and a marker for a second value beside.
public struct BarFigure: Codable, Sendable, Equatable, FigureDrawing {
    public struct Bar: Codable, Sendable, Equatable {
        public var label: String
        public var value: Double
        /// Where the bar begins; zero except in a cascade.
        public var start: Double
        public var lower: Double?
        public var upper: Double?
        /// A second value, such as the observed one.
        public var marker: Double?
        /// Whether the label is set in bold, with a dot before it.
        public var emphasised: Bool

        public init(
            label: String, value: Double, start: Double = 0, lower: Double? = nil, upper: Double? = nil,
            marker: Double? = nil, emphasised: Bool = false
        ) {
            self.label = label
            self.value = value
            self.start = start
            self.lower = lower
            self.upper = upper
            self.marker = marker
            self.emphasised = emphasised
        }
    }

    public var title: String
    public var caption: String
    public var axis: String
    /// What the bars, the markers and the emphasised labels are, for the legend.
    public var barName: String
    public var markerName: String
    public var emphasisName: String
    /// Whether a bar's direction carries a colour of its own (up or down).
    public var signed: Bool
    public var bars: [Bar]

    /// Whether a table beside the figure gives its numbers, so that it needs none of its own.
    public var hasTableBeside: Bool

    public init(
        title: String, caption: String = "", axis: String, barName: String = "predicted",
        markerName: String = "observed", emphasisName: String = "attributed target", signed: Bool = true, bars: [Bar],
        hasTableBeside: Bool = false
    ) {
        self.title = title
        self.caption = caption
        self.axis = axis
        self.barName = barName
        self.markerName = markerName
        self.emphasisName = emphasisName
        self.signed = signed
        self.bars = bars
        self.hasTableBeside = hasTableBeside
    }

    var description: String {
        let finite = bars.filter { $0.value.isFinite }
        guard let high = finite.max(by: { $0.value < $1.value }), let low = finite.min(by: { $0.value < $1.value })
        else { return "Bar chart of \(axis) without values." }
        return "Bar chart of \(axis) for \(bars.count) rows; largest \(high.value.significantText()) (\(high.label)), "
            + "smallest \(low.value.significantText()) (\(low.label))."
    }

    private var legend: [Drawing.LegendEntry] {
        var entries: [Drawing.LegendEntry] = []
        if signed {
            entries.append(.init(sample: .swatch("up"), text: "\(barName), up"))
            entries.append(.init(sample: .swatch("down"), text: "\(barName), down"))
        }
        if bars.contains(where: { $0.marker != nil }) {
            entries.append(.init(sample: .mark(.diamond, "seen"), text: markerName))
        }
        if bars.contains(where: { $0.lower != nil }) {
            entries.append(.init(sample: .stroke("whisker"), text: "interval"))
        }
        if bars.contains(where: \.emphasised) {
            entries.append(.init(sample: .mark(.circle, "ink"), text: emphasisName))
        }
        return entries
    }

    func drawing() -> Drawing {
        guard bars.contains(where: { $0.value.isFinite }) else { return emptyDrawing("No values to draw") }
        let width = 420.0
        let pitch = 24.0
        let legendRows = Double(Drawing.legendRows(legend, width: width - 16))
        let top = 10 + 18 * legendRows
        let bottom = top + pitch * Double(bars.count) + 4
        var drawing = Drawing(width: width, height: bottom + 42)
        drawing.legend(legend, x: 8, y: 10, width: width - 16)
        let left = 26 + Drawing.labelWidth(bars.map(\.label), fontSize: 12, limit: width * (signed ? 0.36 : 0.42))
        let all = bars.flatMap { [$0.value, $0.start, $0.lower ?? .nan, $0.upper ?? .nan, $0.marker ?? .nan] }
        let scale = AxisScale(all, from: left, to: width - 16)
        drawing.horizontalAxis(scale, y: bottom, top: top, label: axis)
        func middle(_ row: Int) -> Double { top + pitch * (Double(row) + 0.5) }
        for isEmphasised in [false, true] {
            drawing.texts(
                bars.indices.filter { bars[$0].emphasised == isEmphasised }.map {
                    (bars[$0].label, left - 8, middle($0) + 4)
                }, isEmphasised ? "strong" : "", anchor: .end, limit: left - 24)
        }
        drawing.marks(
            .circle,
            at: bars.indices.filter { bars[$0].emphasised }.map { row in
                let shown = bars[row].label.fitted(to: left - 24, fontSize: 12)
                return (left - 15 - shown.width(fontSize: 12) * 1.1, middle(row))
            }, radius: 3, "ink")
        let known = bars.indices.filter { bars[$0].value.isFinite }
        for style in ["up", "down", "f0"] {
            let boxes = known.filter { row in
                style == (signed ? (bars[row].value < bars[row].start ? "down" : "up") : "f0")
            }.map { row -> String in
                let ends = [scale.position(bars[row].start), scale.position(bars[row].value)]
                return Drawing.box(
                    x: min(ends[0], ends[1]), y: middle(row) - 7, width: max(0.8, abs(ends[1] - ends[0])), height: 14)
            }
            if !boxes.isEmpty { drawing.path(boxes.joined(), "\(style) bar") }
        }
        drawing.whiskers(
            known.compactMap { row in
                guard let lower = bars[row].lower, let upper = bars[row].upper, lower.isFinite, upper.isFinite else {
                    return nil
                }
                return (scale.position(lower), scale.position(upper), middle(row))
            }, "whisker")
        drawing.marks(
            .diamond,
            at: known.compactMap { row in
                guard let marker = bars[row].marker, marker.isFinite else { return nil }
                return (scale.position(marker), middle(row))
            }, radius: 4, "seen")
        drawing.texts(
            bars.indices.filter { !bars[$0].value.isFinite }.map {
                ("not available", scale.position(0) + 6, middle($0) + 4)
            }, "tick", fontSize: 11)
        if scale.lower <= 0 && scale.upper >= 0 {
            drawing.line(scale.position(0), top, scale.position(0), bottom, "zero")
        }
        return drawing
    }

    func numbers() -> ReportTable? {
        if hasTableBeside { return nil }
        let hasInterval = bars.contains { $0.lower != nil }
        let hasMarker = bars.contains { $0.marker != nil }
        return ReportTable(
            title: title,
            columns: [.text(""), .number(barName)] + (hasInterval ? [.number("lower"), .number("upper")] : [])
                + (hasMarker ? [.number(markerName)] : []),
            rows: bars.map { bar in
                [.text(bar.label), .number(bar.value)]
                    + (hasInterval ? [.number(bar.lower ?? .nan), .number(bar.upper ?? .nan)] : [])
                    + (hasMarker ? [.number(bar.marker ?? .nan)] : [])
            })
    }
}
