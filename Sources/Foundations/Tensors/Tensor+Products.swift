import CKernels
import COpenBLAS

/// C = alpha A B + beta C on row-major matrices of rows × columns values with the given row lengths in memory.
func multiply(
    _ a: UnsafePointer<Float>, _ strideA: Int, transposed transposeA: Bool, _ b: UnsafePointer<Float>, _ strideB: Int,
    transposed transposeB: Bool, rows: Int, columns: Int, inner: Int, alpha: Float = 1, beta: Float,
    into c: UnsafeMutablePointer<Float>, _ strideC: Int
) {
    guard rows > 0, columns > 0 else { return }
    cblas_sgemm(
        CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, Int32(rows),
        Int32(columns), Int32(inner), alpha, a, Int32(max(1, strideA)), b, Int32(max(1, strideB)), beta, c,
        Int32(strideC))
}

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
        for (place, pair) in pairs.enumerated() {
            multiply(
                a.storage.pointer + pair.a * sizeA, columnsA, transposed: transposingA,
                b.storage.pointer + pair.b * sizeB, columnsB, transposed: transposingB, rows: rows, columns: n,
                inner: k,
                beta: 0, into: y.pointer + place * sizeC, n)
        }
        let (valueA, valueB, nodeA, nodeB) = (a.storage, b.storage, a.node, b.node)
        return a.tape.record(y, shape: shape, inputs: [a, b]) { tape, dy in
            let (da, db) = (tape.gradient(nodeA), tape.gradient(nodeB))
            for (place, pair) in pairs.enumerated() {
                let dc = dy + place * sizeC
                let (pointerA, pointerB) = (valueA.pointer + pair.a * sizeA, valueB.pointer + pair.b * sizeB)
                if let da = da.map({ $0 + pair.a * sizeA }) {
                    if transposingA {
                        multiply(
                            pointerB, columnsB, transposed: transposingB, dc, n, transposed: true, rows: k,
                            columns: rows, inner: n, beta: 1, into: da, columnsA)
                    } else {
                        multiply(
                            dc, n, transposed: false, pointerB, columnsB, transposed: !transposingB, rows: rows,
                            columns: k, inner: n, beta: 1, into: da, columnsA)
                    }
                }
                if let db = db.map({ $0 + pair.b * sizeB }) {
                    if transposingB {
                        multiply(
                            dc, n, transposed: true, pointerA, columnsA, transposed: transposingA, rows: n, columns: k,
                            inner: rows, beta: 1, into: db, columnsB)
                    } else {
                        multiply(
                            pointerA, columnsA, transposed: !transposingA, dc, n, transposed: false, rows: k,
                            columns: n, inner: rows, beta: 1, into: db, columnsB)
                    }
                }
            }
        }
    }

    /// Y = X W + b over the last axis: [… , in] × [in, out] (+ [out]) → [… , out].
    /// dX += dY Wᵀ, dW += Xᵀ dY, db += Σ rows of dY.
    public func linear(weight: Tensor, bias: Tensor?) -> Tensor {
        precondition(
            rank >= 1 && weight.rank == 2 && weight.shape[0] == shape[rank - 1],
            "\(shape) does not go through a layer of \(weight.shape)")
        let (k, n) = (weight.shape[0], weight.shape[1])
        precondition(bias == nil || bias!.shape == [n], "a bias of \(bias!.shape) for \(n) outputs")
        let rows = k == 0 ? 0 : count / k
        let y = tape.arena.storage(rows * n)
        if let bias {
            for row in 0..<rows { (y.pointer + row * n).update(from: bias.storage.pointer, count: n) }
        }
        multiply(
            storage.pointer, k, transposed: false, weight.storage.pointer, n, transposed: false, rows: rows, columns: n,
            inner: k, beta: bias == nil ? 0 : 1, into: y.pointer, n)
        let (x, w, nodeX, nodeW, nodeB) = (storage, weight.storage, node, weight.node, bias?.node)
        let inputs = [self, weight] + (bias.map { [$0] } ?? [])
        return tape.record(y, shape: shape.dropLast() + [n], inputs: inputs) { tape, dy in
            if let dx = tape.gradient(nodeX) {
                multiply(
                    dy, n, transposed: false, w.pointer, n, transposed: true, rows: rows, columns: k, inner: n, beta: 1,
                    into: dx, k)
            }
            if let dw = tape.gradient(nodeW) {
                multiply(
                    x.pointer, k, transposed: true, dy, n, transposed: false, rows: k, columns: n, inner: rows, beta: 1,
                    into: dw, n)
            }
            if let db = tape.gradient(nodeB) {
                for row in 0..<rows { kernel_accumulate(db, 1, dy + row * n, n) }
            }
        }
    }

    /// y[i, j, c] = scale Σₖ a[i, k, c] b[k, j, c] for tensors [d, d, channels]: what pairs (i, k) and (k, j) say of
    /// (i, j) (Jumper et al. 2021, "triangle multiplication"). A matrix product per channel; da += scale dy bᵀ and
    /// db += scale aᵀ dy in each.
    public static func triangleProduct(_ a: Tensor, _ b: Tensor, scale: Float) -> Tensor {
        precondition(
            a.rank == 3 && a.shape == b.shape && a.shape[0] == a.shape[1],
            "triangles are of two tensors [d, d, channels], not \(a.shape) and \(b.shape)")
        let y = product(a.permuted([2, 0, 1]), b.permuted([2, 0, 1]))
        return y.permuted([1, 2, 0]) * scale
    }
}
