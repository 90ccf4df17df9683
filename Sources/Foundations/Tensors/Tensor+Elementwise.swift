import CKernels

private typealias Kernel = (UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int) -> Void
private typealias Adjoint = (
    UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int
) -> Void

/// Functions of each value alone: y = f(x), dx += dy ⊙ f′(x).
extension Tensor {
    /// y = eˣ; f′ = y.
    public func exp() -> Tensor { mapped(kernel_exp, kernel_exp_adjoint) }

    /// y = ln x; f′ = 1/x.
    public func log() -> Tensor { mapped(kernel_log, kernel_log_adjoint) }

    /// y = tanh x; f′ = 1 − y².
    public func tanh() -> Tensor { mapped(kernel_tanh, kernel_tanh_adjoint) }

    /// y = σ(x) = 1/(1 + e⁻ˣ); f′ = y(1 − y).
    public func sigmoid() -> Tensor { mapped(kernel_sigmoid, kernel_sigmoid_adjoint) }

    /// y = ln(1 + eˣ); f′ = σ(x).
    public func softplus() -> Tensor { mapped(kernel_softplus, kernel_softplus_adjoint) }

    /// y = ln σ(x) = −ln(1 + e⁻ˣ); f′ = σ(−x).
    public func logSigmoid() -> Tensor { mapped(kernel_log_sigmoid, kernel_log_sigmoid_adjoint) }

    /// y = max(x, 0); f′ = 1 where x > 0, else 0.
    public func relu() -> Tensor { mapped(kernel_relu, kernel_relu_adjoint) }

    /// y = x σ(x); f′ = σ(x)(1 + x(1 − σ(x))).
    public func silu() -> Tensor { mapped(kernel_silu, kernel_silu_adjoint) }

    /// y = x Φ(x) with the normal distribution function Φ, exactly; f′ = Φ(x) + x φ(x).
    public func gelu() -> Tensor { mapped(kernel_gelu, kernel_gelu_adjoint) }

    /// y = √x; f′ = 1/(2y), which is infinite at 0.
    public func squareRoot() -> Tensor { mapped(kernel_sqrt, kernel_sqrt_adjoint) }

    /// y = x²; f′ = 2x.
    public func square() -> Tensor { mapped(kernel_square, kernel_square_adjoint) }

    /// y = max(0, x) − x t + ln(1 + e^−|x|), the binary cross-entropy of logits x and targets t in [0, 1], value by
    /// value; dx += dy (σ(x) − t). No gradient flows to the targets.
    public func binaryCrossEntropy(targets: Tensor) -> Tensor {
        precondition(shape == targets.shape, "logits \(shape) and targets \(targets.shape) differ")
        let y = tape.arena.storage(count)
        let (x, t, node, count) = (storage, targets.storage, self.node, self.count)
        tape.forEachPart(rows: count) { part in
            let at = part.lowerBound
            kernel_cross_entropy(x.pointer + at, t.pointer + at, y.pointer + at, part.count)
        }
        return tape.record(y, shape: shape, inputs: [self]) { tape, dy in
            tape.addGradient(to: node, rows: count) { part, dx in
                let at = part.lowerBound
                kernel_cross_entropy_adjoint(x.pointer + at, t.pointer + at, dy + at, dx + at, part.count)
            }
        }
    }

    private func mapped(_ kernel: Kernel, _ adjoint: @escaping Adjoint) -> Tensor {
        let y = tape.arena.storage(count)
        let (x, node, count) = (storage, self.node, self.count)
        tape.forEachPart(rows: count) { kernel(x.pointer + $0.lowerBound, y.pointer + $0.lowerBound, $0.count) }
        return tape.record(y, shape: shape, inputs: [self]) { tape, dy in
            tape.addGradient(to: node, rows: count) { part, dx in
                let at = part.lowerBound
                adjoint(x.pointer + at, y.pointer + at, dy + at, dx + at, part.count)
            }
        }
    }
}
