import CKernels

extension Tensor {
    /// C = A B over the last two axes, each read as transposed where asked: [… , m, k] × [… , k, n] → [… , m, n].
    ///
    /// The axes before them broadcast. dA += dC Bᵀ and dB += Aᵀ dC (transposed where the operand was read so), summed
    /// over the repeated axes.
    public static func product(
        _ a: Tensor, _ b: Tensor, transposingA: Bool = false, transposingB: Bool = false
    ) -> Tensor {
        precondition(a.rank >= 2 && b.rank >= 2, "a product is of matrices, not of \(a.shape) and \(b.shape)")
        let (rowsA, columnsA) = (a.shape[a.rank - 2], a.shape[a.rank - 1])
        let (rowsB, columnsB) = (b.shape[b.rank - 2], b.shape[b.rank - 1])
        var m = transposingA ? columnsA : rowsA
        let k = transposingA ? rowsA : columnsA
        let n = transposingB ? rowsB : columnsB
        let (batchA, batchB) = (Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2)))
        guard k == (transposingB ? columnsB : rowsB), let batch = Broadcasting.shape(batchA, batchB) else {
            preconditionFailure(
                "the product of \(a.shape) and \(b.shape) (\(transposingA), \(transposingB)) is not defined")
        }
        let shape = batch + [m, n]
        // One matrix for all batches: their rows lie one below the other.
        var pairs = [(a: Int, b: Int)]()
        if !transposingA, b.count == rowsB * columnsB, a.count == batch.reduce(1, *) * m * k {
            m *= batch.reduce(1, *)
            pairs = [(0, 0)]
        } else {
            Broadcasting(shape: batch, a: batchA, b: batchB).forEachRun { i, strideA, j, strideB, _, count in
                for step in 0..<count { pairs.append((i + step * strideA, j + step * strideB)) }
            }
        }
        let rows = m
        let y = a.tape.arena.storage(shape.reduce(1, *))
        let (sizeA, sizeB, sizeC) = (rows * k, k * n, rows * n)
        // Small products go out to the workers many at a time, large ones share the workers among their parts.
        let share = max(1, 1 << 18 / max(1, rows * n * k))
        let (pointerA, pointerB) = (a.storage.pointer, b.storage.pointer)
        let product = { (place: Int) in
            kernel_product(
                pointerA + pairs[place].a * sizeA, columnsA, transposed: transposingA,
                pointerB + pairs[place].b * sizeB, columnsB, transposed: transposingB, rows: rows, columns: n, inner: k,
                beta: 0, into: y.pointer + place * sizeC, n)
        }
        if pairs.count == 1 {
            a.tape.multiply(product(0))
        } else {
            a.tape.concurrently(chunks: (pairs.count + share - 1) / share) { chunk, _ in
                for place in chunk * share..<min(pairs.count, (chunk + 1) * share) {
                    var one = product(place)
                    kernel_multiply_matrices(&one)
                }
            }
        }
        let (valueA, valueB, nodeA, nodeB) = (a.storage, b.storage, a.node, b.node)
        let (repeatsA, repeatsB) = (a.count < pairs.count * sizeA, b.count < pairs.count * sizeB)
        return a.tape.record(y, shape: shape, inputs: [a, b]) { tape, dy in
            let da = tape.target(nodeA, zeroed: repeatsA)
            let db = tape.target(nodeB, zeroed: repeatsB)
            for (place, pair) in pairs.enumerated() {
                let dc = dy + place * sizeC
                let (pointerA, pointerB) = (valueA.pointer + pair.a * sizeA, valueB.pointer + pair.b * sizeB)
                if let (start, adding) = da {
                    let (target, beta) = (start + pair.a * sizeA, Float(adding ? 1 : 0))
                    tape.multiply(
                        transposingA
                            ? kernel_product(
                                pointerB, columnsB, transposed: transposingB, dc, n, transposed: true, rows: k,
                                columns: rows, inner: n, beta: beta, into: target, columnsA)
                            : kernel_product(
                                dc, n, transposed: false, pointerB, columnsB, transposed: !transposingB, rows: rows,
                                columns: k, inner: n, beta: beta, into: target, columnsA))
                }
                if let (start, adding) = db {
                    let (target, beta) = (start + pair.b * sizeB, Float(adding ? 1 : 0))
                    tape.multiply(
                        transposingB
                            ? kernel_product(
                                dc, n, transposed: true, pointerA, columnsA, transposed: transposingA, rows: n,
                                columns: k, inner: rows, beta: beta, into: target, columnsB)
                            : kernel_product(
                                pointerA, columnsA, transposed: !transposingA, dc, n, transposed: false, rows: k,
                                columns: n, inner: rows, beta: beta, into: target, columnsB))
                }
            }
        }
    }

    /// y[i, j, c] = scale Σₖ a[i, k, c] b[k, j, c] for tensors [d, d, channels]: what pairs (i, k) and (k, j) say of
    /// (i, j) (Jumper et al. 2021, "triangle multiplication"). A matrix product per channel, without moving them;
    /// da += scale dy bᵀ and db += scale aᵀ dy in each.
    public static func triangleProduct(_ a: Tensor, _ b: Tensor, scale: Float) -> Tensor {
        precondition(
            a.rank == 3 && a.shape == b.shape && a.shape[0] == a.shape[1],
            "triangles are of two tensors [d, d, channels], not \(a.shape) and \(b.shape)")
        let (d, channels, count) = (a.shape[0], a.shape[2], a.count)
        let (left, right, nodeA, nodeB) = (a.storage, b.storage, a.node, b.node)
        let (row, column) = (d * channels, channels)
        let y = a.tape.arena.zeros(count)
        /// Adds products of entries to y in parts of rows; the steps are those of `kernel_triangle_product`.
        func add(
            _ tape: Tape, _ u: UnsafePointer<Float>, _ ui: Int, _ uk: Int, _ v: UnsafePointer<Float>, _ vk: Int,
            _ vj: Int, to y: UnsafeMutablePointer<Float>
        ) {
            // Enough rows that packing v is little beside the work on it.
            let height = 32
            tape.concurrently(chunks: (d + height - 1) / height) { chunk, _ in
                kernel_triangle_product(
                    u, ui, uk, v, vk, vj, y, row, column, d, channels, scale, chunk * height,
                    min(d, (chunk + 1) * height))
            }
        }
        add(a.tape, left.pointer, row, column, right.pointer, row, column, to: y.pointer)
        return a.tape.record(y, shape: a.shape, inputs: [a, b]) { tape, dy in
            if let da = tape.gradient(nodeA) {
                add(tape, dy, row, column, right.pointer, column, row, to: da)
            }
            if let db = tape.gradient(nodeB) {
                add(tape, left.pointer, column, row, dy, row, column, to: db)
            }
        }
    }
}
