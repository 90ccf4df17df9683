import Probability
import Tensors

/// Noise from named streams: the caller derives the stream from the step and the place in the network, so that a
/// resumed training draws what an uninterrupted one would, with no position to keep.
extension Tensor {
    /// See `dropout(rate:key:)`; without a stream, as in inference, and at a rate of 0 the values stay as they are.
    public func dropout(rate: Double, stream: RandomStream?) -> Tensor {
        guard let stream, rate > 0 else { return self }
        return dropout(rate: rate, key: stream.key)
    }

    /// See `gumbelSigmoid(temperature:key:isHard:)`.
    public func gumbelSigmoid(temperature: Float, stream: RandomStream, isHard: Bool = false) -> Tensor {
        gumbelSigmoid(temperature: temperature, key: stream.key, isHard: isHard)
    }
}

extension RandomStream {
    fileprivate var key: UInt64 {
        var stream = self
        return stream.next()
    }
}
