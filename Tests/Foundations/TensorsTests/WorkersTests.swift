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

    struct Use: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let body: @Sendable (Tensor) -> Tensor

        init(_ name: String, _ body: @escaping @Sendable (Tensor) -> Tensor) {
            testDescription = name
            self.body = body
        }
    }

    static let uses = [
        Use("maps") { $0.silu() + ($0.gelu() - 1).sigmoid() * 2 },
        Use("rows") { $0.softmax() + $0.normalised() },
        Use("layer norm") { x in
            let n = x.shape[1]
            let scale = x.tape.constant((0..<n).map { Float($0) }, shape: [n])
            return x.layerNorm(scale: scale, shift: x.sum([0]))
        },
        Use("product") { Tensor.product($0, $0, transposingA: true) },
        Use("many products") { x in
            let y = x.reshaped([x.shape[0], 8, -1])
            return Tensor.product(y, y, transposingB: true)
        },
        Use("triangles") { x in
            let y = x.sliced(0..<10, axis: 1).reshaped([70, 70, 2])
            return Tensor.triangleProduct(y, y, scale: 1)
        },
    ]

    /// Each operation has the same bytes at any number of workers, values and slopes, in sizes of several chunks.
    @Test(arguments: uses) func workersDoNotShow(_ use: Use) {
        func run(workers: Int) -> [[Float]] {
            var generator = Lehmer(state: 9)
            let tape = Tape(workers: workers)
            let x = tape.variable(generator.floats(980 * 72), shape: [980, 72])
            let y = use.body(x)
            let weights = tape.constant(generator.floats(y.count), shape: y.shape)
            tape.backward(from: (y * weights).sum())
            return [y.values, tape.gradient(of: x)]
        }
        let single = run(workers: 1)
        #expect(run(workers: 2) == single && run(workers: 3) == single)
    }
}
