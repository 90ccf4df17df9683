import CKernels

/// A function of each value that an operation applies in the same pass.
public enum Nonlinearity: Sendable, CaseIterable {
    /// max(x, 0)
    case relu
    /// x σ(x)
    case silu
    /// x Φ(x)
    case gelu

    var kernel: Int32 {
        switch self {
        case .relu: Int32(KERNEL_RELU)
        case .silu: Int32(KERNEL_SILU)
        case .gelu: Int32(KERNEL_GELU)
        }
    }
}

extension Tensor {
    /// Y = f(X W + b) + R over the last axis, in one pass: [… , in] × [in, out] (+ [out]) (+ [… , out]) → [… , out].
    ///
    /// With E = dY ⊙ f′(X W + b): dX += E Wᵀ, dW += Xᵀ E, db += Σ rows of E, dR += dY.
    /// - Parameters:
    ///   - activation: f; the identity where nil.
    ///   - residual: R, of the shape of the result.
    public func linear(
        weight: Tensor, bias: Tensor? = nil, activation: Nonlinearity? = nil, residual: Tensor? = nil
    ) -> Tensor {
        LinearLayer(x: self, weight: weight, bias: bias, activation: activation, residual: residual).recorded()
    }

    /// Y = f(X̂ W + b) + R with x̂ = (x − mean)/√(variance + epsilon) of each row of X: a layer norm without scale and
    /// shift before a layer, without its values in memory. Shapes are those of `linear`.
    ///
    /// With G = E Wᵀ, the gradient of X̂: dX += (G − mean(G) − X̂ mean(G ⊙ X̂))/√(variance + epsilon), dW += X̂ᵀ E; the
    /// rest is as in `linear`.
    public func standardisedLinear(
        weight: Tensor, bias: Tensor? = nil, epsilon: Float = 1e-5, activation: Nonlinearity? = nil,
        residual: Tensor? = nil
    ) -> Tensor {
        LinearLayer(
            x: self, weight: weight, bias: bias, activation: activation, residual: residual, epsilon: epsilon
        ).recorded()
    }

    /// Y = f(layerNorm(X) W + b) + R: the norm's scale γ and shift β go into the layer, W′ = γ ⊙ W (row by row) and
    /// b′ = β W + b, so that the rows need only be standardised.
    public func normalisedLinear(
        scale: Tensor, shift: Tensor, weight: Tensor, bias: Tensor? = nil, epsilon: Float = 1e-5,
        activation: Nonlinearity? = nil, residual: Tensor? = nil
    ) -> Tensor {
        let k = shape.last ?? 0
        precondition(
            scale.shape == [k] && shift.shape == [k],
            "a layer norm of \(shape) with scale \(scale.shape) and shift \(shift.shape)")
        return standardisedLinear(
            weight: scale.reshaped([k, 1]) * weight, bias: shift.linear(weight: weight, bias: bias), epsilon: epsilon,
            activation: activation, residual: residual)
    }
}

/// One layer with what goes before and after it, and its way back.
private struct LinearLayer {
    let x: Tensor
    let weight: Tensor
    let bias: Tensor?
    let activation: Nonlinearity?
    let residual: Tensor?
    /// Of the standardisation of x; nil for none.
    var epsilon: Float?

    private var rows: Int { x.shape.dropLast().reduce(1, *) }
    private var inner: Int { weight.shape[0] }
    private var columns: Int { weight.shape[1] }

    func recorded() -> Tensor {
        precondition(
            x.rank >= 1 && weight.rank == 2 && inner == x.shape[x.rank - 1],
            "\(x.shape) does not go through a layer of \(weight.shape)")
        let shape = Array(x.shape.dropLast()) + [columns]
        precondition(bias == nil || bias!.shape == [columns], "a bias of \(bias!.shape) for \(columns) outputs")
        precondition(residual == nil || residual!.shape == shape, "\(residual!.shape) is added to a layer's \(shape)")
        let tape = x.tape
        let inputs = [x, weight] + [bias, residual].compactMap { $0 }
        let tracked = tape.recording && inputs.contains { $0.node != nil }
        let y = tape.arena.storage(rows * columns)
        // ReLU's slope can be read off its value, unless a residual was added to that.
        let keepsArgument = tracked && activation != nil && (activation != .relu || residual != nil)
        let argument = keepsArgument ? tape.arena.storage(rows * columns) : nil
        let moments = epsilon.map { _ in (tape.arena.storage(rows), tape.arena.storage(rows)) }
        forward(into: y, argument: argument, moments: moments)
        let way = Way(
            rows: rows, inner: inner, columns: columns, x: x.storage, weight: weight.storage, activation: activation,
            argument: argument ?? y, moments: moments, nodes: (x.node, weight.node, bias?.node, residual?.node))
        return tape.record(y, shape: shape, inputs: inputs) { tape, dy in way.back(tape, dy) }
    }

    private func forward(into y: Storage, argument: Storage?, moments: (Storage, Storage)?) {
        var product = kernel_product(
            x.storage.pointer, inner, transposed: false, weight.storage.pointer, columns, transposed: false, rows: rows,
            columns: columns, inner: inner, beta: 0, into: y.pointer, columns)
        product.bias = bias.map { UnsafePointer($0.storage.pointer) }
        product.activation = activation?.kernel ?? Int32(KERNEL_IDENTITY)
        product.argument = argument?.pointer
        product.residual = residual.map { UnsafePointer($0.storage.pointer) }
        product.stride_residual = columns
        product.mean = moments.map { UnsafePointer($0.0.pointer) }
        product.rstd = moments.map { UnsafePointer($0.1.pointer) }
        let packed = PackedProduct(product, tape: x.tape)
        let chunks = RowChunks(rows: rows)
        let (input, inner, epsilon) = (x.storage.pointer, inner, epsilon)
        x.tape.concurrently(chunks: chunks.count) { chunk, _ in
            let rows = chunks[chunk]
            if let moments, let epsilon {
                kernel_row_moments(
                    input + rows.lowerBound * inner, epsilon, moments.0.pointer + rows.lowerBound,
                    moments.1.pointer + rows.lowerBound, rows.count, inner)
            }
            packed.multiply(rows: rows)
        }
    }

    /// What the way back needs: storages and node numbers, never tensors.
    private struct Way {
        let rows: Int
        let inner: Int
        let columns: Int
        let x: Storage
        let weight: Storage
        let activation: Nonlinearity?
        let argument: Storage
        let moments: (mean: Storage, rstd: Storage)?
        let nodes: (x: Int?, weight: Int?, bias: Int?, residual: Int?)

        func back(_ tape: Tape, _ dy: UnsafeMutablePointer<Float>) {
            if activation != nil, let dr = tape.gradient(nodes.residual) {
                kernel_accumulate(dr, 1, dy, rows * columns)
            }
            byRows(tape, dy)
            if let dw = tape.gradient(nodes.weight) {
                var product = kernel_product(
                    x.pointer, inner, transposed: true, dy, columns, transposed: false, rows: inner, columns: columns,
                    inner: rows, beta: 1, into: dw, columns)
                product.mean = moments.map { UnsafePointer($0.mean.pointer) }
                product.rstd = moments.map { UnsafePointer($0.rstd.pointer) }
                tape.multiply(product)
            }
            if activation == nil { tape.passOn(to: nodes.residual) }
        }

        /// dy becomes the gradient E before the activation; db and dx follow while its rows are in the cache.
        private func byRows(_ tape: Tape, _ dy: UnsafeMutablePointer<Float>) {
            let chunks = RowChunks(rows: rows)
            let db = tape.gradient(nodes.bias)
            let sums = db.map { _ in tape.arena.storage(chunks.count * columns) }
            let dx = tape.target(nodes.x)
            let packed = dx.map { dx in
                PackedProduct(
                    kernel_product(
                        dy, columns, transposed: false, weight.pointer, columns, transposed: true, rows: rows,
                        columns: inner, inner: columns, beta: dx.adding && moments == nil ? 1 : 0, into: dx.pointer,
                        inner),
                    tape: tape)
            }
            let scratch = moments.map { _ in tape.arena.storage(tape.workers * RowChunks.height * inner) }
            tape.concurrently(chunks: chunks.count) { chunk, worker in
                let rows = chunks[chunk]
                let first = rows.lowerBound
                if let activation {
                    kernel_scale_by_slope(
                        activation.kernel, argument.pointer + first * columns, dy + first * columns,
                        rows.count * columns)
                }
                if let sums {
                    kernel_column_sums(dy + first * columns, sums.pointer + chunk * columns, rows.count, columns)
                }
                guard let packed, let dx else { return }
                guard let moments, let scratch else { return packed.multiply(rows: rows) }
                let gradient = scratch.pointer + worker * RowChunks.height * inner
                packed.multiply(rows: rows) { $0.c = gradient }
                kernel_standardise_adjoint(
                    x.pointer + first * inner, moments.mean.pointer + first, moments.rstd.pointer + first, gradient,
                    dx.adding, dx.pointer + first * inner, rows.count, inner)
            }
            guard let db, let sums else { return }
            for chunk in 0..<chunks.count { kernel_accumulate(db, 1, sums.pointer + chunk * columns, columns) }
        }
    }
}
