import Foundation
import Networks
import Probability
import Tensors

/// Denoising diffusion (Ho et al. 2020) with deterministic draws (Song et al. 2021, "DDIM"): what Rahman et al. 2024 draw
/// images with.
///
/// | symbol | code | meaning |
/// |---|---|---|
/// | ᾱ(t) | `kept` | share of the variance that is data at time t: cos²(½π (t + 0.008)/1.008) (Nichol & Dhariwal 2021) |
/// | ε | the network | the noise in x_t = √ᾱ x₁ + √(1 − ᾱ) ε, learnt by squared error |
///
/// A draw goes down `steps` times from t to s: x̂ = (x_t − √(1 − ᾱ_t) ε)/√ᾱ_t; x_s = √ᾱ_s x̂ + √(1 − ᾱ_s) ε.
///
/// Deviation from the paper: rows of numbers in place of images, hence a perceptron in place of a U-Net, and no
/// classifier-free guidance, which would sharpen the conditional distribution that ID-GEN needs as it is.
public struct DiffusionGenerator: ConditionalGenerator {
    public static let form = GeneratorForm.diffusion
    public let outcome: Node
    public let training: TrainingReport
    public var inputs: [Node] { field.encoding.inputs }
    private let field: VectorField
    private let steps: Int

    /// Standardised data lie within; the first estimates from pure noise may not.
    private static let bound: Float = 8

    init(
        outcome: Node, inputs: [Node], table: NodeTable, split: NetworkTraining.Split, options: NetworkOptions,
        stream: RandomStream
    ) {
        self.outcome = outcome
        steps = options.diffusionSteps
        let levels = Float(options.diffusionLevels)
        let (field, step) = VectorField.trained(
            outcome: outcome, inputs: inputs, table: table, split: split, options: options, stream: stream
        ) { data, noise, time in
            let kept = Self.kept(Self.level(time, of: levels))
            return (kept.squareRoot() * data + (1 - kept).squareRoot() * noise, noise)
        }
        self.field = field
        var report = TrainingReport(form: Self.form, rows: split.learnt.count, heldOutRows: split.heldOut.count)
        report.steps = [step]
        training = report
    }

    public func draw(given inputs: NodeTable, stream: RandomStream, workers: Int?) -> NodeColumn {
        let drawn = field.draw(given: inputs, stream: stream, workers: workers) { noise, conditions, arena in
            var x = noise
            for step in (1...steps).reversed() {
                let time = Float(step) / Float(steps)
                let (kept, next) = (Self.kept(time), Self.kept(Float(step - 1) / Float(steps)))
                let estimate = field(x, time: time, conditions: conditions, arena: arena)
                for at in x.indices {
                    let raw = (x[at] - (1 - kept).squareRoot() * estimate[at]) / kept.squareRoot()
                    let data = min(max(raw, -Self.bound), Self.bound)
                    let noise = (x[at] - kept.squareRoot() * data) / (1 - kept).squareRoot()
                    x[at] = next.squareRoot() * data + (1 - next).squareRoot() * noise
                }
            }
            return x
        }
        return NodeColumn(outcome.kind, drawn)
    }

    public func logDensity(of outcome: NodeColumn, given inputs: NodeTable) -> [Double]? { nil }

    /// ᾱ at a time of 0 … 1; 1 − ᾱ(0) is not quite 0.
    private static func kept(_ time: Float) -> Float {
        let root = cos(0.5 * .pi * (time + 0.008) / 1.008)
        // At time 1 the cosine is 0: errors of the noise would be divided by 0 in the first step of a draw.
        return max(root * root, 1e-3)
    }

    /// The upper end of the level in which a time lies.
    private static func level(_ time: Float, of levels: Float) -> Float {
        min(levels, (time * levels).rounded(.down) + 1) / levels
    }
}

// On disk.
extension DiffusionGenerator {
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
