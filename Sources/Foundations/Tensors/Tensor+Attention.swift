import CKernels

/// Softmax attention of tokens that lie along one axis, with several heads.
///
/// | symbol | code | shape | meaning |
/// |---|---|---|---|
/// | Q, K, V | queries, keys, values | [… , n, … , heads · c] | one row of channels per token |
/// | S | scores | n × n, never kept | scale Q Kᵀ of one head, scale = 1/√c |
/// | P | probabilities | block × n | softmax of the rows of S |
/// | O | | as V | P V |
/// | L | logs | n per head | log-sum-exp of the rows of S, all that the way back needs |
///
/// Forward: O = P V. Backward, with P found again from L: dV = Pᵀ dO; dP = dO Vᵀ; dS = P ⊙ (dP − Σ P ⊙ dP);
/// dQ = scale dS K; dK = scale dSᵀ Q. Work goes through blocks of queries, so memory grows with n, not with n².
extension Tensor {
    /// Attention among the tokens along `axis`; this tensor holds queries, keys and values side by side in the last
    /// axis: [… , 3 · heads · c] → [… , heads · c].
    public func selfAttention(heads: Int, axis chosen: Int) -> Tensor {
        let axis = axis(chosen)
        precondition(axis < rank - 1, "tokens lie along an axis before the last one of \(shape)")
        let width = shape[rank - 1]
        precondition(heads > 0 && width % (3 * heads) == 0, "\(width) channels are no 3 × \(heads) heads")
        let channels = width / 3
        let plan = AttentionPlan(shape: shape, axis: axis, heads: heads, channels: channels)
        let y = tape.arena.storage(plan.tokens * channels)
        let logs = tape.arena.storage(plan.tokens * heads)
        plan.forward(
            packed: storage.pointer, stride: width, result: y.pointer, logs: logs.pointer, arena: tape.arena)
        let (x, node) = (storage, self.node)
        return tape.record(y, shape: shape.dropLast() + [channels], inputs: [self]) { tape, dy in
            guard let dx = tape.gradient(node) else { return }
            plan.backward(
                packed: x.pointer, stride: width, logs: logs.pointer, dy: dy, into: dx, arena: tape.arena)
        }
    }
}

/// How the tokens of each group lie in memory, and the work on one group and head.
private struct AttentionPlan {
    let tokens: Int
    let channels: Int
    private let heads: Int
    private let width: Int
    private let n: Int
    /// Tokens between neighbours of a group.
    private let step: Int
    private let groups: Int
    private let block: Int

    init(shape: [Int], axis: Int, heads: Int, channels: Int) {
        self.heads = heads
        self.channels = channels
        width = channels / heads
        tokens = shape.dropLast().reduce(1, *)
        n = shape[axis]
        step = shape[(axis + 1)..<(shape.count - 1)].reduce(1, *)
        groups = n == 0 ? 0 : tokens / n
        block = max(1, min(n, 16_384 / max(1, n) + 16))
    }

    private var scale: Float { 1 / Float(width).squareRoot() }

    /// Calls `body` with the first token of each group, each head and each block of queries.
    private func forEachBlock(_ body: (_ first: Int, _ head: Int, _ queries: Range<Int>) -> Void) {
        for group in 0..<groups {
            let first = group / step * step * n + group % step
            for head in 0..<heads {
                for start in Swift.stride(from: 0, to: n, by: block) {
                    body(first, head, start..<min(n, start + block))
                }
            }
        }
    }

    func forward(
        packed: UnsafePointer<Float>, stride: Int, result: UnsafeMutablePointer<Float>,
        logs: UnsafeMutablePointer<Float>, arena: Arena
    ) {
        let scratch = arena.storage(block * n)
        let (row, out) = (stride * step, channels * step)
        forEachBlock { first, head, queries in
            let q = packed + first * stride + head * width + queries.lowerBound * row
            let k = packed + first * stride + channels + head * width
            let v = k + channels
            multiply(
                q, row, transposed: false, k, row, transposed: true, rows: queries.count, columns: n, inner: width,
                beta: 0, into: scratch.pointer, n)
            kernel_softmax(
                scratch.pointer, scale, scratch.pointer,
                logs + place(first: first, head: head) + queries.lowerBound, queries.count, n)
            multiply(
                scratch.pointer, n, transposed: false, v, row, transposed: false, rows: queries.count, columns: width,
                inner: n, beta: 0, into: result + first * channels + head * width + queries.lowerBound * out, out)
        }
    }

    func backward(
        packed: UnsafePointer<Float>, stride: Int, logs: UnsafePointer<Float>, dy: UnsafePointer<Float>,
        into dx: UnsafeMutablePointer<Float>, arena: Arena
    ) {
        let (p, dp) = (arena.storage(block * n), arena.storage(block * n))
        let ds = arena.storage(block * n)
        let (row, out) = (stride * step, channels * step)
        forEachBlock { first, head, queries in
            let count = queries.count
            let base = first * stride + head * width
            let query = base + queries.lowerBound * row
            let dO = dy + first * channels + head * width + queries.lowerBound * out
            multiply(
                packed + query, row, transposed: false, packed + base + channels, row, transposed: true, rows: count,
                columns: n, inner: width, beta: 0, into: p.pointer, n)
            kernel_softmax_from_logs(
                p.pointer, scale, logs + place(first: first, head: head) + queries.lowerBound, p.pointer, count, n)
            multiply(
                p.pointer, n, transposed: true, dO, out, transposed: false, rows: n, columns: width, inner: count,
                beta: 1, into: dx + base + 2 * channels, row)
            multiply(
                dO, out, transposed: false, packed + base + 2 * channels, row, transposed: true, rows: count,
                columns: n, inner: width, beta: 0, into: dp.pointer, n)
            ds.pointer.update(repeating: 0, count: count * n)
            kernel_softmax_adjoint(p.pointer, dp.pointer, scale, ds.pointer, count, n)
            multiply(
                ds.pointer, n, transposed: false, packed + base + channels, row, transposed: false, rows: count,
                columns: width, inner: n, beta: 1, into: dx + query, row)
            multiply(
                ds.pointer, n, transposed: true, packed + query, row, transposed: false, rows: n, columns: width,
                inner: count, beta: 1, into: dx + base + channels, row)
        }
    }

    /// The log-sum-exps of one group and head lie together.
    private func place(first: Int, head: Int) -> Int {
        let group = first / (step * n) * step + first % step
        return (group * heads + head) * n
    }
}
