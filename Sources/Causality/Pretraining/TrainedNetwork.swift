import Networks
import Probability
import Structure
import Tensors

/// A network as the training sees it: what a world becomes for it, and what is to be made small.
protocol TrainedNetwork: Sendable {
    /// What it reads of a world.
    func input(of world: TrainingWorld) -> NetworkInput
    /// Logits of i → j, d × d, with nothing drawn at random.
    func logits(of input: Tensor) -> Tensor
    /// - Parameters:
    ///   - graph: d × d with 1 where i → j.
    ///   - multiplier: λ of the constraint that beliefs are acyclic, where the network has one.
    ///   - stream: Of what the loss draws for this world.
    func loss(_ input: Tensor, graph: [Float], multiplier: Double, stream: RandomStream) -> TrainingLoss
}

/// A world as a network reads it.
struct NetworkInput: Sendable {
    let values: [Float]
    let shape: [Int]
    /// The statistics of pairs that the values are; nil where they are others.
    var features: PairFeatures?

    func tensor(on tape: Tape) -> Tensor { tape.constant(values, shape: shape) }
}

/// What training makes small for one world.
struct TrainingLoss {
    let total: Tensor
    /// Of the edges alone, in nats for each pair.
    let crossEntropy: Double
    /// How far the beliefs are from acyclic; 0 where that is no matter.
    let cyclicity: Double
}

/// Statistics of pairs, d × d × F.
struct TrainedPairwiseNetwork: TrainedNetwork {
    private let network: PairwiseNetwork
    /// Of all statistics those that the network reads; nil for all.
    private let columns: [Int]?

    init(_ size: PairwiseNetworkOptions, features: [String]?, weights: inout Weights, stream: RandomStream) {
        columns = features.map { $0.map { PairFeatures.names.firstIndex(of: $0)! } }
        network = PairwiseNetwork(
            size, featureCount: columns?.count ?? PairFeatures.names.count, weights: &weights, stream: stream)
    }

    func input(of world: TrainingWorld) -> NetworkInput {
        let features = PairFeatures(
            values: world.values, interventions: world.interventions, areCounts: world.areCounts,
            isControl: world.isControl)
        let d = world.geneCount
        return NetworkInput(
            values: columns.map(features.selected) ?? features.values, shape: [d, d, network.featureCount],
            features: features)
    }

    func logits(of input: Tensor) -> Tensor { network.logits(input) }

    func loss(_ input: Tensor, graph: [Float], multiplier: Double, stream: RandomStream) -> TrainingLoss {
        let loss = network.loss(input, graph: graph)
        return TrainingLoss(total: loss, crossEntropy: Double(loss.scalar), cyclicity: 0)
    }
}

/// Cells, n × d × 2; the loss of Lorch et al. 2022, section 4.3, with its dropout and its constraint.
extension EdgePredictor: TrainedNetwork {
    func input(of world: TrainingWorld) -> NetworkInput {
        NetworkInput(
            values: options.input.encoded(logarithms: world.values, interventions: world.interventions),
            shape: [world.values.rows, world.values.columns, 2])
    }

    func logits(of input: Tensor) -> Tensor { logits(input) }

    func loss(_ input: Tensor, graph: [Float], multiplier: Double, stream: RandomStream) -> TrainingLoss {
        let logits = logits(input, dropout: options.dropout > 0 ? stream.stream("dropout") : nil)
        let crossEntropy = loss(of: logits, graph: graph)
        let cyclicity = cyclicity(
            of: logits, from: PowerIterationStart(count: input.shape[1], stream: stream.stream("iteration")))
        return TrainingLoss(
            total: crossEntropy + cyclicity * Float(multiplier), crossEntropy: Double(crossEntropy.scalar),
            cyclicity: Double(cyclicity.scalar))
    }
}

extension StructurePretrainingOptions {
    /// The network with first values drawn from the stream; `weights` takes its parameters.
    func network(weights: inout Weights, stream: RandomStream) -> any TrainedNetwork {
        switch network {
        case .pairwise(let size):
            TrainedPairwiseNetwork(size, features: features, weights: &weights, stream: stream)
        case .avici(let size): EdgePredictor(size, weights: &weights, stream: stream)
        }
    }
}
