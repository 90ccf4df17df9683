import Probability
import Tensors

/// First values of parameters. Each draws from the sub-stream of its own name, so a new layer shifts no other.
extension Weights {
    public mutating func add(_ name: String, shape: [Int], repeating value: Float) -> Parameter {
        add(name, shape: shape, values: Array(repeating: value, count: shape.reduce(1, *)))
    }

    /// Uniform on ±√(3 gain/inputs), which keeps the variance of a layer's values (LeCun et al. 1998) at gain 1.
    public mutating func addUniform(
        _ name: String, shape: [Int], inputs: Int, gain: Double = 1, stream: RandomStream
    ) -> Parameter {
        var stream = stream.stream(name)
        let bound = (3 * gain / Double(max(1, inputs))).squareRoot()
        return add(
            name, shape: shape, values: (0..<shape.reduce(1, *)).map { _ in Float(stream.uniform(-bound, bound)) })
    }
}
