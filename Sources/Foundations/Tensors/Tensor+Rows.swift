import CKernels

/// Operations along one axis. The kernels work on the last one; another axis is brought there and back.
extension Tensor {
    /// y = softmax of x along an axis; dx += y ⊙ (dy − Σ y ⊙ dy).
    public func softmax(axis chosen: Int = -1) -> Tensor {
        withLast(chosen, keepingLength: true) { x in
            let n = x.shape[x.rank - 1]
            let rows = x.count / max(1, n)
            let y = x.tape.arena.storage(x.count)
            let (source, node) = (x.storage.pointer, x.node)
            if n > 0 {
                x.tape.forEachPart(rows: rows, width: n) { part in
                    let at = part.lowerBound * n
                    kernel_softmax(source + at, y.pointer + at, nil, part.count, n)
                }
            }
            return x.tape.record(y, shape: x.shape, inputs: [x]) { tape, dy in
                tape.addGradient(to: node, rows: rows, width: n) { part, dx in
                    let at = part.lowerBound * n
                    kernel_softmax_adjoint(y.pointer + at, dy + at, dx + at, part.count, n)
                }
            }
        }
    }

    /// y = ln Σ eˣ along an axis, which falls away; dx += dy softmax(x). Infinite values give NaN.
    public func logSumExp(axis chosen: Int = -1) -> Tensor {
        withLast(chosen, keepingLength: false) { x in
            let n = x.shape[x.rank - 1]
            precondition(n > 0, "a sum of no exponentials has no logarithm: \(x.shape)")
            let rows = x.count / n
            let y = x.tape.arena.storage(rows)
            let shares = x.tape.arena.storage(x.count)
            kernel_softmax(x.storage.pointer, shares.pointer, y.pointer, rows, n)
            let node = x.node
            return x.tape.record(y, shape: Array(x.shape.dropLast()), inputs: [x]) { tape, dy in
                guard let dx = tape.gradient(node) else { return }
                for row in 0..<rows { kernel_accumulate(dx + row * n, dy[row], shares.pointer + row * n, n) }
            }
        }
    }

    /// y = the largest value along an axis, which falls away; dx at its first place += dy.
    public func maximum(axis chosen: Int = -1) -> Tensor {
        let axis = axis(chosen)
        let (n, inner) = (shape[axis], shape[(axis + 1)...].reduce(1, *))
        precondition(n > 0, "no values have no maximum: \(shape)")
        let outer = shape[..<axis].reduce(1, *)
        let y = tape.arena.storage(outer * inner)
        var places = Array(repeating: Int32(0), count: outer * inner)
        let x = storage.pointer
        places.withUnsafeMutableBufferPointer { places in
            guard let places = places.baseAddress else { return }
            for o in 0..<outer {
                kernel_column_maxima(x + o * n * inner, y.pointer + o * inner, places + o * inner, n, inner)
            }
        }
        let (node, result) = (self.node, places)
        var target = shape
        target.remove(at: axis)
        return tape.record(y, shape: target, inputs: [self]) { tape, dy in
            guard let dx = tape.gradient(node) else { return }
            for o in 0..<outer {
                for i in 0..<inner {
                    dx[(o * n + Int(result[o * inner + i])) * inner + i] += dy[o * inner + i]
                }
            }
        }
    }

    /// y = x/‖x‖ along the last axis, with the Euclidean norm; dx += (dy − y Σ y ⊙ dy)/‖x‖. A row of zeros gives NaN.
    public func normalised() -> Tensor {
        let n = shape.last ?? 0
        precondition(n > 0, "no values have no direction: \(shape)")
        let rows = count / n
        let (y, norms) = (tape.arena.storage(count), tape.arena.storage(rows))
        kernel_unit_rows(storage.pointer, y.pointer, norms.pointer, rows, n)
        let node = self.node
        return tape.record(y, shape: shape, inputs: [self]) { tape, dy in
            tape.addGradient(to: node, rows: rows, width: n) { part, dx in
                let at = part.lowerBound * n
                kernel_unit_rows_adjoint(
                    y.pointer + at, norms.pointer + part.lowerBound, dy + at, dx + at, part.count, n)
            }
        }
    }

    /// y = (x − mean)/√(variance + epsilon) ⊙ scale + shift along the last axis (Ba et al. 2016).
    ///
    /// With x̂ the normalised values and e = dy ⊙ scale: dx += (e − mean(e) − x̂ mean(e ⊙ x̂))/√(variance + epsilon),
    /// d scale += Σ dy ⊙ x̂, d shift += Σ dy.
    public func layerNorm(scale: Tensor, shift: Tensor, epsilon: Float = 1e-5) -> Tensor {
        let n = shape.last ?? 0
        precondition(
            n > 0 && scale.shape == [n] && shift.shape == [n],
            "a layer norm of \(shape) with scale \(scale.shape) and shift \(shift.shape)")
        let chunks = RowChunks(rows: count / n)
        let (y, mean, deviation) = (
            tape.arena.storage(count), tape.arena.storage(chunks.rows), tape.arena.storage(chunks.rows)
        )
        let (x, gamma, beta) = (storage, scale.storage, shift.storage)
        tape.concurrently(chunks: chunks.count) { chunk, _ in
            let (first, rows) = (chunks[chunk].lowerBound, chunks[chunk].count)
            kernel_layer_norm(
                x.pointer + first * n, gamma.pointer, beta.pointer, epsilon, y.pointer + first * n,
                mean.pointer + first, deviation.pointer + first, rows, n)
        }
        let nodes = (x: node, scale: scale.node, shift: shift.node)
        return tape.record(y, shape: shape, inputs: [self, scale, shift]) { tape, dy in
            // Each chunk has sums of its own for scale and shift, added up in order at the end.
            let (scales, shifts) = (tape.gradient(nodes.scale), tape.gradient(nodes.shift))
            let sums = tape.arena.zeros(2 * chunks.count * n)
            let dx = tape.target(nodes.x)
            tape.concurrently(chunks: chunks.count) { chunk, _ in
                let (first, rows) = (chunks[chunk].lowerBound, chunks[chunk].count)
                if let dx, !dx.adding { (dx.pointer + first * n).update(repeating: 0, count: rows * n) }
                let own = sums.pointer + 2 * chunk * n
                kernel_layer_norm_adjoint(
                    x.pointer + first * n, gamma.pointer, mean.pointer + first, deviation.pointer + first,
                    dy + first * n, dx.map { $0.pointer + first * n }, scales.map { _ in own },
                    shifts.map { _ in own + n }, rows, n)
            }
            for chunk in 0..<chunks.count {
                if let scales { kernel_accumulate(scales, 1, sums.pointer + 2 * chunk * n, n) }
                if let shifts { kernel_accumulate(shifts, 1, sums.pointer + (2 * chunk + 1) * n, n) }
            }
        }
    }

    private func withLast(_ chosen: Int, keepingLength: Bool, _ operation: (Tensor) -> Tensor) -> Tensor {
        let axis = axis(chosen)
        if axis == rank - 1 { return operation(self) }
        let order = shape.indices.filter { $0 != axis } + [axis]
        let result = operation(permuted(order))
        guard keepingLength else { return result }
        return result.permuted(shape.indices.map { $0 < axis ? $0 : $0 == axis ? rank - 1 : $0 - 1 })
    }
}
