import Foundation
import Networks
import Probability
import Structure
import Tensors

/// A network as the training sees it: what a world becomes for it, and what is to be made small.
protocol TrainedNetwork: Sendable {
    /// What it reads of a world, on an axis for each number of `shape`.
    func input(of world: TrainingWorld) -> (values: [Float], shape: [Int])
    /// Logits of i → j, d × d, with nothing drawn at random.
    func logits(of input: Tensor) -> Tensor
    /// - Parameters:
    ///   - graph: d × d with 1 where i → j.
    ///   - multiplier: λ of the constraint that beliefs are acyclic, where the network has one.
    ///   - stream: Of what the loss draws for this world.
    func loss(_ input: Tensor, graph: [Float], multiplier: Double, stream: RandomStream) -> TrainingLoss
}

/// What training makes small for one world.
struct TrainingLoss {
    let total: Tensor
    /// Of the edges alone, in nats for each pair.
    let crossEntropy: Double
    /// How far the beliefs are from acyclic; 0 where that is no matter.
    let cyclicity: Double
}

/// A world as a network reads it.
struct TrainingExample: Sendable {
    let input: [Float]
    let shape: [Int]
    let graph: [Float]  // d × d
    /// That it took to simulate the world, and to bring it into the network's form.
    let seconds: (simulation: Double, features: Double)

    func tensor(on tape: Tape) -> Tensor { tape.constant(input, shape: shape) }
}

/// Statistics of pairs, d × d × F.
extension PairwiseNetwork: TrainedNetwork {
    func input(of world: TrainingWorld) -> (values: [Float], shape: [Int]) {
        let features = PairFeatures(
            values: world.values, interventions: world.interventions, areCounts: world.areCounts)
        return (features.values, [world.geneCount, world.geneCount, featureCount])
    }

    func logits(of input: Tensor) -> Tensor { logits(input) }

    func loss(_ input: Tensor, graph: [Float], multiplier: Double, stream: RandomStream) -> TrainingLoss {
        let loss = loss(input, graph: graph)
        return TrainingLoss(total: loss, crossEntropy: Double(loss.scalar), cyclicity: 0)
    }
}

/// Cells, n × d × 2; the loss of Lorch et al. 2022, section 4.3, with its dropout and its constraint.
extension EdgePredictor: TrainedNetwork {
    func input(of world: TrainingWorld) -> (values: [Float], shape: [Int]) {
        var values = world.values
        if options.input == .counts {
            // The scale of a cell falls out of its shares, so normalised counts are as good as counts.
            for place in values.values.indices { values.values[place] = expm1(values.values[place]) }
        }
        return (
            options.input.encoded(values: values, interventions: world.interventions),
            [values.rows, values.columns, 2]
        )
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

extension NetworkKind {
    /// A network with first values drawn from the stream; `weights` takes its parameters.
    func made(weights: inout Weights, stream: RandomStream) -> any TrainedNetwork {
        switch self {
        case .pairwise(let size):
            PairwiseNetwork(size, featureCount: PairFeatures.names.count, weights: &weights, stream: stream)
        case .avici(let size): EdgePredictor(size, weights: &weights, stream: stream)
        }
    }
}
