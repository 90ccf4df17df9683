import CKernels
import Foundation
import Testing

@testable import Tensors

/// The variants of the kernel that this processor can run.
private let levels = Array(0...kernel_attention_level())

@Suite struct AttentionTests {
    @Test(arguments: [0, 1, 2], levels) func slopes(axis: Int, level: Int) {
        checkGradients([[2, 3, 4, 12]]) { _, x in x[0].selfAttention(heads: 2, axis: axis, level: level) }
    }

    /// Tokens that fill no tile, one tile and several blocks; widths below, at and above whole vectors; heads; each axis.
    @Test(
        arguments: [
            ([1, 1, 3], 1, 0), ([2, 2, 24], 1, 1), ([3, 7, 30], 2, 1), ([16, 2, 96], 1, 0), ([2, 17, 3, 99], 1, 1),
            ([30, 2, 192], 2, 0), ([2, 50, 96], 1, 1), ([65, 18], 2, 0), ([1, 100, 2, 15], 1, 1), ([131, 300], 1, 0),
            ([300, 24], 2, 0),
        ] as [([Int], Int, Int)], levels)
    func attentionIsSoftmaxOfScoresTimesValues(_ place: (shape: [Int], heads: Int, axis: Int), level: Int) {
        var generator = Lehmer(state: 7)
        let values = generator.floats(place.shape.reduce(1, *)).map { 2 * $0 }
        let weights = generator.floats(values.count / 3)
        func gradient(_ operation: (Tensor) -> Tensor) -> (values: [Float], slopes: [Float]) {
            let tape = Tape()
            let x = tape.variable(values, shape: place.shape)
            let y = operation(x)
            tape.backward(from: (y * tape.constant(weights, shape: y.shape)).sum())
            return (y.values, tape.gradient(of: x))
        }
        let fused = gradient { $0.selfAttention(heads: place.heads, axis: place.axis, level: level) }
        let plain = gradient { composed($0, heads: place.heads, axis: place.axis) }
        // Sums over up to 300 terms of order 1 in another order.
        #expect(agree(fused.values, plain.values, within: 5e-6))
        #expect(agree(fused.slopes, plain.slopes, within: 5e-6))
    }

    @Test(arguments: levels) func valuesOfTheDefinitionInDouble(level: Int) {
        let (n, c) = (45, 20)
        var generator = Lehmer(state: 11)
        let values = generator.floats(n * 3 * c).map { 3 * $0 }
        // Of a token, part 0 is its query, 1 its key and 2 its value.
        func part(_ token: Int, _ part: Int) -> [Double] {
            values[((token * 3 + part) * c)..<((token * 3 + part + 1) * c)].map(Double.init)
        }
        func share(_ i: Int, _ j: Int) -> Double {
            let products = zip(part(i, 0), part(j, 1)).map { $0 * $1 }
            return exp(products.reduce(0, +) / Double(c).squareRoot())
        }
        var expected: [Float] = []
        for i in 0..<n {
            let shares = (0..<n).map { share(i, $0) }
            let sum = shares.reduce(0, +)
            var result = Array(repeating: 0.0, count: c)
            for j in 0..<n {
                for (e, value) in part(j, 2).enumerated() { result[e] += shares[j] / sum * value }
            }
            expected += result.map(Float.init)
        }
        let y = Tape().constant(values, shape: [n, 3 * c]).selfAttention(heads: 1, axis: 0, level: level)
        // Scores reach 30, where the spacing of Float is 2e−6: probabilities are off by as much, values by three times.
        #expect(agree(y.values, expected, within: 6e-6))
    }

    /// PyTorch's `scaled_dot_product_attention` in double precision (Pipelines/Golden/attention.py).
    @Test(arguments: levels) func valuesOfPyTorch(level: Int) throws {
        struct Case: Decodable {
            var tokens, heads, width, every: Int
            var result, gradient: [Float]
        }
        func ramp(_ count: Int, _ factor: Int, _ modulus: Int) -> [Float] {
            (0..<count).map { Float($0 * factor % modulus) / 512 - 1 }
        }
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(
                path: "Reference/Golden/Attention/values.json")
        for golden in try JSONDecoder().decode([Case].self, from: Data(contentsOf: file)) {
            let channels = golden.heads * golden.width
            let tape = Tape()
            let x = tape.variable(
                ramp(golden.tokens * 3 * channels, 7919, 2003), shape: [golden.tokens, 3 * channels])
            let y = x.selfAttention(heads: golden.heads, axis: 0, level: level)
            tape.backward(from: (y * tape.constant(ramp(y.count, 10007, 1009), shape: y.shape)).sum())
            func sample(_ values: [Float]) -> [Float] {
                stride(from: 0, to: values.count, by: golden.every).map { values[$0] }
            }
            // The tolerance of provenance.json: sums of up to 70 products of order 1.
            #expect(agree(sample(y.values), golden.result, within: 2e-6))
            #expect(agree(sample(tape.gradient(of: x)), golden.gradient, within: 2e-6))
        }
    }

    /// Two tokens whose scores are t apart: the smaller one's share is 1/(1 + eᵗ).
    @Test(arguments: levels) func exponentialsAreThoseOfFloat(level: Int) {
        for t in stride(from: Float(0), through: 86, by: 0.37) {
            let tape = Tape()
            let x = tape.constant([1, t, 0, 1, 0, 1], shape: [2, 3])
            let share = Double(x.selfAttention(heads: 1, axis: 0, level: level).values[0])
            let expected = 1 / (1 + exp(Double(t)))
            // The exponential's own error is below 2e−7, the sum and quotient add as much, and t in units of ln 2 is
            // rounded twice, by 6e−8 each.
            #expect(abs(share / expected - 1) < 4e-7 + 1.2e-7 * Double(t), "at \(t)")
        }
    }

    @Test(arguments: levels) func largeScoresStayFinite(level: Int) {
        let tape = Tape()
        // Rows of query, key, value; scores ±1e10 and 0.
        let x = tape.variable([1e5, 1e5, 3, -1e5, -1e5, 5, 0, 0, 7], shape: [3, 3])
        let y = x.selfAttention(heads: 1, axis: 0, level: level)
        #expect(agree(y.values, [3, 5, 5], within: 1e-6))
        tape.backward(from: y.sum())
        #expect(tape.gradient(of: x).allSatisfy { $0.isFinite })
    }

    /// NaN and infinity reach what they reach in the composition.
    @Test(arguments: levels) func whatIsNoNumberSpreadsAsInTheComposition(level: Int) {
        let n = 70
        // (token, channel of 6 for two heads of one channel): a query, a key, a value.
        for (token, channel) in [(3, 0), (69, 2), (40, 5)] {
            for bad in [Float.nan, .infinity, -.infinity] {
                var generator = Lehmer(state: 5)
                var values = generator.floats(n * 6)
                values[token * 6 + channel] = bad
                let x = Tape().constant(values, shape: [n, 6])
                let fused = x.selfAttention(heads: 2, axis: 0, level: level).values
                let plain = composed(x, heads: 2, axis: 0).values
                for (a, b) in zip(fused, plain) { #expect(a == b || abs(a - b) < 1e-6 || (a.isNaN && b.isNaN)) }
            }
        }
        let nothing = Tape().constant([1, -Float.infinity, 2, 1, -Float.infinity, 3], shape: [2, 3])
        #expect(nothing.selfAttention(heads: 1, axis: 0, level: level).values.allSatisfy { $0.isNaN })
    }

    @Test(arguments: [([40, 10, 96], 1), ([250, 3, 30], 0)] as [([Int], Int)])
    func bytesAreTheSameWithAnyNumberOfWorkers(shape: [Int], axis: Int) {
        var generator = Lehmer(state: 9)
        let values = generator.floats(shape.reduce(1, *))
        let weights = generator.floats(values.count / 3)
        let found = [1, 2, 3].map { workers in
            let tape = Tape(workers: workers)
            let x = tape.variable(values, shape: shape)
            let y = x.selfAttention(heads: 2, axis: axis)
            tape.backward(from: (y * tape.constant(weights, shape: y.shape)).sum())
            return y.values + tape.gradient(of: x)
        }
        #expect(found[0] == found[1] && found[0] == found[2])
    }

    /// Four times the tokens take about four times the memory, all buffers together, where scores would take sixteen.
    @Test func memoryGrowsWithTheTokens() {
        func floats(_ n: Int) -> Int {
            let arena = Arena()
            do {
                let tape = Tape(arena: arena)
                let x = tape.variable(Array(repeating: 0.1, count: 3 * n), shape: [n, 3])
                tape.backward(from: x.selfAttention(heads: 1, axis: 0).sum())
            }
            let free = Mirror(reflecting: arena).descendant("free") as? [Int: [UnsafeMutablePointer<Float>]] ?? [:]
            return free.map { $0.key * $0.value.count }.reduce(0, +)
        }
        // Buffers are rounded up by at most a half.
        let few = floats(1024)
        #expect(few > 3 * 1024 && floats(4096) <= 6 * few)
    }

    @Test func nothingIsDoneForNoTokens() {
        #expect(Tape().constant([], shape: [0, 4, 6]).selfAttention(heads: 2, axis: 0).shape == [0, 4, 2])
        #expect(Tape().constant([], shape: [3, 0]).selfAttention(heads: 2, axis: 0).shape == [3, 0])
    }

    /// softmax(Q Kᵀ/√c) V put together from other operations.
    private func composed(_ x: Tensor, heads: Int, axis: Int) -> Tensor {
        let last = x.rank - 1
        let order = x.shape.indices.filter { $0 != axis && $0 != last } + [axis, last]
        let tokens = x.permuted(order)
        let c = x.shape[last] / (3 * heads)
        let parts = (0..<heads).map { head -> Tensor in
            let (q, k, v) = (head * c, (heads + head) * c, (2 * heads + head) * c)
            let scores = Tensor.product(
                tokens.sliced(q..<q + c, axis: last), tokens.sliced(k..<k + c, axis: last), transposingB: true)
            let shares = (scores * (1 / Float(c).squareRoot())).softmax()
            return Tensor.product(shares, tokens.sliced(v..<v + c, axis: last))
        }
        return Tensor.concatenated(parts, axis: last).permuted(order.indices.map { order.firstIndex(of: $0)! })
    }
}
