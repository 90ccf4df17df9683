import Probability
import Tensors

/// First values of parameters. Each draws from the sub-stream of its own name, so a new layer shifts no other.
extension Weights {
    public mutating func add(_ name: String, shape: [Int], repeating value: Float) -> Parameter {
        add(name, shape: shape, values: Array(repeating: value, count: shape.reduce(1, *)))
    }
}

/// How the first values of a weight are drawn.
public enum InitialValues: Sendable {
    /// Uniform on ±√(3 gain/inputs), which keeps the variance of a layer's values (LeCun et al. 1998) at gain 1, and with
    /// rectifiers at gain 2 (He et al. 2015).
    case uniform(gain: Double)
    /// Of the same variance, gain/inputs, normal but for a cut at ±2 deviations of the uncut distribution.
    case truncatedNormal(gain: Double)

    func drawn(_ count: Int, inputs: Int, stream: RandomStream) -> [Float] {
        var stream = stream
        switch self {
        case .uniform(let gain):
            let bound = (3 * gain / Double(max(1, inputs))).squareRoot()
            return (0..<count).map { _ in Float(stream.uniform(-bound, bound)) }
        case .truncatedNormal(let gain):
            let deviation = (gain / Self.cutVariance / Double(max(1, inputs))).squareRoot()
            return (0..<count).map { _ in
                var x = stream.normal()
                while abs(x) > 2 { x = stream.normal() }
                return Float(deviation * x)
            }
        }
    }

    /// Of a standard normal cut at ±2: 1 − 4 φ(2)/(2 Φ(2) − 1).
    public static let cutVariance = 0.7737413035499232
}
