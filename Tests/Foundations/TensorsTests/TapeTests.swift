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

    /// A network with most kinds of operations, on the tape it is given.
    private func loss(_ tape: Tape, depth: Int = 2) -> Tensor {
        var generator = Lehmer(state: 2)
        func variable(_ shape: [Int]) -> Tensor {
            tape.variable(generator.floats(shape.reduce(1, *)), shape: shape)
        }
        var x = variable([300, 24])
        for _ in 0..<depth {
            let (wide, narrow) = (variable([24, 72]), variable([24, 24]))
            let y = x.standardisedLinear(weight: wide).reshaped([3, 100, 72]).selfAttention(heads: 2, axis: 1)
            x = y.reshaped([300, 24]).linear(weight: narrow, activation: .gelu, residual: x)
            x = x + x.softmax().silu() * 0.5
        }
        return x.maximum(axis: 0).normalised().square().mean()
    }

    @Test func laterStepsAllocateNothing() {
        let arena = Arena()
        func step() {
            let tape = Tape(arena: arena)
            tape.backward(from: loss(tape))
        }
        step()
        let first = arena.allocations
        step()
        step()
        #expect(first > 0 && arena.allocations == first)
    }

    /// Without recording, the memory in use does not grow with the depth of a network.
    @Test func inferenceFreesWhatIsUsedUp() {
        func allocations(depth: Int, recording: Bool) -> Int {
            let arena = Arena()
            let tape = Tape(recording: recording, arena: arena)
            _ = loss(tape, depth: depth)
            return arena.allocations
        }
        #expect(allocations(depth: 12, recording: false) == allocations(depth: 3, recording: false))
        #expect(allocations(depth: 12, recording: true) > 2 * allocations(depth: 3, recording: true))
    }

    /// Gradients that are handed on, not added, belong to one tensor: a second use adds to its own.
    @Test func gradientsHandedOnAreNotShared() {
        let tape = Tape()
        let (x, y) = (tape.variable([1, 2], shape: [2]), tape.variable([3, 4], shape: [2]))
        let sum = x + y
        let other = sum.reshaped([2, 1]).reshaped([2]) * 3 + x
        tape.backward(from: (other - (y + 1)).sum())
        #expect(tape.gradient(of: x) == [4, 4] && tape.gradient(of: y) == [2, 2])
        let doubled = Tape()
        let z = doubled.variable([1, 2], shape: [2])
        doubled.backward(from: ((z + z) + z).sum())
        #expect(doubled.gradient(of: z) == [3, 3])
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
