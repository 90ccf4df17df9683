import Foundation
import Probability
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
