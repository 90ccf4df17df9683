/// Many values in falling order, one thin bar each, such as the cells of every perturbation; what falls below a limit is
/// hollow, and the largest and the smallest are named (all, where there is room).
public struct RankedFigure: Codable, Sendable, Equatable, FigureDrawing {
    public struct Item: Codable, Sendable, Equatable {
        public var name: String
        public var value: Double

        public init(name: String, value: Double) {
            self.name = name
            self.value = value
        }
    }

    public var title: String
    public var caption: String
    /// What a value is, such as `cells`, and what has it, such as `perturbations`.
    public var axis: String
    public var itemName: String
    /// In any order; those whose value is no number are not drawn.
    public var items: [Item]
    /// Below this a value counts as too small.
    public var limit: HistogramFigure.Mark?
    /// Whether bars stand on a logarithmic axis.
    public var logarithmic: Bool

    public init(
        title: String, caption: String = "", axis: String, itemName: String, items: [Item],
        limit: HistogramFigure.Mark? = nil, logarithmic: Bool = false
    ) {
        self.title = title
        self.caption = caption
        self.axis = axis
        self.itemName = itemName
        self.items = items
        self.limit = limit
        self.logarithmic = logarithmic
    }

    private var ranked: [Item] {
        items.filter(\.value.isFinite).sorted { ($1.value, $0.name) < ($0.value, $1.name) }
    }

    private func isShort(_ item: Item) -> Bool { limit.map { item.value < $0.value } ?? false }

    var description: String {
        let ranked = ranked
        guard let first = ranked.first, let last = ranked.last else { return "Ranked bars of \(axis) without values." }
        let short = ranked.filter(isShort).count
        let below = limit.map { "; \(short.countText) below \($0.label) (\($0.value.shortText()))" } ?? ""
        return "Ranked bars of \(axis) for \(ranked.count.countText) \(itemName), from \(first.value.shortText()) "
            + "(\(first.name)) to \(last.value.shortText()) (\(last.name)); median "
            + "\(ranked[ranked.count / 2].value.shortText())\(below)."
    }

    func drawing() -> Drawing {
        let ranked = ranked
        guard !ranked.isEmpty else { return emptyDrawing("No values to draw") }
        let width = 560.0
        let namesAll = ranked.count <= 28
        let foot = namesAll ? Drawing.labelWidth(ranked.map(\.name), fontSize: 11, limit: 110) + 10 : 20
        var legend: [Drawing.LegendEntry] = []
        if let limit {
            legend.append(.init(sample: .stroke("cut"), text: "\(limit.label) \(limit.value.shortText())"))
            if ranked.contains(where: isShort) { legend.append(.init(sample: .swatch("hollow"), text: "below it")) }
        }
        let top = 26 + 18 * Double(Drawing.legendRows(legend, width: width - 16))
        let bottom = top + 170
        var drawing = Drawing(width: width, height: bottom + foot + 22)
        drawing.legend(legend, x: 8, y: 10, width: width - 16)
        let vertical = AxisScale(
            ranked.map(\.value) + [limit?.value ?? .nan] + (logarithmic ? [] : [0]), from: bottom, to: top,
            kind: logarithmic ? .logarithmic : .linear, target: 4)
        let left = 14 + Drawing.labelWidth(vertical.ticks.map(\.label), fontSize: 11, limit: 90)
        let pitch = (width - 12 - left) / Double(ranked.count)
        drawing.verticalAxis(vertical, x: left, right: width - 10)
        drawing.text(axis, x: 8, y: top - 11, "tick", limit: width - 16, fontSize: 11)
        // Logarithmic bars stand on the axis, others on zero.
        let ground = logarithmic ? bottom : vertical.position(0)
        let gap = pitch > 4 ? 1.0 : 0
        func bar(_ rank: Int) -> String {
            let level = vertical.position(ranked[rank].value)
            let start = left + pitch * Double(rank) + gap / 2
            return "M\(start.coordinateText) \(ground.coordinateText)V\(level.coordinateText)"
                + "h\((pitch - gap).coordinateText)V\(ground.coordinateText)z"
        }
        for (style, short) in [("f0", false), ("hollow", true)] {
            let bars = ranked.indices.filter { isShort(ranked[$0]) == short }
            if !bars.isEmpty { drawing.path(bars.map(bar).joined(), style) }
        }
        drawing.line(left, ground, width - 12, ground, "axis")
        if let limit, limit.value.isFinite {
            drawing.line(left, vertical.position(limit.value), width - 10, vertical.position(limit.value), "cut")
        }
        if namesAll {
            for (rank, item) in ranked.enumerated() {
                let x = left + pitch * (Double(rank) + 0.5) + 4
                drawing.text(
                    item.name, x: x, y: bottom + 8, "name", anchor: .end, limit: 110, fontSize: 11, turned: -90)
            }
        } else {
            nameEnds(
                ranked, at: { (left + pitch * (Double($0) + 0.5), vertical.position(ranked[$0].value)) },
                within: .init(x: left, y: top - 4, width: width - 8 - left, height: bottom - top), &drawing)
        }
        drawing.text(
            "\(ranked.count.countText) \(itemName), most \(axis) first", x: (left + width - 12) / 2,
            y: bottom + foot + 12, "label", anchor: .middle, limit: width - left)
        return drawing
    }

    /// Names the three largest and the six smallest above their bars, where there is room.
    private func nameEnds(
        _ ranked: [Item], at place: (Int) -> (x: Double, y: Double), within bounds: LabelPlacement.Box,
        _ drawing: inout Drawing
    ) {
        let bars = ranked.indices.map { rank -> LabelPlacement.Box in
            let point = place(rank)
            return .init(x: point.x - 1, y: point.y, width: 2, height: max(0, bounds.y + bounds.height - point.y))
        }
        var labels = LabelPlacement(bounds: bounds, keptFree: bars, distances: Array(stride(from: 2, to: 140, by: 12)))
        for rank in Array(ranked.indices.suffix(6).reversed()) + Array(ranked.indices.prefix(3)) {
            let point = place(rank)
            let text = ranked[rank].name.fitted(to: 110, fontSize: 11)
            let size = text.width(fontSize: 11)
            guard let found = labels.place(width: size, height: 12, x: point.x, y: point.y, radius: 2) else { continue }
            let middle = found.box.x + size / 2
            if found.isFar {
                let end =
                    middle < point.x - size / 2
                    ? found.box.x + size + 1 : middle > point.x + size / 2 ? found.box.x - 1 : middle
                drawing.line(point.x, point.y, end, found.box.y + (end == middle ? 12 : 6), "leader")
            }
            drawing.text(
                ranked[rank].name, x: middle, y: found.box.y + 10, "name", anchor: .middle, limit: 110, fontSize: 11)
        }
    }

    func numbers() -> ReportTable? {
        let ranked = ranked
        guard ranked.count <= 400 else { return nil }
        return ReportTable(
            title: title, columns: [.text(itemName), .number(axis)],
            rows: ranked.map { [.text($0.name), .number($0.value)] })
    }
}
