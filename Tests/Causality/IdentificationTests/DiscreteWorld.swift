import Foundation
import Probability

@testable import Identification

/// A structural causal model over a diagram with every unmeasured cause as a variable of its own: two levels each,
/// random tables. What it says of interventions is the truth by definition: the mechanisms of treated nodes are left
/// out.
struct DiscreteWorld {
    let diagram: CausalDiagram
    /// P(u) of the unmeasured causes, which are numbered behind the nodes, one for each ↔.
    private let causes: [ProbabilityTable]
    /// P(v | parents and unmeasured causes).
    private let mechanisms: [ProbabilityTable]

    init(_ diagram: CausalDiagram, levels: [Int]? = nil, stream: inout RandomStream) {
        self.diagram = diagram
        let levels = levels ?? Array(repeating: 2, count: diagram.count)
        let pairs = (0..<diagram.count).flatMap { a in diagram.siblings[a].filter { $0 > a }.map { (a, $0) } }
        var causesOf = Array(repeating: [Int](), count: diagram.count)
        for (number, pair) in pairs.enumerated() {
            causesOf[pair.0].append(diagram.count + number)
            causesOf[pair.1].append(diagram.count + number)
        }
        causes = pairs.indices.map { Self.conditional(diagram.count + $0, 2, given: [], &stream) }
        mechanisms = (0..<diagram.count).map { node in
            let given = diagram.parents[node].map { ($0, levels[$0]) } + causesOf[node].map { ($0, 2) }
            return Self.conditional(node, levels[node], given: given, &stream)
        }
    }

    /// Random probabilities, none of them below 0.01 / levels, so that no combination is nearly impossible.
    private static func conditional(
        _ node: Int, _ levels: Int, given: [(Int, Int)], _ stream: inout RandomStream
    ) -> ProbabilityTable {
        let rows = given.reduce(1) { $0 * $1.1 }
        let values = (0..<rows).flatMap { _ in
            let weights = (0..<levels).map { _ in pow(stream.uniform(0.1, 1), 2) }
            return weights.map { $0 / weights.reduce(0, +) }
        }
        return ProbabilityTable(
            axes: given.map { (node: $0.0, levels: $0.1) } + [(node: node, levels: levels)], values: values)
    }

    /// P(v \ x | do(x)) for every combination of x, which has its axes in the table too.
    func distribution(do treated: NodeSet = []) -> ProbabilityTable {
        var factors = mechanisms.indices.filter { !treated.contains($0) }.map { mechanisms[$0] } + causes
        for cause in causes.indices.map({ diagram.count + $0 }) {
            let tied = factors.filter { $0.nodes.contains(cause) }
            factors.removeAll { $0.nodes.contains(cause) }
            factors.append(tied.reduce(ProbabilityTable.one) { $0.times($1) }.summed(over: [cause]))
        }
        return factors.reduce(ProbabilityTable.one) { $0.times($1) }
    }

    /// P(y | do(x), z), with the axes of all three but those of treatments that reach none of the others.
    func truth(_ query: NodeQuery) -> ProbabilityTable {
        let joint = distribution(do: query.treatments)
            .marginal(query.outcomes.union(query.treatments).union(query.conditions))
        return joint.divided(by: joint.summed(over: query.outcomes))
    }
}

extension ProbabilityTable {
    /// The largest difference over all combinations of levels of both tables' nodes.
    func largestDifference(from other: ProbabilityTable) -> Double {
        // Multiplied by ones of the other's nodes, both have the same axes.
        let ones = { (table: ProbabilityTable) in
            ProbabilityTable(
                axes: zip(table.nodes, table.levels).map { (node: $0, levels: $1) },
                values: table.values.map { _ in 1 })
        }
        let (a, b) = (times(ones(other)), other.times(ones(self)))
        return zip(a.values, b.values).map { abs($0 - $1) }.max() ?? 0
    }
}
