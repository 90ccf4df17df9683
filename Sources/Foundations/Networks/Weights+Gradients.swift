import CKernels
import Tensors

extension Weights {
    /// The mean loss over independent items and its gradient, items side by side on several cores; workers without an item
    /// of their own share the operations of the others.
    ///
    /// Each item has a tape; the items' gradients are summed in the order of the items, so the result has the same bytes
    /// at any number of workers. Memory: at most four gradients a worker.
    /// - Parameter loss: The loss of an item, one number on the tape that it is given. Called on several threads.
    public func meanGradient(
        items: Int, workers: Workers = Workers(), loss: @Sendable (Tape, _ item: Int) -> Tensor
    ) -> (loss: Double, gradient: [Float]) {
        precondition(items > 0, "the mean gradient of no items")
        var total = 0.0
        var gradient = Array<Float>(repeating: 0, count: count)
        for first in stride(from: 0, to: items, by: 4 * workers.count) {
            let results = workers.map(min(4 * workers.count, items - first)) { arena, place in
                let tape = Tape(weights: self, workers: max(1, workers.count / items), arena: arena)
                let value = loss(tape, first + place)
                return (Double(value.scalar), tape.backward(from: value))
            }
            for (loss, _) in results { total += loss }
            gradient.withUnsafeMutableBufferPointer { sum in
                nonisolated(unsafe) let sum = sum
                workers.forEachRange(of: sum.count) { range in
                    let target = sum.baseAddress! + range.lowerBound
                    for (_, part) in results {
                        part.withUnsafeBufferPointer {
                            kernel_accumulate(
                                target, 1 / Float(items), $0.baseAddress! + range.lowerBound, range.count)
                        }
                    }
                }
            }
        }
        return (total / Double(items), gradient)
    }
}

/// Scales a gradient down so that its Euclidean norm is at most `limit`; returns the norm before.
@discardableResult public func clipByNorm(
    _ gradient: inout [Float], limit: Double, workers: Workers = Workers()
) -> Double {
    gradient.withUnsafeMutableBufferPointer { values in
        nonisolated(unsafe) let values = values
        let squares = workers.map(inRangesOf: values.count) {
            kernel_sum_of_squares(values.baseAddress! + $0.lowerBound, $0.count)
        }
        let norm = squares.reduce(0, +).squareRoot()
        if norm > limit {
            workers.forEachRange(of: values.count) {
                let stretch = values.baseAddress! + $0.lowerBound
                kernel_affine(stretch, Float(limit / norm), 0, stretch, $0.count)
            }
        }
        return norm
    }
}
