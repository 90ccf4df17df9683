import Foundation
import Generators
import Probability

/// Weights that make inputs which are set independent of the others, and how many rows' worth they leave.
///
/// Where numbers are set, weights are cut at √n times their mean (Ionides 2008, "Truncated importance sampling"): their
/// variance need not be finite, and models reach from number to number, so that one row in the tail of a normal must not
/// stand for all. Labels have no such tails: their weights are whole.
enum OverlapWeights {
    /// Rows on which the weights are looked at, and rows over which p(t) is averaged for each.
    private static let rows = 2000
    private static let partners = 48

    static func overlap(
        of set: [Node], with others: [Node], in rows: NetworkConstruction.Rows, stream: RandomStream
    ) -> SamplingDiagnostics.Overlap? {
        guard !set.isEmpty else { return nil }
        let total = rows.table.rows
        let names = set.map(\.name).sorted()
        guard !others.isEmpty else {
            return .init(set: names, effectiveRows: Double(total), rows: total)
        }
        let models = set.enumerated().map { place, node in
            quickModel(of: node, given: others + set[..<place], in: rows.table, stream: stream.stream(node.name))
        }
        let count = min(Self.rows, total)
        let sample = rows.table.selecting(
            NetworkConstruction.balancedRows(count, of: total, stream: stream.stream("rows")))
        let own = logDensity(models, sample, sample)
        // ln Σ over partners of p(t | partner's o), kept apart from its largest term.
        var (largest, sums) = (own, [Double](repeating: 1, count: count))
        var order = stream.stream("partners")
        for _ in 1..<Self.partners {
            let density = logDensity(models, sample, sample.selecting(order.permutation(count)))
            for row in 0..<count {
                let top = max(largest[row], density[row])
                sums[row] = sums[row] * exp(largest[row] - top) + exp(density[row] - top)
                largest[row] = top
            }
        }
        let logWeights = (0..<count).map { largest[$0] + log(sums[$0]) - own[$0] }
        let most = logWeights.max() ?? 0
        let raw = logWeights.map { exp($0 - most) }
        let cut = raw.reduce(0, +) / Double(count) * Double(count).squareRoot()
        let weights = set.allSatisfy { $0.kind.levels != nil } ? raw : raw.map { min($0, cut) }
        let sum = weights.reduce(0, +)
        let squares = weights.reduce(0) { $0 + $1 * $1 }
        let share = sum * sum / squares / Double(count)
        return .init(set: names, effectiveRows: share * Double(total), rows: total)
    }

    /// ln p(t | o) with t of one table and o of another.
    private static func logDensity(
        _ models: [any ConditionalGenerator], _ set: NodeTable, _ others: NodeTable
    ) -> [Double] {
        var inputs = others
        var total = [Double](repeating: 0, count: set.rows)
        for model in models {
            let densities = model.logDensity(of: set[model.outcome.name], given: inputs) ?? []
            for (row, density) in densities.enumerated() { total[row] += density }
            inputs[model.outcome.name] = set[model.outcome.name]
        }
        return total
    }

    /// A table where it can be, regression of vectors, else one small network, or regression where that is as good.
    private static func quickModel(
        of node: Node, given others: [Node], in table: NodeTable, stream: RandomStream
    ) -> any ConditionalGenerator {
        if case .vector = node.kind { return LinearGaussianGenerator(outcome: node, inputs: others, table: table) }
        var options = GeneratorOptions()
        options.networks.members = 1
        options.networks.width = 32
        options.networks.steps = 800
        guard let model = try? options.trained(outcome: node, inputs: others, table: table, stream: stream) else {
            preconditionFailure("rows that other models learnt from serve here too")
        }
        return model
    }
}
