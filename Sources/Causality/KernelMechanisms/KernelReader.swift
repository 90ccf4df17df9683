import Foundation
import Networks
import Probability
import Tensors

/// The size of a `KernelReader`.
public struct KernelReaderOptions: Codable, Sendable, Equatable {
    /// How often the regression is looked at and its hyperparameters are moved.
    public var rounds = 3
    public var width = 48

    public init() {}

    /// Whether a network can have this size.
    public var isPossible: Bool { (1...10).contains(rounds) && (1...4096).contains(width) }
}

/// A network that reads the hyperparameters of regressions off their context rows.
///
/// | symbol | code | shape | meaning |
/// |---|---|---|---|
/// | θ_0 | `start` | 5 + 2 k | from least squares |
/// | φ(θ) | `KernelFeatures` | node, parents | evidence, its gradient, left-out residuals under θ |
/// | e_p | `Round.parent` | k × width | of each parent with its node |
/// | h | `Round.node` | width | of the node with the mean of its parents |
/// | θ_{t+1} = θ_t + Δ_t(φ(θ_t)) | `Round.callAsFunction` | | one move; after the last one the regression is read |
///
/// Rounds have weights of their own. The network sees a node and its parents as a set: their order, the order of rows and
/// the rest of the graph do not matter.
///
/// Amortised inference of the hyperparameters of Gaussian processes: Liu et al. 2020, "Task-Agnostic Amortized Inference of
/// Gaussian Process Hyperparameters"; moves learned from gradients: Andrychowicz et al. 2016, "Learning to learn by
/// gradient descent by gradient descent".
/// Deviation from the papers: what is learned is the error of the mechanism itself, which simulated worlds know, not the
/// evidence; and the closed form stands between the two.
public struct KernelReader: Sendable {
    private struct Round: Sendable {
        let parent: Perceptron
        let node: Perceptron
        let nodeMove: Perceptron
        let parentMove: Perceptron

        init(_ name: String, width: Int, weights: inout Weights, stream: RandomStream) {
            func perceptron(_ part: String, _ widths: [Int]) -> Perceptron {
                Perceptron("\(name).\(part)", widths: widths, weights: &weights, stream: stream.stream(part))
            }
            parent = perceptron("parent", [KernelFeatures.nodeCount + KernelFeatures.parentCount, width, width])
            node = perceptron("node", [KernelFeatures.nodeCount + width, width, width])
            nodeMove = perceptron("nodeMove", [width, width, KernelParameters.nodeCount])
            parentMove = perceptron("parentMove", [2 * width, width, 2])
        }

        /// Moves of the nodes [nodes, 5] and of all their parents [parents, 2].
        func callAsFunction(_ features: [KernelFeatures], on tape: Tape) -> (node: Tensor, parents: Tensor) {
            let owners = features.indices.flatMap { Array(repeating: $0, count: features[$0].parents.count) }
            let nodes = tape.constant(features.flatMap(\.node), shape: [features.count, KernelFeatures.nodeCount])
            let parents = tape.constant(
                features.flatMap { $0.parents.flatMap { $0 } }, shape: [owners.count, KernelFeatures.parentCount])
            let encoded = parent(.concatenated([nodes.gathered(owners), parents], axis: 1))
            var share = [Float](repeating: 0, count: features.count * owners.count)
            for (place, owner) in owners.enumerated() {
                share[owner * owners.count + place] = 1 / Float(features[owner].parents.count)
            }
            let pooled = Tensor.product(tape.constant(share, shape: [features.count, owners.count]), encoded)
            let hidden = node(.concatenated([nodes, pooled], axis: 1))
            return (
                bounded(nodeMove(hidden)),
                bounded(parentMove(.concatenated([encoded, hidden.gathered(owners)], axis: 1)))
            )
        }

        /// No move is longer than a factor of e⁴, so that a regression far from those of training stays sane.
        private func bounded(_ move: Tensor) -> Tensor { (move * 0.25).tanh() * 4 }
    }

    private let rounds: [Round]

    public init(_ options: KernelReaderOptions, weights: inout Weights, stream: RandomStream) {
        rounds = (0..<options.rounds).map {
            Round("round\($0)", width: options.width, weights: &weights, stream: stream.stream($0))
        }
    }

    /// The regressions of some nodes, each with one parent at least.
    func regressions(of data: [RegressionData], weights: Weights, arena: Arena = Arena()) -> [KernelRegression] {
        let tape = Tape(weights: weights, recording: false, arena: arena)
        var states = data.map(ReaderState.init)
        for round in rounds {
            let moves = round(states.map { $0.features! }, on: tape)
            let places = Self.places(data)
            states = states.enumerated().map { item, state in
                state.moved(state.move(moves.node.buffer, moves.parents.buffer, item, parents: places[item]))
            }
        }
        return states.map(\.regression)
    }

    /// What training makes small: the mean over lessons of `KernelLesson.loss` after the last round and, with less weight,
    /// after those before. Moves are learned round by round: what a round is told counts as given.
    /// - Returns: With the mean loss and the mean root mean squared error after the last round.
    public func loss(of lessons: [KernelLesson], on tape: Tape) -> (total: Tensor, parts: [Double]) {
        var states = lessons.map { ReaderState($0.data) }
        let places = Self.places(lessons.map(\.data))
        var total: Tensor?
        var parts = [0.0, 0.0]
        for (number, round) in rounds.enumerated() {
            let moves = round(states.map { $0.features! }, on: tape)
            var value = 0.0
            var nodeSlopes = [Float](repeating: 0, count: moves.node.count)
            var parentSlopes = [Float](repeating: 0, count: moves.parents.count)
            parts = [0, 0]
            for (item, lesson) in lessons.enumerated() {
                let move = states[item].move(moves.node.buffer, moves.parents.buffer, item, parents: places[item])
                let next = states[item].moved(move, isLast: number == rounds.count - 1)
                let score = lesson.score(next.regression)
                let slopes = states[item].slopes(score.gradient, of: move)
                value += score.loss
                parts[0] += score.loss / Double(lessons.count)
                parts[1] += score.error / Double(lessons.count)
                let (k, fixed) = (places[item].count, KernelParameters.nodeCount)
                for place in 0..<fixed { nodeSlopes[item * fixed + place] = Float(slopes[place]) }
                for (place, parent) in places[item].enumerated() {
                    parentSlopes[2 * parent] = Float(slopes[fixed + place])
                    parentSlopes[2 * parent + 1] = Float(slopes[fixed + k + place])
                }
                states[item] = next
            }
            let share = Float(number == rounds.count - 1 ? 1 : 0.3) / Float(lessons.count)
            let one = tape.given(value, [(moves.node, nodeSlopes), (moves.parents, parentSlopes)]) * share
            total = total.map { $0 + one } ?? one
        }
        return (total!, parts)
    }

    /// How far mechanisms that were read are from those of a lesson.
    public struct Errors: Sendable {
        /// Root mean squared errors: as read, and by least squares.
        public let read: Double
        public let leastSquares: Double
        /// Of each query, in deviations that are believed in.
        public let offsets: [Double]
    }

    public func errors(of lessons: [KernelLesson], weights: Weights, arena: Arena = Arena()) -> [Errors] {
        zip(lessons, regressions(of: lessons.map(\.data), weights: weights, arena: arena)).map { lesson, regression in
            let means = regression.means(at: lesson.queries)
            return Errors(
                read: lesson.error(of: means), leastSquares: lesson.error(of: lesson.leastSquares),
                offsets: lesson.offsets(of: means, regression.variances(at: lesson.queries)))
        }
    }

    /// Which of all parents belong to each regression.
    private static func places(_ data: [RegressionData]) -> [Range<Int>] {
        var first = 0
        return data.map { data in
            defer { first += data.inputs.parents }
            return first..<first + data.inputs.parents
        }
    }
}

extension Tape {
    /// A number that was computed elsewhere, with its slopes by some tensors.
    fileprivate func given(_ value: Double, _ slopes: [(tensor: Tensor, values: [Float])]) -> Tensor {
        let values = slopes.map(\.values)
        return custom(slopes.map(\.tensor), shape: []) { result in
            result[0] = Float(value)
        } adjoint: { outer, gradients in
            for (gradient, values) in zip(gradients, values) {
                guard let gradient else { continue }
                for place in values.indices { gradient[place] += outer[0] * values[place] }
            }
        }
    }
}
