import CKernels
import Foundation
import Tensors

extension Weights {
    /// The mean loss over independent items and its gradient, items side by side on several cores.
    ///
    /// Each item has a tape; the items' gradients are summed in the order of the items, so the result has the same bytes
    /// at any number of workers. Memory: one gradient per item.
    /// - Parameter loss: The loss of an item, one number on the tape that it is given. Called on several threads.
    public func meanGradient(
        items: Int, workers: Int = ProcessInfo.processInfo.activeProcessorCount,
        loss: @Sendable (Tape, _ item: Int) -> Tensor
    ) -> (loss: Double, gradient: [Float]) {
        precondition(items > 0 && workers > 0, "\(items) items on \(workers) workers")
        let results = Weights.concurrently(items: items, workers: workers) { arena, item in
            let tape = Tape(weights: self, arena: arena)
            let value = loss(tape, item)
            return (Double(value.scalar), tape.backward(from: value))
        }
        var gradient = Array<Float>(repeating: 0, count: count)
        for (_, part) in results { kernel_accumulate(&gradient, 1 / Float(items), part, count) }
        return (results.map(\.0).reduce(0, +) / Double(items), gradient)
    }

    /// What `body` gives for each item, in the order of the items; each worker has an arena for all of its items.
    public static func concurrently<Result: Sendable>(
        items: Int, workers: Int = ProcessInfo.processInfo.activeProcessorCount,
        _ body: @Sendable (Arena, _ item: Int) -> Result
    ) -> [Result] {
        let workers = max(1, min(workers, items))
        var results = [Result?](repeating: nil, count: items)
        results.withUnsafeMutableBufferPointer { buffer in
            // Each place is written by one worker only.
            nonisolated(unsafe) let places = buffer
            let queue = ItemQueue(count: items)
            DispatchQueue.concurrentPerform(iterations: workers) { _ in
                let arena = Arena()
                while let item = queue.next() { places[item] = body(arena, item) }
            }
        }
        return results.map { $0! }
    }
}

/// Hands out items in their order, each to one worker.
private final class ItemQueue: @unchecked Sendable {
    private let lock = NSLock()
    private var items: Range<Int>

    init(count: Int) { items = 0..<count }

    func next() -> Int? { lock.withLock { items.popFirst() } }
}

/// Scales a gradient down so that its Euclidean norm is at most `limit`; returns the norm before.
@discardableResult public func clipByNorm(_ gradient: inout [Float], limit: Double) -> Double {
    let norm = kernel_sum_of_squares(gradient, gradient.count).squareRoot()
    if norm > limit {
        let scale = Float(limit / norm)
        for index in gradient.indices { gradient[index] *= scale }
    }
    return norm
}
