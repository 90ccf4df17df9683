import CKernels

/// Operations with noise. The noise of a value depends on a key and on the value's place only, so a step that is taken
/// again with the same key has the same bytes.
extension Tensor {
    /// y = x ⊙ b/(1 − p) with b of 0 with probability p, else 1 (Srivastava et al. 2014); dx += dy ⊙ b/(1 − p).
    ///
    /// The mean over the noise is x, so inference leaves the operation out.
    /// - Parameters:
    ///   - rate: p, in [0, 1), to 32 bits.
    ///   - key: Of the noise, drawn from a stream of the caller's.
    public func dropout(rate: Double, key: UInt64) -> Tensor {
        precondition((0..<1).contains(rate), "a dropout rate lies in [0, 1), not at \(rate)")
        let threshold = UInt32(rate * 0x1p32)
        let scale = Float(1 / (1 - rate))
        let y = tape.arena.storage(count)
        kernel_dropout(storage.pointer, key, threshold, scale, y.pointer, count)
        let (node, count) = (self.node, self.count)
        return tape.record(y, shape: shape, inputs: [self]) { tape, dy in
            if let dx = tape.gradient(node) { kernel_dropout_adjoint(dy, key, threshold, scale, dx, count) }
        }
    }

    /// s = σ((x + ln u − ln(1 − u))/τ) with u uniform: a sample of the binary concrete distribution (Maddison et al. 2017;
    /// Jang et al. 2017) with logits x and temperature τ; dx += dy ⊙ s(1 − s)/τ.
    ///
    /// y = s, or where `isHard` y = 1 if s > ½ else 0, with the gradient of s all the same (straight-through, which is
    /// biased). The mean of the hard sample over the noise is σ(x).
    public func gumbelSigmoid(temperature: Float, key: UInt64, isHard: Bool = false) -> Tensor {
        precondition(temperature > 0, "a temperature is positive, not \(temperature)")
        let soft = tape.arena.storage(count)
        kernel_logistic_noise(key, soft.pointer, count)
        kernel_accumulate(soft.pointer, 1, storage.pointer, count)
        kernel_affine(soft.pointer, 1 / temperature, 0, soft.pointer, count)
        kernel_sigmoid(soft.pointer, soft.pointer, count)
        let y = isHard ? tape.arena.storage(count) : soft
        if isHard {
            for index in 0..<count { y.pointer[index] = soft.pointer[index] > 0.5 ? 1 : 0 }
        }
        let (x, node, count) = (storage, self.node, self.count)
        return tape.record(y, shape: shape, inputs: [self]) { tape, dy in
            guard let dx = tape.gradient(node) else { return }
            kernel_affine(dy, 1 / temperature, 0, dy, count)
            kernel_sigmoid_adjoint(x.pointer, soft.pointer, dy, dx, count)
        }
    }
}
