import Dispatch
import Synchronization

extension Tape {
    /// Runs `body` for each chunk of one operation's work, on as many threads as the tape has workers.
    ///
    /// The chunks are handed out in order. How the work is cut must not depend on the number of workers, and a chunk
    /// writes only what no other chunk writes, so results have the same bytes at any number of threads.
    /// - Parameter body: `worker` numbers the thread from 0, for scratch memory taken before, one piece a worker.
    func concurrently(chunks: Int, _ body: (_ chunk: Int, _ worker: Int) -> Void) {
        let threads = min(workers, chunks)
        guard threads > 1 else {
            for chunk in 0..<chunks { body(chunk, 0) }
            return
        }
        let next = Atomic(0)
        withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let body = body
            DispatchQueue.concurrentPerform(iterations: threads) { worker in
                while true {
                    let chunk = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard chunk < chunks else { return }
                    body(chunk, worker)
                }
            }
        }
    }

    /// Runs `body` for parts of so many rows, of about 2¹⁵ values each.
    func forEachPart(rows: Int, width: Int = 1, _ body: (Range<Int>) -> Void) {
        let height = max(1, (1 << 15) / max(1, width))
        concurrently(chunks: (rows + height - 1) / height) { chunk, _ in
            body(chunk * height..<min(rows, (chunk + 1) * height))
        }
    }

    /// Adds to the gradient of a node of rows × width values, part by part; fresh memory is cleared while the part is in
    /// the cache. Nothing happens where no gradient is wanted.
    func addGradient(
        to node: Int?, rows: Int, width: Int = 1, _ body: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
    ) {
        guard let (dx, adding) = target(node) else { return }
        forEachPart(rows: rows, width: width) { part in
            if !adding { (dx + part.lowerBound * width).update(repeating: 0, count: part.count * width) }
            body(part, dx)
        }
    }
}
