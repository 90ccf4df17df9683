import Foundation
import Generators
import Matrices
import Probability

/// How much a node depends on a value beside the inputs of its model.
struct ValueDependence {
    let invariance: SamplingDiagnostics.Invariance

    /// Strata of a table, at most, relative to the rows.
    private static let rowsPerCell = 10

    init(of node: Node, on value: Node, given inputs: [Node], in table: NodeTable, stream: RandomStream) {
        var order = stream
        var shuffled = table
        shuffled[value.name] = table[value.name].selecting(order.permutation(table.rows))
        let cells = TableGenerator.cells(outcome: node, inputs: inputs + [value])
        let spread: (NodeTable) -> Double
        if let cells, cells * Self.rowsPerCell <= table.rows {
            spread = { Self.variation(node, value, inputs, $0) }
        } else {
            spread = { Self.explained(node, value, inputs, $0) }
        }
        invariance = .init(of: node.name, value: value.name, spread: spread(table), chance: spread(shuffled))
    }

    /// Σ p(s, w) TV(p(y | s, w), p(y | s)), by frequencies.
    private static func variation(_ node: Node, _ value: Node, _ inputs: [Node], _ table: NodeTable) -> Double {
        let labels = node.kind.levels!
        let levels = value.kind.levels!
        var strata = [Int](repeating: 0, count: table.rows)
        var count = 1
        for input in inputs {
            count *= input.kind.levels!
            for (row, code) in table[input.name].values.enumerated() {
                strata[row] = strata[row] * input.kind.levels! + Int(code)
            }
        }
        var counts = [Double](repeating: 0, count: count * levels * labels)
        let (values, outcomes) = (table[value.name].values, table[node.name].values)
        for row in 0..<table.rows {
            counts[(strata[row] * levels + Int(values[row])) * labels + Int(outcomes[row])] += 1
        }
        var sum = 0.0
        for stratum in 0..<count {
            let start = stratum * levels * labels
            let pooled = (0..<labels).map { y in (0..<levels).reduce(0.0) { $0 + counts[start + $1 * labels + y] } }
            let all = pooled.reduce(0, +)
            guard all > 0 else { continue }
            for level in 0..<levels {
                let own = counts[start + level * labels..<start + (level + 1) * labels]
                let rows = own.reduce(0, +)
                guard rows > 0 else { continue }
                sum += rows * zip(own, pooled).reduce(0) { $0 + abs($1.0 / rows - $1.1 / all) } / 2
            }
        }
        return sum / Double(table.rows)
    }

    /// √(1 − unexplained variance with the value/without it) of linear regressions, the largest over coordinates.
    private static func explained(_ node: Node, _ value: Node, _ inputs: [Node], _ table: NodeTable) -> Double {
        let base = inputs.flatMap { Correlations.numbers(table[$0.name]) }
        let extra = Correlations.numbers(table[value.name])
        return Correlations.numbers(table[node.name]).map { outcome in
            let without = residualVariance(outcome, base)
            let with = residualVariance(outcome, base + extra)
            return without > 0 ? max(0, 1 - with / without).squareRoot() : 0
        }.max() ?? 0
    }

    private static func residualVariance(_ outcome: [Double], _ columns: [[Double]]) -> Double {
        let n = outcome.count
        let mean = outcome.reduce(0, +) / Double(n)
        guard !columns.isEmpty else {
            return outcome.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
        }
        let scaled = columns.map { column -> [Double] in
            let centre = column.reduce(0, +) / Double(n)
            let variance = column.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(n)
            let factor = variance > 0 ? 1 / variance.squareRoot() : 0
            return column.map { ($0 - centre) * factor }
        }
        var features = Matrix<Double>(rows: n, columns: scaled.count)
        for (place, column) in scaled.enumerated() {
            for row in 0..<n { features[row, place] = column[row] }
        }
        guard
            let fit = RidgeRegression(
                features: features, targets: Matrix(rows: n, columns: 1, values: outcome), penalty: 1e-7 * Double(n))
        else { preconditionFailure("a positive penalty makes the equations regular") }
        return zip(outcome, fit.predict(features).values).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(n)
    }
}
