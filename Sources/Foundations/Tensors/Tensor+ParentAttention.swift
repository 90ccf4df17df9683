import CKernels

/// Attention along the edges of a graph, with several heads: a node reads its parents and nothing else.
///
/// | symbol | code | shape | meaning |
/// |---|---|---|---|
/// | Q, K, V | `x` | … × d × 3 · heads · c | queries, keys and values of the nodes, side by side |
/// | S_ij | `scores` | parents of i | q_i · k_j/√c for a parent j of i; nothing else is computed |
/// | A_ij | `shares` | parents of i | exp S_ij / max(1, Σ_j exp S_ij) |
/// | O_i | `y` | … × d × heads · c | Σ_j A_ij v_j; 0 for a node without parents |
///
/// Scetbon et al. 2024, "A Fixed-Point Approach for Causal Generative Modeling" (DAG attention). Backward, with A found again:
/// dV_j = A_ij dO_i; dA_ij = dO_i · v_j; dS_ij = A_ij (dA_ij − Σ_k A_ik dA_ik), without the sum where Σ exp S < 1;
/// dQ_i = dS_ij k_j/√c; dK_j = dS_ij q_i/√c.
extension Tensor {
    /// Each node's attention to its parents, the nodes along the axis before the last one:
    /// [… , d, 3 · heads · c] → [… , d, heads · c].
    public func parentAttention(heads: Int, parents: [[Int]]) -> Tensor {
        precondition(rank >= 2 && shape[rank - 2] == parents.count, "\(parents.count) nodes for the shape \(shape)")
        let (d, channels) = (parents.count, shape[rank - 1] / 3)
        precondition(heads > 0 && shape[rank - 1] % (3 * heads) == 0, "\(shape[rank - 1]) channels for \(heads) heads")
        precondition(parents.joined().allSatisfy { (0..<d).contains($0) }, "a parent is none of the \(d) nodes")
        let work = ParentWork(
            nodes: d, heads: heads, width: channels / heads, parents: parents.joined().map { Int32($0) },
            starts: parents.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1.count)) },
            rows: d * channels == 0 ? 0 : count / (3 * d * channels))
        let y = tape.arena.storage(count / 3)
        let (x, node) = (storage, self.node)
        work.forEachPart(tape) { shape, rows, scratch in
            kernel_parent_attention(shape, x.pointer, y.pointer, scratch, rows.lowerBound, rows.upperBound)
        }
        return tape.record(y, shape: shape.dropLast() + [channels], inputs: [self]) { tape, dy in
            guard let dx = tape.gradient(node) else { return }
            work.forEachPart(tape) { shape, rows, scratch in
                kernel_parent_attention_adjoint(shape, x.pointer, dy, dx, scratch, rows.lowerBound, rows.upperBound)
            }
        }
    }
}

private struct ParentWork {
    let nodes: Int
    let heads: Int
    let width: Int
    let parents: [Int32]
    let starts: [Int32]
    let rows: Int

    func forEachPart(
        _ tape: Tape,
        _ body: (UnsafePointer<parent_shape>, _ rows: Range<Int>, _ scratch: UnsafeMutablePointer<Float>) -> Void
    ) {
        guard rows > 0 else { return }
        let scratch = tape.arena.storage(2 * nodes * tape.workers)
        let height = max(1, (1 << 15) / (3 * nodes * heads * width))
        starts.withUnsafeBufferPointer { starts in
            parents.withUnsafeBufferPointer { parents in
                var shape = parent_shape(
                    nodes: nodes, heads: heads, width: width, starts: starts.baseAddress, parents: parents.baseAddress)
                withUnsafePointer(to: &shape) { shape in
                    tape.concurrently(chunks: (rows + height - 1) / height) { chunk, worker in
                        body(
                            shape, chunk * height..<min(rows, (chunk + 1) * height),
                            scratch.pointer + 2 * nodes * worker)
                    }
                }
            }
        }
    }
}
