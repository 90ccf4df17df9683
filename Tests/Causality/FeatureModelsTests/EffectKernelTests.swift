import CKernels
import Foundation
import Matrices
import Probability
import Testing

@testable import FeatureModels

struct EffectKernelTests {
    /// Two perturbations with candidates, in raw coordinates.
    static let measured = [
        MeasuredEffects(
            name: "a", targets: [0, 2], effects: [1, -2, 1.5, 0, 0.5, -1.5],
            doseParameters: [0.1, 0.5, 0.4, 0.2, -0.3, 0.6],
            probabilities: [0.5, 0.3, 0.2]),
        MeasuredEffects(name: "b", effects: [0, 1, 0], doseParameters: [-0.4, 0.3]),
        MeasuredEffects(
            name: "c", targets: [1], effects: [2, 2.5], doseParameters: [0, 0, 0.5, 0.1], probabilities: [0.6, 0.4]),
    ]

    /// The covariance of the outputs of a network with random weights, which the arcsine is in the limit.
    @Test func aWideNetworkHasThisCovariance() {
        var kernel = EffectKernel(groups: [2])
        // Only the network, of variance 1.
        kernel.logParameters = [log(0.8), log(0.6), 0, -20, -20, 0]
        let pairs = EffectPairs(kernel)
        let (a, b) = ([1.0, -0.5], [0.3, 0.9])
        func dot(_ x: [Double], _ y: [Double]) -> [Double] { [x[0] * y[0] + x[1] * y[1]] }
        let exact = pairs.value(dot(a, b), pairs.product(dot(a, a)), pairs.product(dot(b, b)))
        var stream = RandomStream(seed: 3)
        var sum = 0.0
        var squares = 0.0
        let draws = 100_000
        for _ in 0..<draws {
            let w = [0.8 * stream.normal(), 0.8 * stream.normal()]
            let bias = 0.6 * stream.normal()
            let product = erf(w[0] * a[0] + w[1] * a[1] + bias) * erf(w[0] * b[0] + w[1] * b[1] + bias)
            sum += product
            squares += product * product
        }
        let mean = sum / Double(draws)
        let error = ((squares / Double(draws) - mean * mean) / Double(draws)).squareRoot()
        // Four standard errors.
        #expect(abs(mean - exact) < 4 * error)
    }

    @Test func theGradientIsThatOfTheLoss() throws {
        let coordinates = EffectCoordinates(genes: 3, measured: Self.measured, doseCount: 2)
        let pairs = MeasuredPairs(Self.measured, means: coordinates.means(Self.measured), in: coordinates)
        let outputs = Matrix(rows: 3, columns: 2, values: [0.5, -1, 0.2, 0.8, -0.7, 0.2])
        let kernel = EffectKernel(groups: coordinates.groups)
        func loss(_ parameters: [Double]) throws -> (value: Double, gradient: [Double]) {
            try #require(InverseFeatureModel.loss(parameters, kernel, pairs, outputs, featureCount: 2))
        }
        let here = kernel.logParameters.enumerated().map { $1 + 0.1 * Double($0 % 3) }
        let gradient = try loss(here).gradient
        let step = 1e-5
        for place in here.indices {
            var (up, down) = (here, here)
            up[place] += step
            down[place] -= step
            let slope = try (loss(up).value - loss(down).value) / (2 * step)
            // Rounding of values near 10 over the step: 1e-15 · 10 / 1e-5, and the third derivative times step².
            #expect(abs(slope - gradient[place]) < 1e-7 * max(1, abs(slope)))
        }
    }

    /// Without the network the spread of the candidates is their variance in the units of the linear part.
    @Test func whatIsNotKnownIsNoise() {
        let coordinates = EffectCoordinates(genes: 3, effectScale: 1, doseCentres: [0, 0])
        var kernel = EffectKernel(groups: [3, 1, 1])
        kernel.logParameters = [0, log(0.5), log(2), 0, -20, 0, -20, log(0.1)]
        let means = coordinates.means(Self.measured)
        let covariance = MeasuredPairs(Self.measured, means: means, in: coordinates).covariance(kernel)
        // Perturbation c: effect 2 or 2.5, ln EC50 0 or 0.5, ln h 0 or 0.1, with shares 0.6 and 0.4.
        let variance = 0.24 * (0.25 + 0.25 * 0.25 + 4 * 0.01)
        let mean = (0..<5).reduce(1.0) { $0 + [1, 1, 1, 0.25, 4][$1] * means[2, $1] * means[2, $1] }
        #expect(abs(covariance[2, 2] - (mean + variance + 0.01 + 1e-6)) < 1e-9)
    }

    @Test func theKernelOfParticlesIsThatOfPairs() {
        let measured = Self.measured.map {
            MeasuredEffects(name: $0.name, effects: dense($0), doseParameters: $0.meanDoseParameters)
        }
        let coordinates = EffectCoordinates(genes: 3, measured: measured, doseCount: 2)
        let kernel = EffectKernel(groups: coordinates.groups)
        let means = coordinates.means(measured)
        let expected = MeasuredPairs(measured, means: means, in: coordinates).covariance(kernel)
        let inputs = KernelInputs(
            coordinates: coordinates, kernel: kernel, rows: (0..<3).map { Array(means.row($0)) })
        for (k, effects) in measured.enumerated() {
            let (values, variances) = inputs.covariances(effects.particles)
            for i in 0..<3 where i != k { #expect(abs(values[0, i] - expected[k, i]) < 1e-12) }
            #expect(abs(values[0, k] - variances[0]) < 1e-12)
            #expect(abs(variances[0] + kernel.noise - expected[k, k]) < 1e-12)
        }
    }

    private func dense(_ effects: MeasuredEffects) -> [Double] {
        var result = [0.0, 0, 0]
        for (gene, value) in zip(effects.targets, effects.meanEffects) { result[gene] = value }
        return result
    }

    @Test func arcsine() {
        let inputs = (0...2000).map { Double($0) / 1000 - 1 }
        var values = [Double](repeating: 0, count: inputs.count)
        kernel_wide_network(
            inputs, inputs.count, [0], [0.5], 1, 0, 0, .pi / 2, 1, Array(repeating: 1, count: inputs.count), &values)
        // Two units in the last place of π/2.
        for (x, y) in zip(inputs, values) { #expect(abs(y - asin(x)) < 5e-16) }
    }
}
