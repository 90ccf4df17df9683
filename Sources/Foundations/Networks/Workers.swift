import Foundation
import Tensors

/// Threads that do independent work side by side, with memory that they keep from one step to the next.
///
/// Work is cut by its own size and results come in its own order, so what is computed has the same bytes at any number
/// of workers.
public final class Workers: @unchecked Sendable {
    public let count: Int
    private let lock = NSLock()
    private var idleArenas: [Arena] = []

    public init(count: Int = ProcessInfo.processInfo.activeProcessorCount) {
        precondition(count > 0, "\(count) workers")
        self.count = count
    }

    /// What `body` gives for each item, in the order of the items, which are handed out in that order.
    /// - Parameter body: Called on several threads, each with an arena of its own.
    public func map<Result: Sendable>(_ items: Int, _ body: @Sendable (Arena, _ item: Int) -> Result) -> [Result] {
        let queue = ItemQueue(count: items)
        return Array(unsafeUninitializedCapacity: items) { buffer, filled in
            // Each place is written by one worker only.
            nonisolated(unsafe) let places = buffer
            DispatchQueue.concurrentPerform(iterations: min(count, items)) { _ in
                let arena = lock.withLock { idleArenas.popLast() } ?? Arena()
                while let item = queue.next() { places.initializeElement(at: item, to: body(arena, item)) }
                lock.withLock { idleArenas.append(arena) }
            }
            filled = items
        }
    }

    /// Calls `body` for stretches of 0..<count, each small enough to stay in a core's cache.
    func forEachRange(of count: Int, _ body: @Sendable (Range<Int>) -> Void) {
        _ = map(inRangesOf: count, body)
    }

    /// What `body` gives for stretches of 0..<count, in their order.
    func map<Result: Sendable>(inRangesOf count: Int, _ body: @Sendable (Range<Int>) -> Result) -> [Result] {
        let ranges = Self.ranges(of: count)
        return map(ranges.count) { _, index in body(ranges[index]) }
    }

    static func ranges(of count: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: 16_384).map { $0..<min($0 + 16_384, count) }
    }
}

/// Hands out items in their order, each to one worker.
private final class ItemQueue: @unchecked Sendable {
    private let lock = NSLock()
    private var items: Range<Int>

    init(count: Int) { items = 0..<count }

    func next() -> Int? { lock.withLock { items.popFirst() } }
}
