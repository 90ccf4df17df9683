import CKernels

/// Operations along one axis. The kernels work on the last one; another axis is brought there and back.
extension Tensor {
    /// y = softmax of x along an axis; dx += y ⊙ (dy − Σ y ⊙ dy).
    public func softmax(axis chosen: Int = -1) -> Tensor {
        withLast(chosen, keepingLength: true) { x in
            let n = x.shape[x.rank - 1]
            let rows = x.count / max(1, n)
            let y = x.tape.arena.storage(x.count)
            if n > 0 { kernel_softmax(x.storage.pointer, 1, y.pointer, nil, rows, n) }
            let node = x.node
            return x.tape.record(y, shape: x.shape, inputs: [x]) { tape, dy in
                if let dx = tape.gradient(node) { kernel_softmax_adjoint(y.pointer, dy, 1, dx, rows, n) }
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
            kernel_softmax(x.storage.pointer, 1, shares.pointer, y.pointer, rows, n)
            let node = x.node
            return x.tape.record(y, shape: Array(x.shape.dropLast()), inputs: [x]) { tape, dy in
                guard let dx = tape.gradient(node) else { return }
                for row in 0..<rows { kernel_accumulate(dx + row * n, dy[row], shares.pointer + row * n, n) }
            }
        }
    }

    /// y = the largest value along an axis, which falls away; the gradient goes to its first place.
    public func maximum(axis chosen: Int = -1) -> Tensor {
        withLast(chosen, keepingLength: false) { x in
            let n = x.shape[x.rank - 1]
            precondition(n > 0, "no values have no maximum: \(x.shape)")
            let rows = x.count / n
            let y = x.tape.arena.storage(rows)
            let places = (0..<rows).map { row in
                var best = row * n
                for i in row * n..<(row + 1) * n where x.storage.pointer[i] > x.storage.pointer[best] { best = i }
                y.pointer[row] = x.storage.pointer[best]
                return best
            }
            let node = x.node
            return x.tape.record(y, shape: Array(x.shape.dropLast()), inputs: [x]) { tape, dy in
                guard let dx = tape.gradient(node) else { return }
                for row in 0..<rows { dx[places[row]] += dy[row] }
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
        let rows = count / n
        let (y, mean, deviation) = (tape.arena.storage(count), tape.arena.storage(rows), tape.arena.storage(rows))
        kernel_layer_norm(
            storage.pointer, scale.storage.pointer, shift.storage.pointer, epsilon, y.pointer, mean.pointer,
            deviation.pointer, rows, n)
        let (x, gamma, nodes) = (storage, scale.storage, (node, scale.node, shift.node))
        return tape.record(y, shape: shape, inputs: [self, scale, shift]) { tape, dy in
            kernel_layer_norm_adjoint(
                x.pointer, gamma.pointer, mean.pointer, deviation.pointer, dy, tape.gradient(nodes.0),
                tape.gradient(nodes.1), tape.gradient(nodes.2), rows, n)
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
