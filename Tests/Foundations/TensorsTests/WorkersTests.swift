import Testing

@testable import Tensors

struct WorkersTests {
    /// Each chunk is done once, by a worker whose number is below the number of workers.
    @Test(arguments: [1, 2, 5]) func chunksAreDoneOnce(workers: Int) {
        let tape = Tape(workers: workers)
        var done = Array(repeating: 0, count: 100)
        done.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let done = buffer
            tape.concurrently(chunks: 100) { chunk, worker in
                precondition((0..<workers).contains(worker))
                done[chunk] += 1
            }
        }
        #expect(done.allSatisfy { $0 == 1 })
    }
}
