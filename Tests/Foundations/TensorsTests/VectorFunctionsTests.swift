import Foundation
import Testing

@testable import Tensors

/// The kernels' exponentials, logarithms and normal distribution against the C library's in Double.
struct VectorFunctionsTests {
    /// The largest error relative to the value, over values of either sign from 1e−30 to `limit` in size, denser near 0.
    private func error(
        below limit: Double, positive: Bool = false, of operation: (Tensor) -> Tensor,
        against function: (Double) -> Double
    ) -> Double {
        var x = [Float]()
        for step in 0...20_000 {
            let size = Float(limit * Double(step) / 20_000)
            x += positive ? [size] : [size, -size]
        }
        for power in stride(from: -30.0, to: 0, by: 0.01) {
            x += positive ? [Float(pow(10, power))] : [Float(pow(10, power)), -Float(pow(10, power))]
        }
        x.removeAll { positive && $0 == 0 }
        let y = operation(Tape(recording: false).constant(x, shape: [x.count])).values
        return zip(x, y).map { argument, value in
            let expected = function(Double(argument))
            // Below the smallest normal number there is less precision to have.
            return abs(Double(value) - expected) / max(abs(expected), Double(Float.leastNormalMagnitude))
        }.max()!
    }

    // A few roundings of 6e−8 each. Where a function is the exponential of −x²/2 or the like, rounding its exponent adds
    // as many as the exponent is large.
    @Test func logarithms() {
        #expect(error(below: 1e4, positive: true, of: { $0.log() }, against: { log($0) }) < 2.5e-7)
        #expect(error(below: 80, of: { $0.softplus() }, against: { max($0, 0) + log1p(exp(-abs($0))) }) < 4e-7)
        #expect(error(below: 80, of: { $0.logSigmoid() }, against: { min($0, 0) - log1p(exp(-abs($0))) }) < 4e-7)
        let tape = Tape()
        let tiny = 1024 * Float.leastNonzeroMagnitude
        let edges = tape.constant([0, -1, .infinity, .nan, 1, tiny, -0.0], shape: [7]).log().values
        #expect(edges[0] == -.infinity && edges[1].isNaN && edges[2] == .infinity && edges[3].isNaN && edges[4] == 0)
        #expect(edges[6] == -.infinity)
        // −96 is rounded at 4e−6.
        #expect(abs(Double(edges[5]) - log(Double(tiny))) < 1e-5)
    }

    @Test func exponentials() {
        #expect(error(below: 80, of: { $0.exp() }, against: { exp($0) }) < 3e-7)
        // Up to the largest exponential that is a number, and beyond it.
        let edges: [Float] = [88.3, 88.5, 88.69, 89, .infinity, -.infinity, .nan, -0.0]
        let values = Tape().constant(edges, shape: [8]).exp().values
        for (x, y) in zip(edges, values).prefix(3) { #expect(abs(Double(y) / exp(Double(x)) - 1) < 3e-7) }
        #expect(values[3] == .infinity && values[4] == .infinity && values[5] == 0 && values[6].isNaN && values[7] == 1)
        #expect(error(below: 80, of: { $0.sigmoid() }, against: { 1 / (1 + exp(-$0)) }) < 4e-7)
        #expect(error(below: 80, of: { $0.silu() }, against: { $0 / (1 + exp(-$0)) }) < 5e-7)
    }

    @Test func normalDistribution() {
        // x Φ(x) with the complementary error function, which is exact in the tail.
        let gelu = { (x: Double) in x * 0.5 * erfc(-x / 2.0.squareRoot()) }
        #expect(error(below: 4, of: { $0.gelu() }, against: gelu) < 1.5e-6)
        #expect(error(below: 12, of: { $0.gelu() }, against: gelu) < 1e-5)
    }

    /// The slopes of GELU and SiLU far out, where they are 0 or 1.
    @Test func slopesFarOut() {
        for operation in [{ $0.gelu() }, { $0.silu() }] as [(Tensor) -> Tensor] {
            let tape = Tape()
            let x = tape.variable([-1e6, -200, 200, 1e6], shape: [4])
            tape.backward(from: operation(x).sum())
            #expect(tape.gradient(of: x) == [0, 0, 1, 1])
        }
    }
}
