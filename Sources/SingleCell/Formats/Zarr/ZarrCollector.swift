import Foundation

/// What several threads have to say about the chunks that they read; the first failure in the chunks' order wins.
final class ZarrCollector: @unchecked Sendable {
    private let lock = NSLock()
    private var failure: (position: Int, error: FormatError)?
    private var places: [Int] = []
    private var chunks: [[Int]: ZarrChunk] = [:]

    var firstError: FormatError? { lock.withLock { failure?.error } }
    /// Places of values that are odd, ascending.
    var odd: [Int] { lock.withLock { places.sorted() } }
    var kept: [[Int]: ZarrChunk] { lock.withLock { chunks } }

    func hasFailed(before position: Int) -> Bool { lock.withLock { failure.map { $0.position < position } ?? false } }

    func fail(_ position: Int, _ error: FormatError) {
        lock.withLock {
            if failure.map({ position < $0.position }) ?? true { failure = (position, error) }
        }
    }

    func add(_ odd: [Int]) {
        guard !odd.isEmpty else { return }
        lock.withLock { places += odd }
    }

    func keep(_ coordinates: [Int], _ chunk: ZarrChunk) { lock.withLock { chunks[coordinates] = chunk } }
}

/// Chunks whose rows have been given out only in part: who walks through an array in blocks wants them next.
final class ZarrKeptChunks: @unchecked Sendable {
    private let lock = NSLock()
    private var stored: [[Int]: ZarrChunk] = [:]

    var chunks: [[Int]: ZarrChunk] { lock.withLock { stored } }

    func replace(_ chunks: [[Int]: ZarrChunk]) { lock.withLock { stored = chunks } }
}
