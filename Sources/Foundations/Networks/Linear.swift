import Probability
import Tensors

/// y = f(x W + b) + r over the last axis: [… , inputs] → [… , outputs].
public struct Linear: Sendable {
    /// inputs × outputs.
    public let weight: Parameter
    public let bias: Parameter?

    /// - Parameter stream: Of the first values; nil leaves zeros, for weights that come from a file.
    public init(
        _ name: String, inputs: Int, outputs: Int, bias: Bool = true, initially: InitialValues = .lecunUniform,
        weights: inout Weights, stream: RandomStream?
    ) {
        weight = weights.add(
            "\(name).weight", shape: [inputs, outputs], inputs: inputs, initially, stream: stream)
        self.bias = bias ? weights.add("\(name).bias", shape: [outputs], repeating: 0) : nil
    }

    /// - Parameters:
    ///   - activation: f; the identity where nil.
    ///   - residual: r, of the shape of the result.
    public func callAsFunction(_ x: Tensor, activation: Nonlinearity? = nil, residual: Tensor? = nil) -> Tensor {
        x.linear(
            weight: x.tape.parameter(weight), bias: bias.map(x.tape.parameter), activation: activation,
            residual: residual)
    }
}

/// Standardises the last axis and scales it: see `Tensor.layerNorm`.
public struct LayerNorm: Sendable {
    public let scale: Parameter
    public let shift: Parameter

    public init(_ name: String, width: Int, weights: inout Weights) {
        scale = weights.add("\(name).scale", shape: [width], repeating: 1)
        shift = weights.add("\(name).shift", shape: [width], repeating: 0)
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        x.layerNorm(scale: x.tape.parameter(scale), shift: x.tape.parameter(shift))
    }
}
