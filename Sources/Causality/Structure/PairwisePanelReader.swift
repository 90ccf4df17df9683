import Networks
import Probability
import Tensors

/// Reads panels through statistics of their pairs of genes.
struct PairwisePanelReader: PanelReader {
    private let network: PairwiseNetwork
    private let weights: Weights
    /// Where the statistics that the network reads lie among those computed, which may be more.
    private let columns: [Int]
    private let support: TrainingSupport?
    /// Of the statistics that the support sums up.
    private let supportColumns: [Int]
    let needsCounts = false

    /// The memory of the statistics follows the values read, their time too.
    func usualCells(genes: Int) -> Int { 10_000_000 / max(1, genes) }

    init(_ options: PairwiseNetworkOptions, features: [String]?, tensors: SafeTensors, file: String?) throws {
        guard let features, !features.isEmpty else {
            throw WeightsError(
                code: "MALFORMED", file: file, element: ModelCard.metadataKey,
                message: "expected the names of the statistics that the network reads, found none",
                remedy: "use weights written by this version of the program")
        }
        columns = try Self.columns(of: features, file: file)
        support = try TrainingSupport(tensors, file: file)
        supportColumns = try Self.columns(of: support?.features ?? [], file: file)
        (network, weights) = try Weights.loaded(
            tensors, file: file,
            expected: PairwiseNetwork.parameterCount(options, featureCount: features.count)
        ) { weights in
            PairwiseNetwork(
                options, featureCount: features.count, weights: &weights, stream: RandomStream(seed: 0))
        }
    }

    private static func columns(of features: [String], file: String?) throws -> [Int] {
        guard Set(features).count == features.count else {
            throw WeightsError(
                code: "MALFORMED", file: file, element: ModelCard.metadataKey,
                message: "expected each statistic once, found \(features.count - Set(features).count) repeated",
                remedy: "the file is damaged; fetch or train the weights again")
        }
        return try features.map { name in
            guard let column = PairFeatures.names.firstIndex(of: name) else {
                throw WeightsError(
                    code: "MISMATCH", file: file, element: ModelCard.metadataKey,
                    message: "expected weights that read statistics of this version, found one called \(name)",
                    remedy: "use weights that came with this version, or train anew")
            }
            return column
        }
    }

    /// What is true of a pair does not hang on the size of the panel, so larger panels than those of the training are read
    /// well (`Reference/Weights/pairwise.md`), while a subset misses the causes outside of it. The memory, 1 KB a pair, sets
    /// the limit.
    func usualGenes(trained: Int) -> Int { max(trained, 500) }

    /// Above so many genes panels are read one after another, for their memory.
    private static let genesSideBySide = 200

    /// Small panels side by side; all cores share the work of a large or a single one.
    func read(_ count: Int, genes: Int, workers: Workers, panel: @Sendable (Int) -> Panel) -> [PanelReading] {
        guard count > 1 && genes <= Self.genesSideBySide else {
            let arena = Arena()
            return (0..<count).map { read(panel($0), arena: arena, workers: workers.count) }
        }
        return workers.map(count) { arena, item in read(panel(item), arena: arena, workers: 1) }
    }

    private func read(_ panel: Panel, arena: Arena, workers: Int) -> PanelReading {
        let d = panel.values.columns
        guard d > 1 else { return PanelReading(logits: Array(repeating: 0, count: d * d)) }
        let tape = Tape(weights: weights, recording: false, workers: workers, arena: arena)
        let (pairs, distance) = embedded(panel, on: tape)
        return PanelReading(logits: network.logits(pairs, on: tape), distance: distance)
    }

    /// The statistics are gone when the network goes on: they are as large as all that it needs.
    private func embedded(_ panel: Panel, on tape: Tape) -> (pairs: TokenGrid, distance: TrainingDistance?) {
        let features = PairFeatures(
            values: panel.values, interventions: panel.interventions, areCounts: panel.areCounts,
            isControl: panel.isControl)
        let pairs = network.embedded(genes: features.geneCount, on: tape) {
            features.selected(columns, of: $0)
        }
        return (pairs, support?.distance(of: PanelSummary(features, columns: supportColumns)))
    }
}
