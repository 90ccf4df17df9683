/// Genes as nodes and causal effects as curved arrows, drawn from top to bottom.
///
/// Width is the probability of an edge. Raising effects end in an arrowhead, lowering ones are dashed and end in a bar, as
/// biologists draw them; the hue only repeats that. Where a truth is given, extra edges carry a
/// wedge, and missed ones are dotted and thin.
public struct NetworkFigure: Codable, Sendable, Equatable, FigureDrawing {
    public var title: String
    public var caption: String
    public var genes: [String]
    public var edges: [NetworkEdge]
    /// Genes that a perturbation acts on: drawn with a filled box.
    public var targets: [String]

    /// Edges whose ends are not among the genes are left out of the drawing.
    public init(title: String, caption: String = "", genes: [String], edges: [NetworkEdge], targets: [String] = []) {
        self.title = title
        self.caption = caption
        self.genes = genes
        self.edges = edges
        self.targets = targets
    }

    /// Edges that end on one side of a gene lie at least this far apart, in pixels.
    static let leastEdgeGap = 6.0

    var description: String {
        let strongest = edges.max { ($0.probability, $1.source) < ($1.probability, $0.source) }
        let ends = strongest.map {
            "; most probable \($0.source) to \($0.target) (\($0.probability.significantText(2)))"
        }
        return "Network of \(genes.count) genes and \(edges.count) directed edges\(ends ?? ""). "
            + "The table of edges gives the same in words."
    }

    func numbers() -> ReportTable? { nil }

    func drawing() -> Drawing {
        var index: [String: Int] = [:]
        let joined = Set(edges.flatMap { [$0.source, $0.target] })
        var shown: [String] = []
        for gene in genes where joined.contains(gene) && index[gene] == nil {
            index[gene] = shown.count
            shown.append(gene)
        }
        let drawable = edges.filter { index[$0.source] != nil && index[$0.target] != nil && $0.source != $0.target }
        guard !drawable.isEmpty else { return emptyDrawing("No edge to draw") }
        // Wide enough for Ensembl's identifiers, which differ at their end, and for all edges to end apart.
        var ends = shown.map { _ in (incoming: 0, outgoing: 0) }
        for edge in drawable {
            ends[index[edge.source, default: 0]].outgoing += 1
            ends[index[edge.target, default: 0]].incoming += 1
        }
        let widths = zip(shown, ends).map { gene, ends in
            max(
                min(150, max(48, gene.width(fontSize: 12) + 20)),
                20 + Self.leastEdgeGap * Double(max(ends.incoming, ends.outgoing) - 1))
        }
        let layout = LayeredLayout(
            widths: widths,
            edges: drawable.map { (index[$0.source, default: 0], index[$0.target, default: 0]) },
            weights: drawable.map { $0.standing == .missed ? -1 : $0.probability.isFinite ? $0.probability : 0 })
        let entries = legend(of: drawable)
        let width = max(layout.width, 420)
        let head = 18 * Double(Drawing.legendRows(entries, width: width - 16)) + 16
        let shift = (width - layout.width) / 2
        var drawing = Drawing(width: width, height: layout.height + head)
        drawing.legend(entries, x: 8, y: 12, width: width - 16)
        // Faint edges first, so that probable ones lie on top.
        for route in layout.routes.sorted(by: {
            (drawable[$0.edge].probability, $0.edge) < (drawable[$1.edge].probability, $1.edge)
        }) {
            let points = route.points.map { (x: $0.x + shift, y: $0.y + head) }
            draw(drawable[route.edge], points: points, upward: route.upward, into: &drawing)
        }
        let marked = Set(targets)
        for (node, gene) in shown.enumerated() {
            let x = layout.centres[node].x + shift
            let y = layout.centres[node].y + head
            let isTarget = marked.contains(gene)
            drawing.rectangle(
                x: x - widths[node] / 2, y: y - 13, width: widths[node], height: 26, radius: 13,
                isTarget ? "node target" : "node", hint: isTarget ? "\(gene), a target" : gene)
            drawing.text(
                gene, x: x, y: y + 4, isTarget ? "ontarget" : "", anchor: .middle, limit: widths[node] - 12)
        }
        return drawing
    }

    private func legend(of edges: [NetworkEdge]) -> [Drawing.LegendEntry] {
        var entries: [Drawing.LegendEntry] = []
        if edges.contains(where: { $0.sign > 0 }) {
            entries.append(.init(sample: .stroke("edge up"), text: "raises (arrow)"))
        }
        if edges.contains(where: { $0.sign < 0 }) {
            entries.append(.init(sample: .stroke("edge down"), text: "lowers (bar)"))
        }
        if edges.contains(where: { $0.sign == 0 && $0.standing != .missed }) {
            entries.append(.init(sample: .stroke("edge flat"), text: "sign unknown"))
        }
        if !targets.isEmpty { entries.append(.init(sample: .swatch("node target"), text: "target")) }
        if edges.contains(where: { $0.standing == .extra }) {
            entries.append(.init(sample: .mark(.wedge, "ink"), text: "not in the truth"))
        }
        if edges.contains(where: { $0.standing == .missed }) {
            entries.append(.init(sample: .stroke("edge missed"), text: "missed"))
        }
        entries.append(.init(sample: .stroke("edge wide"), text: "wider: more probable"))
        return entries
    }

    /// A smooth curve through the points, upright at its ends and wherever it turns, so that it never swings beyond them
    /// (the slopes are those of Fritsch and Carlson, "Monotone piecewise cubic interpolation", 1980).
    private func curve(_ points: [(x: Double, y: Double)]) -> String {
        let slopes = points.indices.map { index -> Double in
            guard index > 0, index < points.count - 1 else { return 0 }
            let (before, here, after) = (points[index - 1], points[index], points[index + 1])
            guard here.y != before.y, after.y != here.y else { return 0 }
            let (a, b) = ((here.x - before.x) / (here.y - before.y), (after.x - here.x) / (after.y - here.y))
            return a * b > 0 ? 2 * a * b / (a + b) : 0
        }
        var data = "M\(points[0].x.coordinateText) \(points[0].y.coordinateText)"
        for index in points.indices.dropFirst() {
            let (a, b) = (points[index - 1], points[index])
            // Longer handles at the ends, where the curve is upright.
            let reach = (b.y - a.y) * (index == 1 || index == points.count - 1 ? 0.45 : 0.33)
            let handles = [a.x + slopes[index - 1] * reach, a.y + reach, b.x - slopes[index] * reach, b.y - reach]
            data += "C" + (handles + [b.x, b.y]).map(\.coordinateText).joined(separator: " ")
        }
        return data
    }

    private func draw(_ edge: NetworkEdge, points: [(x: Double, y: Double)], upward: Bool, into drawing: inout Drawing)
    {
        var points = points
        let last = points.count - 1
        let sense = upward ? -1.0 : 1
        points[0].y += 13 * sense
        points[last].y -= 15 * sense
        let tip = points[last]
        // Leave room for the arrowhead.
        if edge.sign >= 0 { points[last].y -= 5 * sense }
        let data = curve(points)
        let kind = edge.sign > 0 ? "up" : edge.sign < 0 ? "down" : "flat"
        let style = edge.standing == .missed ? "missed" : kind
        let probability = edge.probability.isFinite ? min(max(edge.probability, 0), 1) : 0
        let width = edge.standing == .missed ? 1.2 : 0.8 + 2.8 * probability
        drawing.path("\(data)", "edge \(style)", width: width, hint: edge.text)
        let (x, y) = (tip.x, tip.y)
        if edge.sign < 0 {
            drawing.line(x - 6, y, x + 6, y, "edge bar \(style)")
        } else {
            let base = y - 8 * sense
            drawing.path(
                "M\(x.coordinateText) \(y.coordinateText)L\((x - 4.5).coordinateText) \(base.coordinateText)"
                    + "L\((x + 4.5).coordinateText) \(base.coordinateText)Z", "head \(style)")
        }
        if edge.standing == .extra {
            // Before its target: at their sources edges lie close together.
            let (a, b) = (points[last - 1], points[last])
            drawing.mark(.wedge, x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, radius: 4, "ink", hint: "not in the truth")
        }
    }
}

/// A directed edge of a learnt network.
public struct NetworkEdge: Codable, Sendable, Equatable {
    /// How the edge stands to a known truth or consensus.
    public enum Standing: String, Codable, Sendable { case recovered, missed, extra }

    public var source: String
    public var target: String
    /// Posterior probability of the edge, 0 to 1.
    public var probability: Double
    /// Signed effect of the source on the target; nil where unknown.
    public var effect: Double?
    public var standing: Standing?

    public init(
        source: String, target: String, probability: Double, effect: Double? = nil, standing: Standing? = nil
    ) {
        self.source = source
        self.target = target
        self.probability = probability
        self.effect = effect
        self.standing = standing
    }

    /// 1, −1, or 0 where the effect is unknown or zero.
    var sign: Int {
        guard let effect, effect.isFinite, effect != 0 else { return 0 }
        return effect > 0 ? 1 : -1
    }

    var text: String {
        let strength = effect.map { ", effect \($0.significantText())" } ?? ""
        let stand = standing.map { ", \($0.rawValue)" } ?? ""
        return "\(source) → \(target): probability \(probability.significantText(2))\(strength)\(stand)"
    }
}
