import Networks
@testable import Structure
import Tensors

/// Two blocks of an `EdgePredictor`, one over the variables and one over the observations, on values [n, d, width].
struct BlockWork: Work {
    private let weights: Weights
    private let network: EdgePredictor
    private let shape: [Int]
    private let input: [Float]
    private let cotangent: [Float]
    private let gradient: Bool
    private let workers: Int
    private let arena = Arena()

    init(weights file: SafeTensors, data: SafeTensors, gradient: Bool, workers: Int) throws {
        (network, weights) = try EdgePredictor.loaded(file, layers: 1)
        let z = try data.required("z")
        (shape, input) = (z.shape, z.values)
        cotangent = try data.required("cotangent").values
        self.gradient = gradient
        self.workers = workers
    }

    func step() -> StepResult {
        let tape = Tape(weights: weights, recording: gradient, workers: workers, arena: arena)
        let z = tape.variable(input, shape: shape)
        let y = network.blocks.reduce(z) { z, block in block.folded(on: tape)(z) }
        guard gradient else { return StepResult { y.values } }
        tape.backward(from: (y * tape.constant(cotangent, shape: shape)).sum())
        return StepResult { tape.gradient(of: z) }
    }
}
