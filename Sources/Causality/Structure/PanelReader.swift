import Foundation
import Matrices
import Networks
import Probability
import Tensors

/// Cells of a panel of genes, as a network of either kind gets them.
struct Panel: Sendable {
    /// Cells × genes, on a logarithmic or similar scale.
    let values: Matrix<Float>
    /// Not 0 where the gene was intervened on; nil where nowhere.
    let interventions: Matrix<Float>?
    /// Whether the values are ln(1 + x) of counts or of what is proportional to them in each cell.
    let areCounts: Bool
}

/// A trained network that says how likely each edge among a panel's genes is.
///
/// Both networks answer alike: the order of cells does not matter, and that of genes only arranges the answer.
protocol PanelReader: Sendable {
    /// Whether only counts mean anything to it.
    var needsCounts: Bool { get }
    /// Logits of i → j, d × d, of each panel.
    func logits(of panels: [Panel], workers: Workers) -> [[Float]]
}

extension Weights {
    /// The weights of a network that a card describes, from its file, which must hold these weights and no others.
    ///
    /// - Parameters:
    ///   - expected: How many there are. It is compared first: a card must not make us take memory that the file does not
    ///     fill.
    ///   - network: Adds the network's parameters.
    static func loaded<Network>(
        _ tensors: SafeTensors, file: String?, expected: Int, network: (inout Weights) -> Network
    ) throws -> (Network, Weights) {
        let found = tensors.entries.reduce(0) { $0 + $1.values.count }
        guard found >= expected else {
            throw WeightsError(
                code: "MISMATCH", file: file, element: ModelCard.metadataKey,
                message: "expected \(expected) weights for the network of the card, found \(found)",
                remedy: "the file is damaged; fetch or train the weights again")
        }
        var weights = Weights()
        let network = network(&weights)
        try weights.load(tensors, file: file)
        let names = Set(weights.names)
        if let unknown = tensors.entries.first(where: { !names.contains($0.name) }) {
            throw WeightsError(
                code: "MISMATCH", file: file, element: unknown.name,
                message: "expected the \(names.count) tensors of the network of the card only, found another",
                remedy: "the file is damaged or of another version; fetch or train the weights again")
        }
        if let damaged = tensors.entries.first(where: { !$0.values.allSatisfy(\.isFinite) }) {
            let place = damaged.values.firstIndex { !$0.isFinite }!
            throw WeightsError(
                code: "MALFORMED", file: file, element: damaged.name,
                message: "expected finite numbers, found \(damaged.values[place]) at place \(place)",
                remedy: "the file is damaged or a training failed; fetch or train the weights again")
        }
        return (network, weights)
    }
}

/// Reads panels through statistics of their pairs of genes.
struct PairwisePanelReader: PanelReader {
    private let network: PairwiseNetwork
    private let weights: Weights
    /// Where the statistics that the network reads lie among those computed, which may be more.
    private let columns: [Int]
    let needsCounts = false

    init(_ options: PairwiseNetworkOptions, features: [String]?, tensors: SafeTensors, file: String?) throws {
        guard let features else {
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

/// Reads panels cell by cell, with the network of AVICI.
struct CellPanelReader: PanelReader {
    private let network: EdgePredictor
    private let weights: Weights

    init(_ options: EdgePredictorOptions, tensors: SafeTensors, file: String?) throws {
        (network, weights) = try Weights.loaded(
            tensors, file: file, expected: EdgePredictor.parameterCount(options)
        ) { EdgePredictor(options, weights: &$0, stream: nil) }
    }

    var needsCounts: Bool { network.options.input == .counts }

    /// Panels one after another: all cores share the work of each.
    func logits(of panels: [Panel], workers: Workers) -> [[Float]] {
        panels.map { panel in
            var values = panel.values
            // The scale of a cell falls out of its shares, so counts that were normalised come back as good as counts.
            if needsCounts { for place in values.values.indices { values.values[place] = expm1(values.values[place]) } }
            return network.logits(
                of: network.options.input.encoded(values: values, interventions: panel.interventions),
                cells: values.rows, genes: values.columns, weights: weights, workers: workers.count)
        }
    }
}
