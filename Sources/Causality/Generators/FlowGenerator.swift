import Networks
import Probability
import Tensors

/// Conditional flow matching: noise is carried to data along a velocity field that a network learnt from straight lines
/// (Lipman et al. 2023; Liu et al. 2023; Tong et al. 2024).
///
/// With x₀ ~ N(0, 1), data x₁ and t uniform: x_t = (1 − t) x₀ + t x₁; the network u(x_t, t, c) minimises
/// ‖u − (x₁ − x₀)‖². A draw solves dx/dt = u from 0 to 1 by Heun's method.
public struct FlowGenerator: ConditionalGenerator {
    public static let form = GeneratorForm.flow
    public let outcome: Node
    public let training: TrainingReport
    public var inputs: [Node] { field.encoding.inputs }
    private let field: VectorField
    private let steps: Int

    init(
        outcome: Node, inputs: [Node], table: NodeTable, split: NetworkTraining.Split, options: NetworkOptions,
        stream: RandomStream
    ) {
        self.outcome = outcome
        steps = options.flowSteps
        let (field, step) = VectorField.trained(
            outcome: outcome, inputs: inputs, table: table, split: split, options: options, stream: stream
        ) { data, noise, time in
            ((1 - time) * noise + time * data, data - noise)
        }
        self.field = field
        var report = TrainingReport(form: Self.form, rows: split.learnt.count, heldOutRows: split.heldOut.count)
        report.steps = [step]
        training = report
    }

    public func draw(given inputs: NodeTable, stream: RandomStream, workers: Int?) -> NodeColumn {
        let length = 1 / Float(steps)
        let drawn = field.draw(given: inputs, stream: stream, workers: workers) { noise, conditions, arena in
            var x = noise
            var ahead = x
            for step in 0..<steps {
                let time = Float(step) * length
                let first = field(x, time: time, conditions: conditions, arena: arena)
                for at in x.indices { ahead[at] = x[at] + length * first[at] }
                let second = field(ahead, time: time + length, conditions: conditions, arena: arena)
                for at in x.indices { x[at] += 0.5 * length * (first[at] + second[at]) }
            }
            return x
        }
        return NodeColumn(outcome.kind, drawn)
    }

    public func logDensity(of outcome: NodeColumn, given inputs: NodeTable) -> [Double]? { nil }
}

// On disk.
extension FlowGenerator {
    public var tensors: [SafeTensors.Entry] {
        [.init(name: "steps", shape: [1], values: [Float(steps)])] + field.tensors
    }

    public init(
        outcome: Node, inputs: [Node], training: TrainingReport, tensors: StoredTensors
    ) throws(GeneratorError) {
        self.outcome = outcome
        self.training = training
        steps = try tensors.steps()
        field = try VectorField(outcome: outcome, inputs: inputs, tensors: tensors)
    }
}
