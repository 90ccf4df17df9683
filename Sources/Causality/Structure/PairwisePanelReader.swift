import Networks
import Probability
import Tensors

/// Reads panels through statistics of their pairs of genes.
struct PairwisePanelReader: PanelReader {
    private let network: PairwiseNetwork
    private let weights: Weights
    /// Where the statistics that the network reads lie among those computed, which may be more.
    private let columns: [Int]
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
        columns = try features.map { name in
            guard let column = PairFeatures.names.firstIndex(of: name) else {
                throw WeightsError(
                    code: "MISMATCH", file: file, element: ModelCard.metadataKey,
                    message: "expected weights that read statistics of this version, found one called \(name)",
                    remedy: "use weights that came with this version, or train anew")
            }
            return column
        }
        (network, weights) = try Weights.loaded(
            tensors, file: file,
            expected: PairwiseNetwork.parameterCount(options, featureCount: features.count)
        ) { weights in
            PairwiseNetwork(
                options, featureCount: features.count, weights: &weights, stream: RandomStream(seed: 0))
        }
    }

    /// Panels side by side on all cores.
    func logits(of panels: [Panel], workers: Workers) -> [[Float]] {
        workers.map(panels.count) { arena, item in logits(of: panels[item], arena: arena) }
    }

    private func logits(of panel: Panel, arena: Arena) -> [Float] {
        let features = PairFeatures(
            values: panel.values, interventions: panel.interventions, areCounts: panel.areCounts)
        let tape = Tape(weights: weights, recording: false, arena: arena)
        let d = features.geneCount
        guard d > 1 else { return Array(repeating: 0, count: d * d) }
        let width = PairFeatures.names.count
        let read = (0..<d * d).flatMap { pair in columns.map { features.values[pair * width + $0] } }
        return network.logits(tape.constant(read, shape: [d, d, columns.count])).values
    }
}
