import Testing

@testable import Tensors

@Suite struct RandomTests {
    /// The hard sample has no slope of its own; what flows is the soft one's.
    @Test func straightThroughHasTheSoftGradient() {
        let logits = (0..<12).map { Float($0) / 4 - 1.5 }
        let weights = (0..<12).map { Float($0) - 4 }
        func sample(isHard: Bool) -> (values: [Float], gradient: [Float]) {
            let tape = Tape()
            let x = tape.variable(logits, shape: [12])
            let y = x.gumbelSigmoid(temperature: 0.5, key: 8, isHard: isHard)
            tape.backward(from: (y * tape.constant(weights, shape: [12])).sum())
            return (y.values, tape.gradient(of: x))
        }
        let (hard, soft) = (sample(isHard: true), sample(isHard: false))
        #expect(hard.values == soft.values.map { $0 > 0.5 ? 1 : 0 })
        #expect(hard.gradient == soft.gradient && soft.gradient.contains { $0 != 0 })
    }

    /// P(y = 1) = σ(x) at any temperature. With 20,000 samples a share has a standard error of at most 0.0036; 0.018 is
    /// five of them, which a right sampler passes in all five cases but for 3 in a million, and a share off by 0.036
    /// fails with that certainty.
    @Test func theMeanOfHardSamplesIsTheProbability() {
        let n = 20_000
        for (place, logit) in [Float(-3), -1, 0, 0.5, 2].enumerated() {
            let tape = Tape(recording: false)
            let x = tape.constant(Array(repeating: logit, count: n), shape: [n])
            let share = x.gumbelSigmoid(temperature: 0.3, key: UInt64(place), isHard: true).values.reduce(0, +)
            let expected = tape.constant(logit).sigmoid().scalar
            #expect(abs(share / Float(n) - expected) < 0.018, "logit \(logit)")
        }
    }

    /// The share kept and the mean: 100,000 values of 1 at p = 0.3 have a standard error of 0.00145 in the share and
    /// 0.0021 in the mean; five of them are allowed.
    @Test func dropoutKeepsItsShareAndTheMean() {
        let n = 100_000
        let tape = Tape(recording: false)
        let ones = tape.constant(Array(repeating: 1, count: n), shape: [n])
        let y = ones.dropout(rate: 0.3, key: 77).values
        let dropped = Double(y.count { $0 == 0 }) / Double(n)
        #expect(abs(dropped - 0.3) < 0.0073)
        #expect(y.allSatisfy { $0 == 0 || $0 == Float(1 / 0.7) })
        let mean = y.map(Double.init).reduce(0, +) / Double(n)
        #expect(abs(mean - 1) < 0.0105)
        // Neighbours and another key are independent: both dropped with probability 0.09, standard error 0.0009.
        let both = Double((1..<n).count { y[$0] == 0 && y[$0 - 1] == 0 }) / Double(n)
        let other = ones.dropout(rate: 0.3, key: 78).values
        let shared = Double(y.indices.count { y[$0] == 0 && other[$0] == 0 }) / Double(n)
        #expect(abs(both - 0.09) < 0.0045 && abs(shared - 0.09) < 0.0045)
        #expect(ones.dropout(rate: 0, key: 1).values == ones.values)
        #expect(ones.dropout(rate: 0.3, key: 77).values == y)
    }
}
