import Foundation
import Graphs
import Matrices
import Probability

/// Models over acyclic graphs drawn from beliefs about edges, each with functions drawn from what is believed of them: how
/// far answers differ among them is how unsure one must be.
public struct StructuralEnsemble: Sendable {
    public let models: [StructuralModel]
    private let stream: RandomStream

    /// Rounds in which every gene is put to a new place, before the first graph and between two.
    private static let sweeps = (before: 200, between: 20)

    /// - Parameter beliefs: Over the same nodes, in the same order.
    public init(
        values: Matrix<Float>, names: [String], beliefs: EdgeBeliefs, graphs count: Int, by model: some MechanismModel,
        stream: RandomStream, workers: Int = ProcessInfo.processInfo.activeProcessorCount
    ) throws {
        precondition(count > 0, "an ensemble of no graphs")
        guard beliefs.genes == names else {
            throw MechanismError(
                code: "GRAPH_MISMATCH", message: "expected beliefs about the data's columns in their order",
                remedy: "give the beliefs that belong to these data")
        }
        var chain = AcyclicGraphChain(beliefs, stream: stream.stream("graphs"))
        chain.advance(sweeps: Self.sweeps.before)
        var models: [StructuralModel] = []
        for number in 0..<count {
            if number > 0 { chain.advance(sweeps: Self.sweeps.between) }
            let context = try MechanismContext(values: values, names: names, graph: chain.draw())
            models.append(
                try StructuralModel(context, by: model, workers: workers)
                    .drawn(stream: stream.stream("functions").stream(number)))
        }
        self.models = models
        self.stream = stream
    }

    /// What the models answer, one after another.
    /// - Parameter answer: Of one model, with a stream that is the same for all, so that they differ in graph and functions
    ///   only.
    public func answers(
        _ answer: (StructuralModel, RandomStream) throws -> Matrix<Float>
    ) rethrows -> [Matrix<Float>] {
        try models.map { try answer($0, stream.stream("answers")) }
    }

    /// Means and bounds over answers, entry by entry.
    public struct Band: Sendable, Equatable {
        public let means: Matrix<Float>
        public let lower: Matrix<Float>
        public let upper: Matrix<Float>

        /// - Parameter level: The share of answers between the bounds.
        public init(of answers: [Matrix<Float>], level: Double = 0.9) {
            var means = answers[0]
            var (lower, upper) = (means, means)
            for place in means.values.indices {
                let values = answers.map { $0.values[place] }
                let bounds = quantiles(of: values, at: [(1 - level) / 2, (1 + level) / 2])
                means.values[place] = Float(values.reduce(0.0) { $0 + Double($1) } / Double(values.count))
                lower.values[place] = Float(bounds[0])
                upper.values[place] = Float(bounds[1])
            }
            (self.means, self.lower, self.upper) = (means, lower, upper)
        }
    }
}
