import Foundation

/// Reads the next block on a thread of its own while the last one is used: two blocks are in memory at a time.
enum Prefetch {
    /// Calls `body` with what `read` makes of each range, in order.
    static func walk<Block: Sendable>(
        _ ranges: [Range<Int>], read: @escaping @Sendable (Range<Int>) throws(FormatError) -> Block,
        body: (Block) throws -> Void
    ) throws {
        guard let first = ranges.first else { return }
        let queue = DispatchQueue(label: "interventome.blocks")
        let group = DispatchGroup()
        let slot = Slot<Block>()
        var block = try read(first)
        for range in ranges.dropFirst() {
            queue.async(group: group) { slot.fill(Result { () throws(FormatError) in try read(range) }) }
            // Nothing may be under way any more where `body` ends the walk.
            defer { group.wait() }
            try body(block)
            group.wait()
            block = try slot.take().get()
        }
        try body(block)
    }

    private final class Slot<Block: Sendable>: @unchecked Sendable {
        private let lock = NSLock()
        private var content: Result<Block, FormatError>?

        func fill(_ result: Result<Block, FormatError>) { lock.withLock { content = result } }

        func take() -> Result<Block, FormatError> {
            lock.withLock {
                guard let result = content else { preconditionFailure("nothing was read") }
                content = nil
                return result
            }
        }
    }
}
