import Concurrency
import Foundation
import Matrices
import MechanismNetworks
import Networks
import Probability
import Simulators
import Tensors

/// One simulated world as a data set whose mechanisms are known.
struct FixedPointWorld: Sendable {
    /// Nil where its numbers left single precision.
    let lesson: FixedPointLesson?

    /// World number `number` of a training.
    init(_ number: Int, _ options: FixedPointPretrainingOptions, stream: RandomStream) {
        let own = stream.stream("worlds").stream(number)
        var sizes = own.stream("sizes")
        let domain = options.domains[sizes.index(weights: options.domains.map(\.share))]
        func size(_ range: ClosedRange<Int>) -> Int {
            let (few, many) = (Double(range.lowerBound), Double(range.upperBound))
            return Int((few * pow(many / few, sizes.uniform())).rounded())
        }
        let (nodes, rows) = (size(options.nodes), size(options.rows))
        let world = CausalWorld(options: domain.options(nodes: nodes, rows: rows), stream: own)
        let values = world.sample(stream: own.stream("sample")).values
        let units = NodeUnits(values)
        var truth = values
        for (node, parents) in world.graph.parents.enumerated() {
            let means = units.standardised(
                world.means(of: node, parents: values.selectingColumns(parents)), of: node)
            for row in 0..<rows { truth[row, node] = means[row] }
        }
        let made = FixedPointLesson(
            parents: world.graph.parents, rows: units.standardised(values, of: Array(0..<nodes)), truth: truth)
        lesson = made.isFinite ? made : nil
    }
}

/// Fixed worlds of every domain, which training does not meet.
struct FixedPointValidationSet: Sendable {
    private let domains: [String]
    /// By domain.
    private let worlds: [[MechanismQuestions]]

    init(_ options: FixedPointPretrainingOptions, stream: RandomStream, workers: Int) {
        domains = options.domains.map(\.name)
        let count = options.validationWorlds
        let all = concurrentMap(domains.count * count, workers: workers) { item in
            MechanismQuestions(
                domain: options.domains[item / count], nodes: options.validationNodes, rows: options.validationRows,
                most: 8, stream: stream.stream(item))
        }
        worlds = domains.indices.map { Array(all[$0 * count..<($0 + 1) * count]) }
    }

    /// Means over all questions of a domain of the root mean squared error of a node's mechanism.
    func scores(
        _ network: FixedPointNetwork, weights: Weights, withDecoder: Bool, workers: Int
    ) -> [FixedPointCard.Validation] {
        let count = worlds[0].count
        let errors = concurrentMap(worlds.count * count, workers: workers) { item in
            Self.errors(worlds[item / count][item % count], network, weights, withDecoder: withDecoder)
        }
        return domains.indices.map { place in
            let own = errors[place * count..<(place + 1) * count].joined()
            let number = Double(max(1, own.count))
            return FixedPointCard.Validation(
                domain: domains[place], worlds: count,
                encoderError: own.reduce(0) { $0 + $1.encoder } / number,
                error: withDecoder ? own.reduce(0) { $0 + $1.decoder } / number : nil)
        }
    }

    private static func errors(
        _ world: MechanismQuestions, _ network: FixedPointNetwork, _ weights: Weights, withDecoder: Bool
    ) -> [(encoder: Double, decoder: Double)] {
        let parents = world.graph.parents
        let encoded = network.encoderMeans(of: world.context, parents: parents, weights: weights)
        let mechanisms =
            withDecoder ? network.mechanisms(of: world.context, parents: parents, weights: weights, workers: 1) : nil
        return world.questions.map { question in
            (
                error(encoded.column(question.node), question.contextTruth),
                mechanisms.map {
                    error($0.means(of: question.node, parents: question.queries), question.truth)
                } ?? 0
            )
        }
    }

    private static func error(_ means: [Float], _ truth: [Float]) -> Double {
        (zip(means, truth).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) } / Double(truth.count))
            .squareRoot()
    }
}
