import CKernels

/// Softmax attention of tokens that lie along one axis, with several heads.
///
/// | symbol | code | shape | meaning |
/// |---|---|---|---|
/// | Q, K, V | `rows`, `keys`, `values` | n × c | queries, keys and values of one head, a row per token |
/// | S | `scores` | n × n, never kept | scale Q Kᵀ, scale = 1/√c |
/// | P | `scores` | n × n, never kept | softmax of the rows of S |
/// | O | `results` | n × c | P V |
/// | | `sums` | 2n per head | maximum and inverse sum of exponentials of each row of S, all that the way back needs |
///
/// Forward: O = P V, by blocks of queries and keys with running maxima and sums (Dao et al. 2022, "FlashAttention",
/// algorithm 1). Backward, with P found again block by block (algorithm 4): D = Σ dO ⊙ O over channels; dV = Pᵀ dO;
/// dP = dO Vᵀ; dS = P ⊙ (dP − D); dQ = scale dS K; dK = scale dSᵀ Q. Memory grows with n, not with n².
extension Tensor {
    /// Attention among the tokens along `axis`; this tensor holds queries, keys and values side by side in the last
    /// axis: [… , 3 · heads · c] → [… , heads · c].
    ///
    /// Groups of tokens and their heads are shared by the tape's workers. A score of +∞ or NaN, or −∞ in all of a row,
    /// makes that row NaN, as the definition does.
    public func selfAttention(heads: Int, axis chosen: Int) -> Tensor {
        selfAttention(heads: heads, axis: chosen, level: kernel_attention_level())
    }

    /// - Parameter level: Which of the kernel's variants does the work, at most that of this processor.
    func selfAttention(heads: Int, axis chosen: Int, level: Int) -> Tensor {
        let axis = axis(chosen)
        precondition(axis < rank - 1, "tokens lie along an axis before the last one of \(shape)")
        let width = shape[rank - 1]
        precondition(heads > 0 && width % (3 * heads) == 0, "\(width) channels are no 3 × \(heads) heads")
        let channels = width / 3
        let work = AttentionWork(shape: shape, axis: axis, heads: heads, level: level)
        let y = tape.arena.storage(count / 3)
        let keeps = tape.recording && node != nil
        let sums = keeps ? tape.arena.storage(2 * work.units * work.shape.count) : nil
        work.forward(x: storage.pointer, y: y.pointer, sums: sums?.pointer, tape: tape)
        let (x, node) = (storage, self.node)
        return tape.record(y, shape: shape.dropLast() + [channels], inputs: [self]) { tape, dy in
            guard let sums, let dx = tape.gradient(node) else { return }
            work.backward(x: x.pointer, y: y.pointer, sums: sums.pointer, dy: dy, dx: dx, tape: tape)
        }
    }
}

/// How the tokens of the groups lie, and how their attention is cut into chunks.
private struct AttentionWork {
    let shape: attention_shape
    /// Heads of groups, each independent of the others.
    let units: Int
    private let unitsPerChunk: Int
    private let chunks: Int

    init(shape: [Int], axis: Int, heads: Int, level: Int) {
        let n = shape[axis]
        let width = shape[shape.count - 1] / (3 * heads)
        let step = shape[(axis + 1)..<(shape.count - 1)].reduce(1, *)
        let groups = width == 0 ? 0 : shape[..<axis].reduce(1, *) * step
        self.shape = attention_shape(count: n, step: step, heads: heads, width: width, level: level)
        units = n == 0 ? 0 : groups * heads
        // Small ones go together, so that handing them out costs little beside them.
        unitsPerChunk = max(1, 32_768 / max(1, n * n))
        chunks = (units + unitsPerChunk - 1) / unitsPerChunk
    }

    func forward(
        x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Float>?, tape: Tape
    ) {
        forEachChunk(tape, scratch: kernel_attention_scratch) { shape, units, scratch in
            kernel_attention(shape, x, y, sums, scratch, units.lowerBound, units.upperBound)
        }
    }

    func backward(
        x: UnsafePointer<Float>, y: UnsafePointer<Float>, sums: UnsafePointer<Float>, dy: UnsafePointer<Float>,
        dx: UnsafeMutablePointer<Float>, tape: Tape
    ) {
        forEachChunk(tape, scratch: kernel_attention_adjoint_scratch) { shape, units, scratch in
            kernel_attention_adjoint(shape, x, y, sums, dy, dx, scratch, units.lowerBound, units.upperBound)
        }
    }

    private func forEachChunk(
        _ tape: Tape, scratch: (UnsafePointer<attention_shape>) -> Int,
        _ body: (UnsafePointer<attention_shape>, Range<Int>, UnsafeMutablePointer<Float>) -> Void
    ) {
        withUnsafePointer(to: shape) { shape in
            let size = scratch(shape)
            let memory = tape.arena.storage(size * min(tape.workers, chunks))
            tape.concurrently(chunks: chunks) { chunk, worker in
                let first = chunk * unitsPerChunk
                body(shape, first..<min(units, first + unitsPerChunk), memory.pointer + worker * size)
            }
        }
    }
}
