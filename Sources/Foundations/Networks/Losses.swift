import Foundation
import Tensors

/// Losses value by value (beside `binaryCrossEntropy`), and their mean where some values do not count.
extension Tensor {
    /// (x − t)².
    public func squaredError(targets: Tensor) -> Tensor { (self - targets).square() }

    /// ½ (s + (t − x)² e^−s + ln 2π): minus the logarithm of a normal density with mean x and log-variance s, at t.
    public func gaussianNegativeLogLikelihood(targets: Tensor, logVariance: Tensor) -> Tensor {
        0.5
            * (logVariance + squaredError(targets: targets) * (-logVariance).exp()
                + Float(Foundation.log(2 * Double.pi)))
    }

    /// Σ w ⊙ x / Σ w over all values; w may broadcast. A mask of 0 and 1 leaves values out.
    public func mean(weights: Tensor) -> Tensor {
        (self * weights).sum() / weights.broadcast(to: shape).sum()
    }
}
