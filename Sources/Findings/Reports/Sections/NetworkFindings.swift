/// The learnt network: a drawing of its probable edges, the matrix of all probabilities, and the edges in a table.
public struct NetworkFindings: Codable, Sendable, Equatable {
    public var genes: [String]
    /// All edges that are worth naming, and the missed ones of a known truth.
    public var edges: [NetworkEdge]
    /// genes × genes: probability of an edge from row to column; may be empty.
    public var probabilities: [[Double]]
    /// Genes that a perturbation acts on.
    public var targets: [String]
    /// Edges below this probability are not drawn.
    public var threshold: Double
    /// What the truth or consensus is, where there is one, and the scores against it.
    public var truthName: String
    public var scores: [ReportFact]
    /// Most genes and edges that are drawn, most rows of the table.
    public var drawnGenes: Int
    public var drawnEdges: Int
    public var listedEdges: Int

    public init(
        genes: [String], edges: [NetworkEdge], probabilities: [[Double]] = [], targets: [String] = [],
        threshold: Double = 0.5, truthName: String = "", scores: [ReportFact] = [], drawnGenes: Int = 60,
        drawnEdges: Int = 90, listedEdges: Int = 50
    ) {
        self.genes = genes
        self.edges = edges
        self.probabilities = probabilities
        self.targets = targets
        self.threshold = threshold
        self.truthName = truthName
        self.scores = scores
        self.drawnGenes = drawnGenes
        self.drawnEdges = drawnEdges
        self.listedEdges = listedEdges
    }

    public var section: ReportSection {
        let ranked = edges.enumerated().sorted {
            ($1.element.probability, $0.offset) < ($0.element.probability, $1.offset)
        }.map(\.element)
        let probable = ranked.filter { $0.probability >= threshold && $0.standing != .missed }
        var blocks: [ReportBlock] = []
        if !scores.isEmpty { blocks.append(.facts(scores)) }
        let shown = drawable(probable + ranked.filter { $0.standing == .missed })
        let drawnProbable = shown.filter { $0.standing != .missed }.count
        let joined = Set(shown.flatMap { [$0.source, $0.target] })
        let alone = genes.filter { !joined.contains($0) }
        var caption = "Edges of probability \(threshold.shortText(2)) or more"
        if drawnProbable < probable.count { caption += ", the \(drawnProbable) most probable of \(probable.count)" }
        caption += "; an arrow from a gene to another says that the first acts on the second."
        let joinedByAny = Set(probable.flatMap { [$0.source, $0.target] })
        let lessProbable = alone.filter(joinedByAny.contains).count
        if lessProbable > 0 {
            caption +=
                " \(alone.count.countText("gene is", "genes are")) not drawn: \(lessProbable.countText) with less "
                + "probable edges, and \((alone.count - lessProbable).countText) without such an edge."
        } else if !alone.isEmpty {
            let names = alone.prefix(12).joined(separator: ", ") + (alone.count > 12 ? ", …" : "")
            caption += " Not drawn (\(alone.count.countText("gene", "genes")) without such an edge): \(names)."
        }
        blocks.append(
            .figure(
                .network(
                    NetworkFigure(
                        title: "Learnt network", caption: caption, genes: genes, edges: shown, targets: targets)),
                table: "edges"))
        if isMatrixShown {
            blocks.append(.figure(.heatmap(matrix), table: "edges"))
        }
        blocks.append(.table(table(ranked)))
        return ReportSection(
            title: "The learnt network",
            lead: "In the fitted model \(probable.count.countText("edge", "edges")) among "
                + "\(genes.count.countText("gene", "genes")) \(probable.count == 1 ? "has" : "have") a probability of "
                + "\(threshold.shortText(2)) or more.", blocks: blocks, tables: [edgeTable])
    }

    private var isMatrixShown: Bool { (1...60).contains(genes.count) && probabilities.count == genes.count }

    /// All pairs where all are drawn, else the edges worth naming: pairs grow with the square of the genes.
    private var edgeTable: FigureTable {
        let named = Dictionary(edges.map { ([$0.source, $0.target], $0) }, uniquingKeysWith: { first, _ in first })
        let pairs =
            isMatrixShown
            ? genes.indices.flatMap { row in
                genes.indices.filter { $0 != row }.map { (genes[row], genes[$0], probabilities[row][$0]) }
            } : edges.map { ($0.source, $0.target, $0.probability) }
        return FigureTable(
            name: "edges", title: "Probabilities of edges of the fitted network",
            columns: ["source", "target", "probability", "effect", "beside_truth"],
            rows: pairs.map { source, target, probability in
                let edge = named[[source, target]]
                return [
                    .text(source), .text(target), .optional(probability), .optional(edge?.effect),
                    edge?.standing.map { .text($0.rawValue) } ?? .missing,
                ]
            })
    }

    /// The first edges that stay within the limits of what a drawing can show.
    private func drawable(_ ranked: [NetworkEdge]) -> [NetworkEdge] {
        var joined: Set<String> = []
        var kept: [NetworkEdge] = []
        for edge in ranked where kept.count < drawnEdges {
            let grown = joined.union([edge.source, edge.target])
            guard grown.count <= drawnGenes else { continue }
            joined = grown
            kept.append(edge)
        }
        return kept
    }

    private var matrix: HeatmapFigure {
        var place: [String: Int] = [:]
        for (index, gene) in genes.enumerated() where place[gene] == nil { place[gene] = index }
        let known = edges.filter { $0.standing == .recovered || $0.standing == .missed }
        return HeatmapFigure(
            title: "Probability of every edge", caption: "Rows act on columns.", rowName: "source",
            columnName: "target", valueName: "probability", rows: genes, columns: genes, values: probabilities,
            outlined: known.compactMap { edge in
                guard let row = place[edge.source], let column = place[edge.target] else { return nil }
                return [row, column]
            }, outlineName: truthName.isEmpty ? "" : "edge of \(truthName)", fullShade: 1)
    }

    private func table(_ ranked: [NetworkEdge]) -> ReportTable {
        let listed = ranked.prefix(listedEdges)
        let hasStanding = ranked.contains { $0.standing != nil }
        let title = listed.count < ranked.count ? "The \(listed.count) most probable edges" : "Edges"
        return ReportTable(
            title: title,
            columns: [.text("source"), .text("target"), .number("probability"), .number("effect")]
                + (hasStanding ? [.text("beside \(truthName.isEmpty ? "the truth" : truthName)")] : []),
            rows: listed.map { edge in
                [
                    .text(edge.source), .text(edge.target), .share(edge.probability), .number(edge.effect ?? .nan),
                ] + (hasStanding ? [edge.standing.map { .tag($0.rawValue) } ?? .text("")] : [])
            })
    }
}
