import Foundation
import Probability
import Screens
import Testing

@testable import Interventions

@Suite struct TargetMixtureTests {
    @Test("Exact: the logarithm of the mixture and its slopes")
    func exact() {
        let (p, difference) = (0.3, 1.2)
        let logit = log(p / (1 - p))
        let value = TargetMixture.exact(logit: logit, difference: difference, place: 0)
        #expect(abs(value.logarithm - log(1 - p + p * exp(difference))) < 1e-12)
        #expect(abs(value.share - p * exp(difference) / (1 - p + p * exp(difference))) < 1e-12)
        let nothing = TargetMixture.exact(logit: -.infinity, difference: difference, place: 0)
        #expect(nothing.logarithm == 0 && nothing.share == 0 && nothing.byLogit == 0)
    }

    @Test("Relaxed: the mean over samples comes to the exact mixture as the temperature falls")
    func relaxed() {
        let samples = 200_000
        for (p, difference) in [(0.3, 1.2), (0.05, 2.5), (0.9, -1.5)] {
            let logit = log(p / (1 - p))
            let exact = TargetMixture.exact(logit: logit, difference: difference, place: 0).logarithm
            func error(_ temperature: Double) -> Double {
                let relaxed = TargetMixture.relaxed(
                    samples: samples, temperature: temperature, noise: RandomStream(seed: 1))
                return abs(relaxed(logit: logit, difference: difference, place: 0).logarithm - exact)
            }
            // Four standard errors of the mean of exp(I Δ), relative to its value, and what the temperature leaves: a
            // share of about τ of the samples is not yet near 0 or 1, which moves the mean by at most τ |e^Δ − 1|.
            let spread = (p * (1 - p)).squareRoot() * abs(exp(difference) - 1) / exp(exact)
            let noise = 4 * spread / Double(samples).squareRoot()
            #expect(error(0.01) < noise + 0.01 * abs(exp(difference) - 1) / exp(exact))
            #expect(error(0.01) < error(2) + noise)
        }
    }

    @Test("Relaxed: slopes are those of central differences, and a sure non-target counts nothing")
    func slopes() {
        let relaxed = TargetMixture.relaxed(samples: 4, temperature: 0.5, noise: RandomStream(seed: 9))
        let h = 1e-6
        for (logit, difference) in [(0.2, 3.0), (-1.0, -4.0), (2.0, 300.0)] {
            let value = relaxed(logit: logit, difference: difference, place: 7)
            let byLogit =
                (relaxed(logit: logit + h, difference: difference, place: 7).logarithm
                    - relaxed(logit: logit - h, difference: difference, place: 7).logarithm) / (2 * h)
            let byDifference =
                (relaxed(logit: logit, difference: difference + h, place: 7).logarithm
                    - relaxed(logit: logit, difference: difference - h, place: 7).logarithm) / (2 * h)
            // Central differences of values of size 300 lose 10⁻⁷; slopes by the logit grow with the difference.
            #expect(abs(value.byLogit - byLogit) < 1e-5 * max(1, abs(difference)))
            #expect(abs(value.share - byDifference) < 1e-5)
        }
        #expect(relaxed(logit: -.infinity, difference: 5, place: 0).logarithm == 0)
    }
}

/// The two estimators within a fit.
@Suite struct TargetEstimatorTests {
    @Test("Relaxed targets find what exact ones find")
    func recovery() throws {
        let planted = InterventionFitTests.planted
        var options = PlantedScreen.quick
        options.targetEstimator = .relaxed
        options.targetSamples = 2
        options.ensembleSize = 1
        options.validationShare = 0
        let model = try InterventionModel.fit(planted.screen, options: options)
        for (k, context) in model.contexts.enumerated() where context.dose == 2 {
            let best = try model.targets(ofMeasured: k).max { $0.posterior < $1.posterior }
            #expect(best?.gene == "g\(planted.targets[context.perturbation] ?? -1)", "\(context.perturbation)")
        }
    }

    @Test(
        "The gradient of relaxed targets has noise and a bias that fall with the number of samples"
    )
    func gradientNoise() throws {
        var options = PlantedScreen.quick
        options.ensembleSize = 1
        var fit = try InterventionFit(screen: InterventionFitTests.planted.screen, options: options)
        try fit.advance(by: 60)
        let parameters = fit.state.members[0].parameters.values
        var posterior = fit.complete.whole
        let graph = GraphWeights.expected(posterior.edgeProbabilities(parameters))
        func gradient(_ targets: TargetMixture) -> [Double] {
            posterior.setting.targets = targets
            var gradient = [Double](repeating: 0, count: posterior.count)
            _ = posterior.evaluate(parameters, graph: graph, into: &gradient)
            return gradient
        }
        let exact = gradient(.exact)
        let size = exact.reduce(0) { $0 + $1 * $1 }
        /// Variance and squared bias of the gradient, relative to the square of the exact one.
        func errors(samples: Int) -> (variance: Double, bias: Double) {
            let draws = (0..<40).map { draw in
                gradient(
                    .relaxed(samples: samples, temperature: 0.5, noise: RandomStream(seed: 3).stream(draw)))
            }
            var (variance, bias) = (0.0, 0.0)
            for i in exact.indices {
                let mean = draws.reduce(0) { $0 + $1[i] } / 40
                bias += (mean - exact[i]) * (mean - exact[i]) / size
                variance += draws.reduce(0) { $0 + ($1[i] - mean) * ($1[i] - mean) } / 39 / size
            }
            return (variance, bias)
        }
        let (one, eight) = (errors(samples: 1), errors(samples: 8))
        #expect(eight.variance > 0.5 && eight.bias > 0.5, "noise as large as what is sought")
        #expect(one.variance > eight.variance && one.bias > 2 * eight.bias)
    }
}
