import Foundation
import Probability
import Tensors
import Testing

@testable import Structure

@Suite struct SpectralRadiusTests {
    private func logits(_ p: [Double]) -> [Float] { p.map { Float(log($0 / (1 - $0))) } }

    /// All edges among d genes with probability p: the radius is p(d − 1), or pd with the diagonal. The second largest
    /// eigenvalue is −p, or 0, so ten iterations leave (1/4)¹⁰ ≈ 1e−6 at most.
    @Test(arguments: [(5, 0.3, true), (6, 0.5, true), (5, 0.3, false)])
    func equalProbabilitiesHaveAKnownRadius(_ d: Int, _ p: Double, _ masksDiagonal: Bool) {
        let tape = Tape()
        let x = tape.constant(logits(Array(repeating: p, count: d * d)), shape: [d, d])
        let start = PowerIterationStart(count: d, stream: RandomStream(seed: 3))
        let radius = x.spectralRadius(from: start, iterations: 10, masksDiagonal: masksDiagonal).scalar
        #expect(abs(Double(radius) - p * Double(masksDiagonal ? d - 1 : d)) < 1e-4)
    }

    /// Logits so low that probabilities leave single precision: the iterates know no scale, and the radius is 0.
    @Test func tinyProbabilitiesAreNoTrouble() {
        let tape = Tape()
        let x = tape.constant(Array(repeating: -800, count: 9), shape: [3, 3])
        let start = PowerIterationStart(count: 3, stream: RandomStream(seed: 3))
        #expect(x.spectralRadius(from: start, iterations: 10, masksDiagonal: true).scalar == 0)
    }

    /// With the iterates as constants, ∂h/∂P = u vᵀ/(u · v). For equal probabilities u and v are constant vectors, so
    /// each of the d(d − 1) entries has the slope 1/d, times p(1 − p) for the logit.
    @Test func gradientIsThatOfTheIterates() {
        let (d, p) = (4, 0.2)
        let tape = Tape()
        let x = tape.variable(logits(Array(repeating: p, count: d * d)), shape: [d, d])
        let start = PowerIterationStart(count: d, stream: RandomStream(seed: 3))
        tape.backward(from: x.spectralRadius(from: start, iterations: 40, masksDiagonal: true))
        for (place, slope) in tape.gradient(of: x).enumerated() {
            let expected = place / d == place % d ? 0 : p * (1 - p) / Double(d)
            // Single precision of values of order 0.1.
            #expect(abs(Double(slope) - expected) < 1e-6)
        }
    }

    /// By hand: the average starts at the first excess; λ rises at every second step by its rate, which grows to 0.5 at
    /// step 4, times the average.
    @Test func theMultiplierAscends() {
        var multiplier = AcyclicityMultiplier(rate: 0.5, interval: 2, warmup: 4, averaging: 0.25)
        multiplier.update(step: 0, cyclicity: 2)
        #expect(multiplier.average == 2 && multiplier.value == 0)
        multiplier.update(step: 1, cyclicity: -1)
        #expect(multiplier.average == 1.5 && multiplier.value == 0)
        multiplier.update(step: 2, cyclicity: 1.5)
        #expect(multiplier.average == 1.5 && multiplier.value == 0.375)
        multiplier.update(step: 3, cyclicity: 1.5)
        multiplier.update(step: 4, cyclicity: 1.5)
        #expect(multiplier.value == 1.125)
        multiplier.update(step: 6, cyclicity: 1.5)
        #expect(multiplier.value == 1.875)
    }
}
