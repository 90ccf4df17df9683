import Networks
import Probability

/// The empirical distribution of a node without inputs: its values, each as likely as the others.
public struct ResamplingGenerator: ConditionalGenerator, Equatable {
    public static let form = GeneratorForm.resampling
    public let outcome: Node
    public let training: TrainingReport
    public var inputs: [Node] { [] }
    private let values: NodeColumn

    public init(outcome: Node, values: NodeColumn) {
        self.outcome = outcome
        self.values = values
        training = TrainingReport(form: Self.form, rows: values.rows)
    }

    public func draw(given inputs: NodeTable, stream: RandomStream, workers: Int?) -> NodeColumn {
        let width = outcome.kind.width
        let drawn = drawnInChunks(rows: inputs.rows, inputs: inputs, stream: stream, workers: workers) { part, stream in
            var stream = stream
            let rows = stream.uniforms(2 * part.rows)
            var result = [Float](repeating: 0, count: part.rows * width)
            for row in 0..<part.rows {
                // Two numbers of 24 bits: one would not reach every row of a large table.
                let share = Double(rows[2 * row]) + Double(rows[2 * row + 1]) * 0x1p-24
                let source = min(values.rows - 1, Int(share * Double(values.rows)))
                for place in 0..<width { result[row * width + place] = values.values[source * width + place] }
            }
            return result
        }
        return NodeColumn(outcome.kind, drawn)
    }

    public func logDensity(of outcome: NodeColumn, given inputs: NodeTable) -> [Double]? { nil }
}

// On disk.
extension ResamplingGenerator {
    public var tensors: [SafeTensors.Entry] {
        [.init(name: "values", shape: [values.rows, outcome.kind.width], values: values.values)]
    }

    public init(
        outcome: Node, inputs: [Node], training: TrainingReport, tensors: StoredTensors
    ) throws(GeneratorError) {
        guard inputs.isEmpty else { throw tensors.mismatch("expected no inputs, found \(inputs.map(\.name))") }
        let values = try tensors.values("values", shape: [-1, outcome.kind.width])
        guard !values.isEmpty else { throw tensors.mismatch("expected values, found none") }
        if let levels = outcome.kind.levels {
            guard values.allSatisfy({ (0..<Float(levels)).contains($0) && $0 == $0.rounded() }) else {
                throw tensors.mismatch("expected places of \(levels) labels, found other numbers")
            }
        }
        self.outcome = outcome
        self.training = training
        self.values = NodeColumn(outcome.kind, values)
    }
}
