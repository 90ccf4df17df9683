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

    public mutating func update(_ weights: Weights, workers: Workers = Workers()) {
        precondition(weights.count == values.count, "\(values.count) averages, \(weights.count) weights")
        step += 1
        let kept = min(decay, Double(1 + step) / Double(10 + step))
        values.withUnsafeMutableBufferPointer { average in
            nonisolated(unsafe) let average = average
            workers.forEachRange(of: average.count) { range in
                weights.values.withUnsafeBufferPointer {
                    kernel_blend(
                        average.baseAddress! + range.lowerBound, Float(kept), $0.baseAddress! + range.lowerBound,
                        Float(1 - kept), range.count)
                }
            }
        }
    }

    /// The average as weights of the same network.
    public func weights(like weights: Weights) -> Weights {
        var result = weights
        result.values = values
        return result
    }
}
