import Foundation
import Probability
import Testing

@testable import Simulators

struct MechanismTests {
    private func evaluate(_ mechanism: Mechanism, parents: [Int], columns: [Float], rows: Int) -> [Float] {
        var output = Array(repeating: Float(0), count: rows)
        mechanism.evaluate(parents: parents, columns: columns, rows: rows, output: &output)
        return output
    }

    @Test func linearIsAWeightedSum() {
        let result = evaluate(
            .linear(weights: [2, -1], bias: 0.5), parents: [0, 2], columns: [1, 2, 9, 9, 3, 4], rows: 2)
        #expect(result == [-0.5, 0.5])
    }

    @Test func perceptronIsASumOfTangents() {
        let result = evaluate(
            .perceptron(hidden: [0.5, -1, 2, 0], offsets: [0.25, -0.5], outer: [3, -2], bias: 0.75), parents: [0, 1],
            columns: [1, -2, 0.5, 1], rows: 2)
        for (row, x) in [(1.0, 0.5), (-2.0, 1.0)].enumerated() {
            let expected = 0.75 + 3 * tanh(0.5 * x.0 - x.1 + 0.25) - 2 * tanh(2 * x.0 - 0.5)
            #expect(abs(Double(result[row]) - expected) < 1e-6)
        }
    }

    @Test func hillFunctionsAreThoseOfConcentrations() {
        let result = evaluate(
            .hill(heights: [4, -2], exponents: [1.5, 3], thresholds: [0.5, -1], bias: 0.25), parents: [0, 1],
            columns: [0.5, -3, 40, -1, 2, -40], rows: 3)
        for (row, x) in [(0.5, -1.0), (-3.0, 2.0), (40.0, -40.0)].enumerated() {
            func hill(_ x: Double, _ exponent: Double, _ threshold: Double) -> Double {
                let c = pow(exp(x), exponent)
                return c / (c + pow(exp(threshold), exponent))
            }
            let expected = 0.25 + 4 * hill(x.0, 1.5, 0.5) - 2 * hill(x.1, 3, -1)
            // Offsets, heights and bias in single precision.
            #expect(abs(Double(result[row]) - expected) < 1e-5)
        }
    }

    /// Against Foundation's cosine. Turns of up to 16 carry a rounding of 1e-6 radians at 2π · 16; the series adds 2e-7.
    @Test func cosineAgreesWithTheLibrary() {
        let xs: [Float] = (0..<2001).map { Float($0 - 1000) / 62.5 }
        let result = evaluate(
            .randomFourier(frequencies: [1], phases: [0.125], amplitudes: [1], bias: 2), parents: [0], columns: xs,
            rows: xs.count)
        for (x, y) in zip(xs, result) { #expect(abs(Double(y) - 2 - cos(2 * .pi * (Double(x) + 0.125))) < 1e-5) }
        let far = evaluate(
            .randomFourier(frequencies: [1e8], phases: [0], amplitudes: [1], bias: 0), parents: [0],
            columns: [1e25, -1e25], rows: 2)
        #expect(far.allSatisfy { abs($0) <= 1 })
    }

    /// Over draws of the function, cov(f(x), f(y)) = c² exp(−|x − y|²/2l²), c = 3, l = 2. The product of two near-normal
    /// values has standard deviation at most √2 c² = 12.7; five standard errors of 4,000 draws are 1.0.
    @Test(arguments: [Float(0), 1, 3]) func randomFourierIsAGaussianProcess(_ distance: Float) {
        let stream = RandomStream(seed: 1)
        var sum = 0.0
        for number in 0..<4000 {
            var own = stream.stream(number)
            let mechanism = Mechanism.randomFourier(
                parents: 1, lengthScale: 2, outputScale: 3, bias: 0, features: 20, stream: &own)
            let values = evaluate(mechanism, parents: [0], columns: [5, 5 + distance], rows: 2)
            sum += Double(values[0]) * Double(values[1])
        }
        #expect(abs(sum / 4000 - 9 * exp(-Double(distance * distance) / 8)) < 1)
    }
}
