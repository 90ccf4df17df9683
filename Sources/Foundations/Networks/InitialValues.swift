import Probability
import Tensors

/// How the first values of a layer's weights are drawn; their variance is gain/inputs.
///
/// A gain of 1 keeps the variance of a linear layer's values (LeCun et al. 1998), one of 2 that of a layer behind ReLU
/// (He et al. 2015), and a gain of 0 makes zeros.
public enum InitialValues: Sendable, Equatable {
    /// On ±√(3 gain/inputs).
    case uniform(gain: Double)
    /// A normal cut at two of its standard deviations, which is widened so that the variance holds after the cut.
    case truncatedNormal(gain: Double)

    public static let lecunUniform = uniform(gain: 1)
    public static let heUniform = uniform(gain: 2)
    /// Haiku's default for linear layers: a standard deviation of 1/√inputs *before* the cut at two of them.
    public static let haikuLinear = truncatedNormal(gain: cutVariance)

    /// Of a standard normal cut at ±2: 1 − 4 φ(2)/(2 Φ(2) − 1).
    static let cutVariance = 0.7737413035499232

    func drawn(_ count: Int, inputs: Int, stream: RandomStream) -> [Float] {
        var stream = stream
        switch self {
        case .uniform(let gain):
            let bound = (3 * gain / Double(inputs)).squareRoot()
            return (0..<count).map { _ in Float(stream.uniform(-bound, bound)) }
        case .truncatedNormal(let gain):
            let deviation = (gain / Self.cutVariance / Double(inputs)).squareRoot()
            return (0..<count).map { _ in
                var value = stream.normal()
                while abs(value) > 2 { value = stream.normal() }
                return Float(deviation * value)
            }
        }
    }
}

extension Weights {
    /// Each parameter draws from the sub-stream of its own name, so a new layer shifts no other.
    /// - Parameters:
    ///   - inputs: Values that a unit of the layer adds up.
    ///   - stream: nil leaves zeros, for weights that come from a file.
    public mutating func add(
        _ name: String, shape: [Int], inputs: Int, _ initially: InitialValues, stream: RandomStream?
    ) -> Parameter {
        guard let stream else { return add(name, shape: shape, repeating: 0) }
        return add(
            name, shape: shape,
            values: initially.drawn(shape.reduce(1, *), inputs: inputs, stream: stream.stream(name)))
    }

    public mutating func add(_ name: String, shape: [Int], repeating value: Float) -> Parameter {
        add(name, shape: shape, values: Array(repeating: value, count: shape.reduce(1, *)))
    }
}
