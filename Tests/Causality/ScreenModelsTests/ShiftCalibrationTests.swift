import Foundation
import Matrices
import Probability
import Testing

@testable import ScreenModels

/// Weights and widths from trials with known errors.
struct ShiftCalibrationTests {
    /// Treatments of 20 genes each, whose errors are independent.
    private func independent(_ count: Int) -> Matrix<Double> {
        var noise = Matrix<Double>(rows: count / 20, columns: count / 20)
        for place in 0..<count / 20 { noise[place, place] = 1 }
        return noise
    }

    private func trials(
        _ count: Int, causalError: Double, directError: Double, halfWidth: Double, noise: Double = 0
    ) -> [ShiftCalibration.Trial] {
        var random = RandomStream(seed: 4)
        return (0..<count).map { place in
            let truth = random.normal()
            return ShiftCalibration.Trial(
                treatment: place / 20,
                blend: .init(
                    causal: truth + causalError * random.normal(), causalHalfWidth: halfWidth,
                    direct: truth + directError * random.normal()),
                measured: truth + noise * random.normal(), deviation: noise)
        }
    }

    /// Independent errors a and b: the best weight of the first is b² / (a² + b²).
    @Test func theWeightIsThatOfLeastSquares() {
        var calibration = ShiftCalibration()
        calibration.learn(
            .dose, from: trials(20_000, causalError: 0.3, directError: 0.6, halfWidth: 0.5), noise: independent(20_000))
        // Standard error of a regression on 20,000 numbers: below .01.
        #expect(abs(calibration.factor(.dose).weights.causal - 0.8) < 0.02)
    }

    /// A path that is no better is left out, however the noise falls.
    @Test func theCausalModelStandsAloneUnlessAnotherPathIsClearlyBetter() {
        var calibration = ShiftCalibration()
        calibration.learn(
            .dose, from: trials(2000, causalError: 0.1, directError: 0.5, halfWidth: 0.2, noise: 1),
            noise: independent(2000))
        #expect(calibration.factor(.dose).weights == .init())
    }

    /// The causal model must earn its place: few treatments don't tell, and a tie is not enough.
    @Test(arguments: [(1, 0.1, 0.5, 0.0), (2, 0.1, 0.5, 0), (20, 0.5, 0.5, 0), (20, 0.1, 0.5, 1), (1, 0.5, 0.1, 0)])
    func theDirectPathAnswersUnlessTheCausalModelIsClearlyBetter(
        treatments: Int, causal: Double, direct: Double, weight: Double
    ) {
        var calibration = ShiftCalibration()
        var trials = trials(400, causalError: causal, directError: direct, halfWidth: 0.2)
        for place in trials.indices {
            trials[place].treatment = place * treatments / trials.count
            // Errors that are the same in both: nothing is gained by a blend.
            if causal == direct { trials[place].blend.causal = trials[place].blend.direct }
        }
        calibration.learn(.combination, from: trials, noise: independent(20 * treatments))
        // A weight of the best blend, .25 / .26, is as good as 1.
        #expect(abs(calibration.factor(.combination).weights.causal - weight) < 0.05)
    }

    /// Both err in the same 19 treatments by little, and in one by much: a blend that only this one asks for is not taken.
    @Test func aBlendThatOneTreatmentAsksForIsNotTaken() {
        var random = RandomStream(seed: 5)
        let trials = (0..<400).map { place in
            let truth = random.normal()
            let isOdd = place < 20
            return ShiftCalibration.Trial(
                treatment: place / 20,
                blend: .init(
                    causal: truth + (isOdd ? 2 : 0.1 * random.normal()), causalHalfWidth: 0.2,
                    direct: truth + (isOdd ? -2 : 0.4 * random.normal())),
                measured: truth, deviation: 0)
        }
        var calibration = ShiftCalibration()
        calibration.learn(.dose, from: trials, noise: independent(400))
        #expect(calibration.factor(.dose).weights == .init())
    }

    /// All treatments share one large error of their controls, and the direct path foretells it: no reason to believe
    /// the path.
    @Test func errorsThatTreatmentsShareAreNoReasonToBelieveAPath() {
        var random = RandomStream(seed: 8)
        let shared = (0..<20).map { _ in random.normal() }
        let trials = (0..<2000).map { place in
            let truth = random.normal()
            return ShiftCalibration.Trial(
                treatment: place / 20,
                blend: .init(
                    causal: truth + 0.1 * random.normal(), causalHalfWidth: 0.2,
                    direct: truth + shared[place % 20] + 0.3 * random.normal()),
                measured: truth + shared[place % 20] + 0.1 * random.normal(), deviation: 1)
        }
        var noise = Matrix<Double>(rows: 100, columns: 100, repeating: 1)
        for place in 0..<100 { noise[place, place] = 1.01 }
        var naive = ShiftCalibration()
        naive.learn(.dose, from: trials, noise: independent(2000))
        var knowing = ShiftCalibration()
        knowing.learn(.dose, from: trials, noise: noise)
        #expect(naive.factor(.dose).weights.causal < 0.5)
        #expect(knowing.factor(.dose).weights.causal > 0.85)
    }

    /// The same error everywhere: the calibrated half width is its 90 % quantile, whatever the model said and however
    /// noisy the measurements are.
    @Test(arguments: [0, 0.4]) func widthsAreStretchedToHoldNineTenths(noise: Double) {
        var calibration = ShiftCalibration()
        calibration.learn(
            .perturbation,
            from: trials(20_000, causalError: 0.3, directError: 300, halfWidth: 0.2, noise: noise),
            noise: independent(20_000))
        let factor = calibration.factor(.perturbation)
        #expect(abs(factor.scale * 0.2 - 1.645 * 0.3) < 0.03)
        #expect(factor.coverageBefore < 0.7 || noise > 0)
        #expect(abs(factor.coverageAfter - 0.9) < 0.005)
    }

    @Test func genesHeldForUnmovedGetAFloor() {
        var calibration = ShiftCalibration()
        calibration.learn(
            .dose, from: trials(5000, causalError: 0.1, directError: 100, halfWidth: 0), noise: independent(5000))
        let factor = calibration.factor(.dose)
        #expect(abs(factor.floor - 0.1645) < 0.01 && factor.scale == 1)
    }

    @Test func aKindThatWasNotTriedTakesTheOneMostLikeIt() {
        var calibration = ShiftCalibration()
        calibration.learn(
            .perturbation, from: trials(1000, causalError: 0.3, directError: 0.3, halfWidth: 0.2),
            noise: independent(1000))
        #expect(calibration.factor(.dose) == calibration.factor(.perturbation))
        #expect(calibration.factor(.measured).count == 1000)
        #expect(ShiftCalibration().factor(.dose) == .init(weights: .init(causal: 1, residual: 1)))
    }

    /// Three drugs of ten genes: too few numbers for intervals, enough to see that the causal answers are far off.
    @Test(arguments: [0, 30]) func withFewTrialsOfUnseenPerturbationsTheDirectPathAnswers(count: Int) {
        var calibration = ShiftCalibration()
        let trials = trials(count, causalError: 5, directError: 0.3, halfWidth: 0.5).enumerated().map { place, trial in
            var own = trial
            own.treatment = place / 10
            return own
        }
        calibration.learn(.perturbation, from: trials, noise: independent(count * 2))
        #expect(calibration.factor(.perturbation).weights == .init(causal: 0, residual: 0))
        #expect(calibration.factor(.perturbation).scale == 1)
    }
}
