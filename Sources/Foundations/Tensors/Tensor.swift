/// A value on a tape: numbers in row-major order with a shape.
///
/// The last axis varies fastest; a shape of [] is one number. Operations take tensors of one tape and give a new one.
public struct Tensor {
    public let tape: Tape
    let storage: Storage
    public let shape: [Int]
    /// Its place among the recorded values; nil where no gradient is wanted.
    let node: Int?

    public var count: Int { storage.count }
    public var rank: Int { shape.count }

    /// A copy of the values.
    public var values: [Float] { Array(storage.buffer) }

    /// The values in place; they are valid as long as this tensor.
    public var buffer: UnsafeBufferPointer<Float> { storage.buffer }

    /// The value of a tensor of one number.
    public var scalar: Float {
        precondition(count == 1, "a tensor of shape \(shape) is not one number")
        return storage.pointer[0]
    }

    /// The same value, through which no gradient flows.
    public var detached: Tensor { Tensor(tape: tape, storage: storage, shape: shape, node: nil) }

    /// The place of an axis, where negative numbers count from the end: −1 is the last axis.
    func axis(_ axis: Int) -> Int {
        let result = axis < 0 ? rank + axis : axis
        precondition(shape.indices.contains(result), "there is no axis \(axis) in \(shape)")
        return result
    }
}

extension Tape {
    /// An operation of one's own with a hand-written adjoint.
    ///
    /// - Parameters:
    ///   - shape: Of the result.
    ///   - forward: Fills the result, whose memory is not cleared before.
    ///   - adjoint: Gets ∂loss/∂result and, for each input, where to *add* its gradient (nil where none is wanted). It
    ///     must not capture tensors: keep the values that it needs as arrays.
    public func custom(
        _ inputs: [Tensor], shape: [Int], forward: (UnsafeMutableBufferPointer<Float>) -> Void,
        adjoint: @escaping (UnsafeBufferPointer<Float>, [UnsafeMutableBufferPointer<Float>?]) -> Void
    ) -> Tensor {
        let result = arena.storage(shape.reduce(1, *))
        forward(UnsafeMutableBufferPointer(start: result.pointer, count: result.count))
        let nodes = inputs.map { ($0.node, $0.count) }
        let count = result.count
        return record(result, shape: shape, inputs: inputs) { tape, gradient in
            adjoint(
                UnsafeBufferPointer(start: gradient, count: count),
                nodes.map { node, count in
                    tape.gradient(node).map { UnsafeMutableBufferPointer(start: $0, count: count) }
                })
        }
    }
}
