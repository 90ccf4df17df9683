import Foundation
import Matrices
import Probability
import Testing

@testable import ScreenModels

/// How narrow intervals of genes may be that nothing is seen to move.
struct ShiftResolutionTests {
    private func still(
        treatments: Int, genes: Int, spread: Double, noise: Double, shared: Double = 0, seed: UInt64
    ) -> [ShiftResolution.Stillness] {
        var random = RandomStream(seed: seed)
        let common = (0..<genes).map { _ in shared * random.normal() }
        return (0..<treatments).flatMap { treatment in
            (0..<genes).map { gene in
                let error = spread * random.normal() + noise * random.normal() + common[gene]
                return ShiftResolution.Stillness(
                    treatment: treatment, gene: gene, error: error,
                    deviation: (noise * noise + shared * shared).squareRoot())
            }
        }
    }

    /// Where true shifts have a spread, the half width is its 90 % quantile.
    @Test func aSpreadThatIsThereIsFound() {
        let found = ShiftResolution.halfWidth(still(treatments: 40, genes: 100, spread: 0.3, noise: 0.2, seed: 1))
        // A standard deviation from 4,000 numbers: known to 1.1 %, and to three times that nearly always.
        #expect(abs(found / (ShiftCalibration.normalQuantile * 0.3) - 1) < 0.04)
    }

    /// However little moves, smaller shifts than the noise of all measurements together leaves open are not ruled out, and
    /// no larger ones are made up.
    @Test(arguments: [0, 0.15]) func whereNothingMovesTheWidthIsWhatNoiseLeavesOpen(shared: Double) {
        let (treatments, genes, noise) = (6.0, 300.0, 0.15)
        // Error of the mean of squares over genes, the noise of each shared in part by all treatments.
        let own = noise * noise
        let both = own + shared * shared
        let variance = 2 * (both * both / treatments + pow(shared, 4) * (treatments - 1) / treatments)
        let error = (variance / genes).squareRoot()
        for seed in 1...10 {
            let found = ShiftResolution.halfWidth(
                still(treatments: 6, genes: 300, spread: 0, noise: noise, shared: shared, seed: UInt64(seed)))
            let spread = found / ShiftCalibration.normalQuantile
            // The mean above 0 of a normal that lies within three of its errors of 0 is between .3 and 3.3 errors; errors are
            // themselves taken from six treatments where that is more.
            #expect(spread * spread > 0.2 * error && spread * spread < 5 * error)
        }
    }

    /// Moments of the normal distribution above 0: half of it, √(2/π); far away, all of it or its exponential tail.
    @Test func theMeanAboveZeroIsThatOfTheTruncatedNormal() {
        #expect(abs(ShiftResolution.meanAboveZero(0, 2) - 2 * (2 / Double.pi).squareRoot()) < 1e-12)
        #expect(abs(ShiftResolution.meanAboveZero(30, 1) - 30) < 1e-12)
        // −6 − ε against −6 + ε: the series 1/z − 2/z³ + … is cut after its first term.
        #expect(abs(ShiftResolution.meanAboveZero(-6.01, 1) / ShiftResolution.meanAboveZero(-5.99, 1) - 1) < 0.06)
    }

    @Test func ofTooFewNothingIsSaid() {
        #expect(ShiftResolution.halfWidth(still(treatments: 1, genes: 10, spread: 1, noise: 1, seed: 1)) == 0)
        #expect(ShiftResolution.halfWidth([]) == 0)
    }

    @Test func noIntervalIsNarrower() {
        var calibration = ShiftCalibration()
        calibration.resolution = 0.1
        let narrow = ShiftCalibration.Blend(causal: 0, causalHalfWidth: 0, direct: 0)
        let wide = ShiftCalibration.Blend(causal: 0, causalHalfWidth: 0.4, direct: 0)
        #expect(calibration.halfWidth(narrow, .init()) == 0.1)
        #expect(calibration.halfWidth(wide, .init()) == 0.4)
    }
}
