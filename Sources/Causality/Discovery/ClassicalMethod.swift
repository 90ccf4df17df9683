import AnnotatedData
import Graphs
import Matrices
import Networks
import Probability
import Structure

/// The classical methods by the names under which they are asked for.
public enum ClassicalMethod: String, CaseIterable, Sendable {
    case correlation
    case partialCorrelation = "partial-correlation"
    case meanShift = "mean-shift"
    case hillClimb = "hill-climb"
    case cam
    case lingam

    /// What the score of an edge is.
    public var score: String {
        switch self {
        case .correlation: "absolute Pearson correlation, the same in both directions"
        case .partialCorrelation: "absolute partial correlation (Ledoit-Wolf), the same in both directions"
        case .meanShift:
            "s / (1 + s), s the shift of the target under an intervention on the source in standard deviations"
        case .hillClimb:
            "share of \(HillClimbing.bootstraps) bootstraps in which a greedy search for the best BIC has the edge"
        case .cam: "share of \(AdditiveModels.bootstraps) bootstraps in which a causal additive model has the edge"
        case .lingam: "w / (1 + w), w the absolute weight of DirectLiNGAM"
        }
    }

    private var method: any DiscoveryMethod {
        switch self {
        case .correlation: Correlations()
        case .partialCorrelation: PartialCorrelations()
        case .meanShift: MeanShifts()
        case .hillClimb: HillClimbing()
        case .cam: AdditiveModels()
        case .lingam: LinearNonGaussianModel()
        }
    }

    /// Cells that are read: 20,000 where options leave it open, since the slower methods search them many times.
    public static func cellsAtMost(_ options: StructureOptions) -> Int {
        options.cellsAtMost > 0 ? options.cellsAtMost : 20_000
    }

    /// Scores of all edges, in the place of beliefs.
    ///
    /// The order of cells makes no difference, to the last bit; that of genes only arranges the result.
    /// - Parameters:
    ///   - options: Limits the cells; seeds their choice and the bootstraps.
    /// - Throws: `DiscoveryError` where the cells are not what the method needs.
    public func discover(
        in cells: InterventionalCells, options: StructureOptions = StructureOptions(), workers: Workers = Workers()
    ) throws(DiscoveryError) -> DiscoveredEdges {
        let d = cells.genes.count
        let method = method
        guard d <= method.mostGenes else {
            throw DiscoveryError(
                code: "TOO_MANY_GENES", element: rawValue,
                message: "expected at most \(method.mostGenes) genes, found \(d)",
                remedy: "choose a panel with topGenes")
        }
        guard cells.values.rows > 1 else {
            throw DiscoveryError(
                code: "TOO_FEW_CELLS", element: rawValue,
                message: "expected at least 2 cells, found \(cells.values.rows)",
                remedy: "give more cells")
        }
        let stream = RandomStream(seed: options.seed).stream("discovery")
        var notices = cells.notices
        let order = ContentOrder(values: cells.values, labels: cells.labels)
        var chosen = order.cells
        let limit = Self.cellsAtMost(options)
        if chosen.count > limit {
            var drawing = stream.stream("cells")
            notices.append(
                Notice(
                    code: "CELLS_DRAWN",
                    message: "Structure was read from \(limit) of \(chosen.count) cells, drawn at random."))
            chosen = drawing.choice(limit, of: chosen.count).sorted().map { order.cells[$0] }
        }
        func arranged(_ matrix: Matrix<Float>) -> Matrix<Float> {
            matrix.selectingRows(chosen).selectingColumns(order.genes)
        }
        let names = order.genes.map { cells.genes[$0] }
        let data = try DiscoveryData(
            values: arranged(cells.values), interventions: cells.interventions.map(arranged), genes: names)
        let scores = try method.scores(of: data, stream: stream.stream(rawValue), workers: workers)

        var probabilities = [Float](repeating: 0, count: d * d)
        for (a, source) in order.genes.enumerated() {
            for (b, target) in order.genes.enumerated() where a != b {
                probabilities[source * d + target] = Float(scores.values[a * d + b])
            }
        }
        let constant = order.genes.indices.filter { data.deviations[$0] == 0 }
        let silences = [Scores.Silence(code: "CONSTANT_GENES", genes: constant, reason: "they are constant")]
        for silence in silences + scores.silences where !silence.genes.isEmpty {
            let genes = silence.genes.map { order.genes[$0] }.sorted().map { cells.genes[$0] }
            let list = genes.prefix(5).joined(separator: ", ") + (genes.count > 5 ? ", …" : "")
            notices.append(
                Notice(
                    code: silence.code,
                    message: "Scores are 0 for \(genes.count) of \(d) genes, as \(silence.reason): \(list)."))
        }
        notices.append(
            Notice(
                code: "SCORES",
                message: "The column probability holds scores of \(rawValue), no calibrated probabilities: \(score)."))
        return DiscoveredEdges(
            beliefs: EdgeBeliefs(genes: cells.genes, probabilities: probabilities), notices: notices)
    }
}

/// What a classical method found, in the form of beliefs, and what one should know of it.
public struct DiscoveredEdges: Sendable, Equatable {
    public let beliefs: EdgeBeliefs
    public let notices: [Notice]
}
