import Foundation
import Networks
import Probability

/// Relative frequencies of a category in every stratum of discrete inputs.
///
/// p(y | s) = (n(s, y) + α p(y))/(n(s) + α), with n counts of rows and p(y) = (n(y) + ½)/(n + L/2) for L labels: thin
/// strata lean on the margin, and nothing that has a label is impossible.
public struct TableGenerator: ConditionalGenerator, Equatable {
    public static let form = GeneratorForm.table
    public let outcome: Node
    public let inputs: [Node]
    public let training: TrainingReport
    /// strata × labels, row-major; the last input varies fastest among strata.
    private let probabilities: [Float]

    private var labels: Int { outcome.kind.levels! }

    /// Cells of the table; nil where a node is no category, or where they are more than fit an Int.
    public static func cells(outcome: Node, inputs: [Node]) -> Int? {
        var cells = 1
        for node in inputs + [outcome] {
            guard let levels = node.kind.levels else { return nil }
            let (product, overflow) = cells.multipliedReportingOverflow(by: levels)
            if overflow { return nil }
            cells = product
        }
        return cells
    }

    /// - Parameter pseudoCount: α > 0.
    public init(outcome: Node, inputs: [Node], table: NodeTable, pseudoCount: Double) {
        guard let cells = Self.cells(outcome: outcome, inputs: inputs) else {
            preconditionFailure("a table of \(outcome.name) given \(inputs.map(\.name)) is not possible")
        }
        self.outcome = outcome
        self.inputs = inputs
        let labels = outcome.kind.levels!
        let strata = Self.strata(inputs, table)
        let values = table[outcome.name].values
        var counts = [Double](repeating: 0, count: cells)
        for (stratum, value) in zip(strata, values) { counts[stratum * labels + Int(value)] += 1 }
        var margin = [Double](repeating: 0.5, count: labels)
        for value in values { margin[Int(value)] += 1 }
        let total = margin.reduce(0, +)
        var probabilities = [Float](repeating: 0, count: cells)
        for start in stride(from: 0, to: cells, by: labels) {
            let rows = counts[start..<start + labels].reduce(0, +)
            for label in 0..<labels {
                probabilities[start + label] = Float(
                    (counts[start + label] + pseudoCount * margin[label] / total) / (rows + pseudoCount))
            }
        }
        self.probabilities = probabilities
        training = TrainingReport(form: Self.form, rows: table.rows)
    }

    public func draw(given inputs: NodeTable, stream: RandomStream, workers: Int?) -> NodeColumn {
        let labels = labels
        let drawn = drawnInChunks(rows: inputs.rows, inputs: inputs, stream: stream, workers: workers) { part, stream in
            var stream = stream
            var values = stream.uniforms(part.rows)
            let strata = Self.strata(self.inputs, part)
            probabilities.withUnsafeBufferPointer { probabilities in
                for row in 0..<part.rows {
                    let start = strata[row] * labels
                    var remaining = values[row]
                    var label = 0
                    while label < labels - 1, remaining >= probabilities[start + label] {
                        remaining -= probabilities[start + label]
                        label += 1
                    }
                    values[row] = Float(label)
                }
            }
            return values
        }
        return NodeColumn(outcome.kind, drawn)
    }

    public func logDensity(of outcome: NodeColumn, given inputs: NodeTable) -> [Double]? {
        zip(Self.strata(self.inputs, inputs), outcome.values).map { stratum, value in
            log(Double(probabilities[stratum * labels + Int(value)]))
        }
    }

    /// The row of the table for each row of the inputs.
    private static func strata(_ inputs: [Node], _ table: NodeTable) -> [Int] {
        var strata = [Int](repeating: 0, count: table.rows)
        for node in inputs {
            let levels = node.kind.levels!
            table[node.name].values.withUnsafeBufferPointer { values in
                for row in values.indices { strata[row] = strata[row] * levels + Int(values[row]) }
            }
        }
        return strata
    }
}

// On disk.
extension TableGenerator {
    public var tensors: [SafeTensors.Entry] {
        [.init(name: "probabilities", shape: [probabilities.count / labels, labels], values: probabilities)]
    }

    public init(
        outcome: Node, inputs: [Node], training: TrainingReport, tensors: StoredTensors
    ) throws(GeneratorError) {
        guard let cells = Self.cells(outcome: outcome, inputs: inputs), let labels = outcome.kind.levels, labels > 0
        else { throw tensors.mismatch("expected categories, found nodes of other kinds") }
        self.outcome = outcome
        self.inputs = inputs
        self.training = training
        probabilities = try tensors.values("probabilities", shape: [cells / labels, labels])
    }
}
