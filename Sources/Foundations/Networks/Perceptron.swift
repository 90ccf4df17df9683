import Probability
import Tensors

/// Linear layers with an activation between them: [… , widths.first] → [… , widths.last].
public struct Perceptron: Sendable {
    public let layers: [Linear]
    public let activation: Nonlinearity

    public init(
        _ name: String, widths: [Int], activation: Nonlinearity = .silu, initially: InitialValues = .lecunUniform,
        weights: inout Weights, stream: RandomStream
    ) {
        precondition(widths.count >= 2, "a perceptron has inputs and outputs, not the widths \(widths)")
        self.activation = activation
        var layers = [Linear]()
        for (index, (inputs, outputs)) in zip(widths, widths.dropFirst()).enumerated() {
            layers.append(
                Linear(
                    "\(name).\(index)", inputs: inputs, outputs: outputs, initially: initially, weights: &weights,
                    stream: stream))
        }
        self.layers = layers
    }

    public func callAsFunction(_ x: Tensor, residual: Tensor? = nil) -> Tensor {
        let hidden = layers.dropLast().reduce(x) { value, layer in layer(value, activation: activation) }
        return layers[layers.count - 1](hidden, residual: residual)
    }
}

/// Self-attention with its projections along one axis of [… , n, … , width].
public struct AttentionLayer: Sendable {
    public let heads: Int
    public let projection: Linear
    public let output: Linear

    /// - Parameter innerWidth: Channels of queries, of keys and of values, all heads together; `width` unless given.
    public init(
        _ name: String, width: Int, heads: Int, innerWidth: Int? = nil, initially: InitialValues = .lecunUniform,
        weights: inout Weights, stream: RandomStream
    ) {
        let inner = innerWidth ?? width
        precondition(inner % heads == 0, "\(inner) channels do not split into \(heads) heads")
        self.heads = heads
        projection = Linear(
            "\(name).projection", inputs: width, outputs: 3 * inner, initially: initially, weights: &weights,
            stream: stream)
        output = Linear(
            "\(name).output", inputs: inner, outputs: width, initially: initially, weights: &weights,
            stream: stream)
    }

    public func callAsFunction(_ x: Tensor, axis: Int, residual: Tensor? = nil) -> Tensor {
        output(projection(x).selfAttention(heads: heads, axis: axis), residual: residual)
    }
}
