import Foundation

/// What `body` makes of 0, 1, … `count` − 1, in this order, by at most so many threads. Each item is made whole by one
/// thread, so results do not depend on how many there are.
/// - Parameter workers: Threads; nil stands for one a core.
public func concurrentMap<Result: Sendable>(
    _ count: Int, workers: Int? = nil, _ body: @Sendable (Int) -> Result
) -> [Result] {
    let threads = min(count, workers ?? ProcessInfo.processInfo.activeProcessorCount)
    guard threads > 1 else { return (0..<count).map(body) }
    let queue = ItemQueue(count)
    return Array(unsafeUninitializedCapacity: count) { buffer, filled in
        // Each place is written by one thread.
        nonisolated(unsafe) let places = buffer
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while let item = queue.next() { places.initializeElement(at: item, to: body(item)) }
        }
        filled = count
    }
}

/// The same where items may fail.
/// - Throws: What the first of the items that failed threw.
public func concurrentTry<Result: Sendable>(
    _ count: Int, workers: Int? = nil, _ body: @Sendable (Int) throws -> Result
) throws -> [Result] {
    try concurrentMap(count, workers: workers) { item in Swift.Result { try body(item) } }.map { try $0.get() }
}

/// Hands out each item once.
private final class ItemQueue: @unchecked Sendable {
    private let lock = NSLock()
    private var items: Range<Int>

    init(_ count: Int) { items = 0..<count }

    func next() -> Int? { lock.withLock { items.popFirst() } }
}
