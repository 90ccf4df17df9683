import Foundation

/// Workers that take turns with numbered pieces of work.
enum Workers {
    /// Does the work on all cores. Each piece writes to a part of the target of its own.
    /// - Throws: the failure of the piece with the lowest number among those that were tried.
    static func run(
        _ count: Int, target: UnsafeMutableRawPointer,
        _ body: @Sendable (inout Worker, UnsafeMutableRawPointer) throws(HDF5Error) -> Void
    ) throws(HDF5Error) {
        let shared = Shared(count, target)
        let workers = min(ProcessInfo.processInfo.activeProcessorCount, count)
        guard workers > 1 else {
            var worker = Worker(shared: shared)
            return try body(&worker, target)
        }
        DispatchQueue.concurrentPerform(iterations: workers) { _ in
            var worker = Worker(shared: shared)
            do throws(HDF5Error) {
                try body(&worker, shared.target)
            } catch {
                shared.fail(worker.current, error)
            }
        }
        if let error = shared.failure { throw error }
    }

    struct Worker {
        fileprivate let shared: Shared
        fileprivate var current = 0

        fileprivate init(shared: Shared) { self.shared = shared }

        /// The next piece; nil where none is left or one has failed.
        mutating func next() -> Int? {
            guard let piece = shared.next() else { return nil }
            current = piece
            return piece
        }
    }

    fileprivate final class Shared: @unchecked Sendable {
        let target: UnsafeMutableRawPointer
        private let count: Int
        private let lock = NSLock()
        private var given = 0
        private var first: (piece: Int, error: HDF5Error)?

        init(_ count: Int, _ target: UnsafeMutableRawPointer) {
            self.count = count
            self.target = target
        }

        var failure: HDF5Error? { lock.withLock { first?.error } }

        func next() -> Int? {
            lock.withLock {
                guard given < count, first == nil else { return nil }
                given += 1
                return given - 1
            }
        }

        func fail(_ piece: Int, _ error: HDF5Error) {
            lock.withLock {
                if first.map({ piece < $0.piece }) ?? true { first = (piece, error) }
            }
        }
    }
}
