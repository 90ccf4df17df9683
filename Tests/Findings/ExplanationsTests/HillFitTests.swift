import Foundation
import Probability
import Testing

@testable import Explanations

@Suite struct HillFitTests {
    private static let doses = [0.01, 0.03, 0.1, 0.3, 1, 3, 10]

    private static func curve(_ dose: Double, emax: Double, middle: Double, slope: Double) -> Double {
        emax * pow(dose, slope) / (pow(middle, slope) + pow(dose, slope))
    }

    private static func fit(
        emax: Double, middle: Double, slope: Double, error: Double, doses: [Double] = doses,
        noise: () -> Double = { 0 }
    ) -> HillFit {
        let control = error * noise()
        let measured = doses.map { dose in
            HillFit.Measurement(
                dose: dose,
                shift: curve(dose, emax: emax, middle: middle, slope: slope) + error * noise() - control, error: error)
        }
        return HillFit(measured, controlError: error)
    }

    /// Measured almost without error the parameters are what the means were made from, to a step of the grid: 1/12 of a
    /// decade of EC50, 1/16 of ln(5 / 0.4) of the slope; the rest follows from these.
    @Test(arguments: [(2.0, 0.4, 1.0), (-1.0, 0.1, 2.0), (0.5, 1.0, 0.7)])
    func exactMeansGiveTheirCurve(_ emax: Double, _ middle: Double, _ slope: Double) throws {
        let fit = Self.fit(emax: emax, middle: middle, slope: slope, error: 0.01 * abs(emax))
        let (top, half, steep) = (
            try #require(fit.emax), try #require(fit.halfEffectiveDose), try #require(fit.slope)
        )
        #expect(abs(top.value / emax - 1) < 0.05)
        #expect(abs(log10(half.value / middle)) < 1.0 / 12)
        #expect(abs(log(steep.value / slope)) < log(5 / 0.4) / 16)
        #expect(fit.abstention == nil)
        #expect(fit.curve.first?.dose == 0.01 && abs((fit.curve.last?.dose ?? 0) - 10) < 1e-9)
        for point in fit.curve {
            let expected = Self.curve(point.dose, emax: emax, middle: middle, slope: slope)
            #expect(abs(point.shift - expected) < 0.03 * abs(emax))
        }
    }

    /// Of 300 curves with noise of a known size nine in ten intervals hold the truth: 270, and four standard deviations
    /// of a binomial count (21) about it. Curves that the fit abstains from are drawn inside the doses, hence few.
    @Test func intervalsHoldWhatTheySay() {
        var random = RandomStream(seed: 5)
        var (held, said) = ([0, 0], [0, 0])
        for _ in 0..<300 {
            let middle = 0.1 * pow(10, random.uniform())
            let slope = 0.8 * pow(2.5, random.uniform())
            let fit = Self.fit(emax: 1, middle: middle, slope: slope, error: 0.05) { random.normal() }
            if let top = fit.emax {
                said[0] += 1
                held[0] += top.lower <= 1 && 1 <= top.upper ? 1 : 0
            }
            if let half = fit.halfEffectiveDose {
                said[1] += 1
                held[1] += half.lower <= middle && middle <= half.upper ? 1 : 0
            }
        }
        for place in 0..<2 {
            #expect(said[place] > 250, "\(said[place]) of 300 were told")
            let share = Double(held[place]) / Double(said[place])
            #expect(share > 0.83, "\(share) of the intervals hold the truth")
        }
    }

    @Test func tooFewDosesAreNotFitted() {
        let fit = Self.fit(emax: 1, middle: 0.3, slope: 1, error: 0.1, doses: [0.1, 1])
        #expect(fit.emax == nil && fit.halfEffectiveDose == nil && fit.slope == nil && fit.curve.isEmpty)
        #expect(fit.abstention == "measured with an error at 2 doses; a curve takes 3")
        let controls = HillFit([.init(dose: 0, shift: 0, error: 0.1)], controlError: 0.1)
        #expect(controls.abstention == "measured with an error at 0 doses; a curve takes 3")
    }

    @Test func flatCurvesAreNoCurves() {
        let fit = Self.fit(emax: 0.05, middle: 0.3, slope: 1, error: 0.2)
        #expect(fit.emax == nil && fit.curve.isEmpty)
        #expect(fit.abstention == "no change over the doses can be told from none")
    }

    @Test func halfEffectiveDosesBeyondTheDosesAreBoundsAlone() {
        let late = Self.fit(emax: 4, middle: 40, slope: 1, error: 0.03)
        #expect(late.emax == nil && late.halfEffectiveDose == nil)
        #expect(late.abstention?.contains("may not have levelled off at the highest dose: EC50 is not below") == true)
        #expect(!late.curve.isEmpty)
        let early = Self.fit(emax: 1, middle: 0.002, slope: 1.5, error: 0.03)
        #expect(early.halfEffectiveDose == nil)
        #expect(early.abstention?.contains("may be whole at the lowest dose: EC50 is not above") == true)
        // What is whole at all doses is measured well.
        #expect(abs((early.emax?.value ?? 0) - 1) < 0.1)
    }

    /// A gene that rises and falls again is no Hill curve: errors are widened, and the words say so.
    @Test func scatterWidensAndIsTold() {
        let shifts = [0, 1, 0, 1, 0, 1, 1.0]
        let fit = HillFit(
            zip(Self.doses, shifts).map { .init(dose: $0, shift: $1, error: 0.02) }, controlError: 0.02)
        #expect(fit.abstention?.contains("times their errors") == true)
    }

    /// The controls' error is common to all doses: where it is large, so is that of Emax, however sure the doses are.
    @Test func errorOfTheControlsCounts() throws {
        let measured = Self.doses.map {
            HillFit.Measurement(dose: $0, shift: Self.curve($0, emax: 1, middle: 0.002, slope: 2), error: 0.01)
        }
        let sure = try #require(HillFit(measured, controlError: 0.01).emax)
        let unsure = try #require(HillFit(measured, controlError: 0.2).emax)
        #expect(unsure.upper - unsure.lower > 5 * (sure.upper - sure.lower))
    }
}
