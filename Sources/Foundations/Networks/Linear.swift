import Probability
import Tensors

/// y = x W + b over the last axis: [… , inputs] → [… , outputs].
public struct Linear: Sendable {
    /// inputs × outputs.
    public let weight: Parameter
    public let bias: Parameter?

    /// - Parameter gain: Of the variance; 0 makes a layer that starts at its bias, 0.
    public init(
        _ name: String, inputs: Int, outputs: Int, bias: Bool = true, gain: Double = 1, weights: inout Weights,
        stream: RandomStream
    ) {
        self.init(
            name, inputs: inputs, outputs: outputs, bias: bias, initially: .uniform(gain: gain), weights: &weights,
            stream: stream)
    }

    /// - Parameter stream: Of the first values; nil leaves zeros, for weights that come from a file.
    public init(
        _ name: String, inputs: Int, outputs: Int, bias: Bool = true, initially: InitialValues, weights: inout Weights,
        stream: RandomStream?
    ) {
        let values =
            stream.map { initially.drawn(inputs * outputs, inputs: inputs, stream: $0.stream("\(name).weight")) }
            ?? Array(repeating: 0, count: inputs * outputs)
        weight = weights.add("\(name).weight", shape: [inputs, outputs], values: values)
        self.bias = bias ? weights.add("\(name).bias", shape: [outputs], repeating: 0) : nil
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        x.linear(weight: x.tape.parameter(weight), bias: bias.map(x.tape.parameter))
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
