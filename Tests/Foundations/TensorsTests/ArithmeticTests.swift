import Testing

@testable import Tensors

@Suite struct ArithmeticTests {
    static let shapes: [([Int], [Int])] = [
        ([3, 4], [3, 4]), ([3, 4], [4]), ([3, 1], [1, 4]), ([2, 3, 4], [3, 1]), ([2, 1, 4], [2, 3, 1]), ([], [2, 3]),
        ([2, 3, 4, 5], [3, 1, 5]), ([1, 1], [1]),
    ]

    @Test(arguments: shapes) func valuesFollowTheIndexRule(_ a: [Int], _ b: [Int]) {
        var generator = Lehmer(state: 4)
        let (x, y) = (generator.floats(a.reduce(1, *)), generator.floats(b.reduce(1, *)))
        let tape = Tape()
        let (p, q) = (tape.constant(x, shape: a), tape.constant(y, shape: b))
        let result = p - q
        #expect((p + q).shape == result.shape && (p * q).shape == result.shape)
        for place in 0..<result.count {
            // The coordinates of the place, then the place of each operand, axis by axis from the last.
            func value(_ values: [Float], _ shape: [Int]) -> Float {
                var (rest, index, stride) = (place, 0, 1)
                for axis in 0..<result.rank {
                    let length = result.shape[result.rank - 1 - axis]
                    let coordinate = rest % length
                    rest /= length
                    guard axis < shape.count else { continue }
                    let own = shape[shape.count - 1 - axis]
                    if own > 1 { index += coordinate * stride }
                    stride *= own
                }
                return values[index]
            }
            #expect(result.values[place] == value(x, a) - value(y, b))
            #expect((p * q).values[place] == value(x, a) * value(y, b))
            #expect((p + q).values[place] == value(x, a) + value(y, b))
            #expect((p / q).values[place] == value(x, a) / value(y, b))
        }
    }

    @Test func aTensorUsedTwiceGathersBothSlopes() {
        checkGradients([[3]]) { _, x in x[0] * x[0] + x[0] / 2 - 3 * x[0] + (1 - x[0]) }
    }

    @Test func sums() {
        let tape = Tape()
        let x = tape.constant([1, 2, 3, 4, 5, 6], shape: [2, 3])
        #expect(x.sum([0]).values == [5, 7, 9])
        #expect(x.sum([1]).values == [6, 15])
        #expect(x.sum([-1], keepingAxes: true).shape == [2, 1])
        #expect(x.sum().scalar == 21)
        #expect(x.mean([0]).values == [2.5, 3.5, 4.5])
        checkGradients([[2, 3, 4]]) { _, x in x[0].sum([1]) }
        checkGradients([[2, 3, 4]]) { _, x in x[0].mean([0, 2], keepingAxes: true) }
        checkGradients([[2, 3, 4]]) { _, x in x[0].sum([2]) }
        checkGradients([[2, 3]]) { _, x in x[0].mean() }
        checkGradients([[3, 1]]) { _, x in x[0].broadcast(to: [2, 3, 4]) }
    }

    @Test func elementwiseValues() {
        let x: [Float] = [-30, -3, -0.5, 0, 0.5, 1, 4, 30]
        let tape = Tape()
        let t = tape.constant(x, shape: [8])
        func check(_ tensor: Tensor, _ f: (Double) -> Double, line: Int = #line) {
            for (value, argument) in zip(tensor.values, x) {
                // A few units in the last place of Float, or of 1 where the function passes near 0.
                let expected = f(Double(argument))
                #expect(abs(Double(value) - expected) <= 4e-7 * max(1, abs(expected)), "line \(line) at \(argument)")
            }
        }
        check(t.exp()) { exponential($0) }
        check(t.sigmoid()) { 1 / (1 + exponential(-$0)) }
        check(t.tanh()) { (exponential($0) - exponential(-$0)) / (exponential($0) + exponential(-$0)) }
        check(t.silu()) { $0 / (1 + exponential(-$0)) }
        check(t.relu()) { max(0, $0) }
        check(t.square()) { $0 * $0 }
        check(t.square().squareRoot()) { abs($0) }
        check(t.exp().log()) { $0 }
        // ln 2, ln(1 + e), and a value so large that eˣ would overflow a naive form.
        #expect(
            agree(
                tape.constant([0, 1, 100, -100], shape: [4]).softplus().values, [0.6931472, 1.3132617, 100, 0],
                within: 1e-6))
        // x Φ(x) at 1 and −2 from tables of the normal distribution.
        #expect(agree(tape.constant([1, -2], shape: [2]).gelu().values, [0.8413447, -0.0455003], within: 1e-6))
    }

    @Test func crossEntropyOfKnownOdds() {
        let tape = Tape()
        // −ln σ(0) = ln 2; −ln σ(2); −ln(1 − σ(2)) = 2 − ln σ(2) …; no overflow at ±200.
        let x = tape.constant([0, 2, 2, 200, 200], shape: [5])
        let y = x.binaryCrossEntropy(targets: tape.constant([1, 1, 0, 1, 0], shape: [5]))
        #expect(agree(y.values, [0.6931472, 0.1269280, 2.1269280, 0, 200], within: 1e-6))
    }
}

/// eˣ by its series after halving, in Double: independent of the kernels.
private func exponential(_ x: Double) -> Double {
    var term = 1.0
    var sum = 1.0
    let small = x / 1024
    for k in 1..<20 {
        term *= small / Double(k)
        sum += term
    }
    for _ in 0..<10 { sum *= sum }
    return sum
}
