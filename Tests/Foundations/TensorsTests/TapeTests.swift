import Testing

@testable import Tensors

@Suite struct TapeTests {
    @Test func gradientsLieAsTheWeightsDo() {
        var weights = Weights()
        let a = weights.add("a", shape: [2], values: [1, 2])
        let unused = weights.add("unused", shape: [1], values: [9])
        let b = weights.add("b", shape: [2], values: [3, 4])
        let tape = Tape(weights: weights)
        let loss = (tape.parameter(a) * tape.parameter(b) * tape.parameter(b)).sum()
        #expect(loss.scalar == 9 + 32)
        #expect(tape.backward(from: loss) == [9, 16, 0, 6, 16])
        #expect(weights["b"] == b && weights[unused] == [9])
    }

    @Test func nothingIsRecordedWithoutNeed() {
        var weights = Weights()
        let a = weights.add("a", shape: [1], values: [2])
        let tape = Tape(weights: weights, recording: false)
        #expect(tape.parameter(a).exp().node == nil)
        let recording = Tape(weights: weights)
        #expect(recording.constant([1], shape: [1]).exp().node == nil)
        #expect((recording.parameter(a).detached * recording.parameter(a)).node != nil)
        let loss = (recording.parameter(a).detached * recording.parameter(a)).sum()
        #expect(recording.backward(from: loss) == [2])
    }

    @Test func buffersAreUsedAgain() {
        let arena = Arena()
        func step() -> [Float] {
            let tape = Tape(arena: arena)
            let x = tape.variable(Array(repeating: 0.5, count: 1000), shape: [1000])
            tape.backward(from: x.exp().square().sum())
            return tape.gradient(of: x)
        }
        let first = step()
        #expect(arena.storage(1000).pointer == arena.storage(1000).pointer)
        // The second step runs in the first one's memory, whose content must not show.
        #expect(step() == first)
    }

    @Test func customNodesAddTheirAdjoint() {
        checkGradients([[3], [3]]) { tape, x in
            let (a, b) = (x[0].values, x[1].values)
            return tape.custom(
                x, shape: [3], forward: { y in for i in 0..<3 { y[i] = a[i] * a[i] * b[i] } },
                adjoint: { dy, gradients in
                    for i in 0..<3 {
                        gradients[0]?[i] += 2 * a[i] * b[i] * dy[i]
                        gradients[1]?[i] += a[i] * a[i] * dy[i]
                    }
                })
        }
    }
}
