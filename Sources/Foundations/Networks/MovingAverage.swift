import CKernels
import Tensors

/// The exponential moving average of weights, which predicts better than the last step does.
///
/// a ← δ a + (1 − δ) w with δ = min(decay, (1 + t)/(10 + t)), so that early averages forget the first values.
public struct MovingAverage: Sendable, Equatable {
    public let decay: Double
    public internal(set) var values: [Float]
    public internal(set) var step = 0

    public init(decay: Double, weights: Weights) {
        precondition((0..<1).contains(decay), "a decay lies in [0, 1), not at \(decay)")
        self.decay = decay
        values = weights.values
    }

    public mutating func update(_ weights: Weights) {
        precondition(weights.count == values.count, "\(values.count) averages, \(weights.count) weights")
        step += 1
        let kept = Float(min(decay, Double(1 + step) / Double(10 + step)))
        for index in values.indices { values[index] = kept * values[index] + (1 - kept) * weights.values[index] }
    }

    /// The average as weights of the same network.
    public func weights(like weights: Weights) -> Weights {
        var result = weights
        result.values = values
        return result
    }
}
