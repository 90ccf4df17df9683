import Tensors

/// Values n × d × width outside of any tape, read and replaced in parts.
struct TokenGrid {
    private(set) var values: [Float]
    let n: Int
    let d: Int
    let width: Int

    /// Tokens that go through a block at once: many for the products, few for the memory beside `z`.
    static let tokensAtOnce = 4096

    /// Ranges of the other axis whose tokens, with all along `axis`, are as many as go through at once.
    func groups(acrossAxis axis: Int) -> [Range<Int>] {
        let (length, others) = axis == 0 ? (n, d) : (d, n)
        let size = max(1, Self.tokensAtOnce / length)
        return stride(from: 0, to: others, by: size).map { $0..<min(others, $0 + size) }
    }

    func part(_ range: Range<Int>, axis: Int, on tape: Tape) -> Tensor {
        let shape = axis == 0 ? [range.count, d, width] : [n, range.count, width]
        return tape.custom([], shape: shape) { target in
            for (place, run) in runs(of: range, axis: axis).enumerated() {
                _ = target[run.count * place..<run.count * (place + 1)].update(fromContentsOf: values[run])
            }
        } adjoint: { _, _ in
        }
    }

    mutating func replace(_ range: Range<Int>, axis: Int, by part: Tensor) {
        let runs = runs(of: range, axis: axis)
        values.withUnsafeMutableBufferPointer { values in
            for (place, run) in runs.enumerated() {
                _ = values[run].update(fromContentsOf: part.buffer[run.count * place..<run.count * (place + 1)])
            }
        }
    }

    /// The stretches of `values` that make up a part, in their order.
    private func runs(of range: Range<Int>, axis: Int) -> [Range<Int>] {
        if axis == 0 { return [range.lowerBound * d * width..<range.upperBound * d * width] }
        return (0..<n).map { (($0 * d + range.lowerBound) * width)..<(($0 * d + range.upperBound) * width) }
    }
}
