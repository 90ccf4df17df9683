import Foundation
import Matrices
import Probability
import Testing

@testable import Responses

struct CausalMechanismsTests {
    /// 0 → 1 → 2, 0 → 2.
    func chain(bent: Bool) -> CausalMechanisms {
        func mechanism(_ parents: [Int], _ weights: [Float], _ intercept: Float) -> CausalMechanisms.Mechanism {
            .init(
                parents: parents, intercept: intercept, weights: weights, unitWeights: [], unitOffsets: [],
                unitOutputs: [], covariates: [])
        }
        var mechanisms = [mechanism([], [], 0.1), mechanism([0], [0.8], -0.2), mechanism([0, 1], [0.5, -1], 0)]
        if bent {
            mechanisms[2].unitWeights = [1.2, 0, 0.3, -0.7]
            mechanisms[2].unitOffsets = [0.4, -0.1]
            mechanisms[2].unitOutputs = [1.5, -0.8]
        }
        return CausalMechanisms(mechanisms, variances: [1, 0.25, 0.5], usualCovariates: [])
    }

    @Test func linearShiftsSpreadAlongPaths() {
        let shift = chain(bent: false).meanShift(of: [2, 0, 1])
        // x₁ moves by 0.8 · 2; x₂ by 1 + 0.5 · 2 − 1.6.
        for (own, expected) in zip(shift, [2, 1.6, 0.4] as [Float]) { #expect(abs(own - expected) < 1e-6) }
        let replaced = chain(bent: false).meanShift(
            of: [0, 0, 0], replacements: [.init(gene: 1, mean: 1, deviation: 0.1)])
        // The control mean of x₁ is −0.2 + 0.8 · 0.1.
        for (own, expected) in zip(replaced, [0, 1.12, -1.12] as [Float]) { #expect(abs(own - expected) < 1e-6) }
    }

    @Test func cellsFollowTheirMechanisms() {
        let mechanisms = chain(bent: true)
        let noise = RandomStream(seed: 1).stream(0)
        let cells = mechanisms.sample(300, shifts: [0, 0.5, 0], stream: RandomStream(seed: 1))
        var stream = noise
        let normals = stream.normals(900)
        for cell in 0..<300 {
            let x0 = 0.1 + normals[cell]
            let x1 = -0.2 + 0.5 + 0.8 * x0 + 0.5 * normals[300 + cell]
            let units = 1.5 * tanh(0.4 + 1.2 * x0 + 0.3 * x1) - 0.8 * tanh(-0.1 - 0.7 * x1)
            let x2 = 0.5 * x0 - x1 + units + Float(0.5.squareRoot()) * normals[600 + cell]
            // Single precision, and tanh to 3e-7.
            #expect(abs(cells[cell, 0] - x0) < 1e-5)
            #expect(abs(cells[cell, 1] - x1) < 1e-5)
            #expect(abs(cells[cell, 2] - x2) < 1e-5)
        }
    }

    @Test func sampledAndExactShiftsAgree() {
        var bent = chain(bent: true)
        let linear = chain(bent: false)
        // A unit without output makes the same mechanism, by the sampled way.
        var mechanisms = bent.mechanisms
        mechanisms[2].unitOutputs = [0, 0]
        bent = CausalMechanisms(mechanisms, variances: [1, 0.25, 0.5], usualCovariates: [])
        let exact = linear.meanShift(of: [1, -0.5, 0.25])
        let sampled = bent.meanShift(of: [1, -0.5, 0.25])
        // Common noise cancels in a linear mechanism up to single precision.
        for (a, b) in zip(exact, sampled) { #expect(abs(a - b) < 1e-5) }
    }

    @Test func bentShiftsAreMeansOfManyCells() {
        let mechanisms = chain(bent: true)
        let shifts: [Float] = [1.5, 0, 0.5]
        func mean(_ shifts: [Float]) -> [Double] {
            mechanisms.sample(200_000, shifts: shifts, stream: RandomStream(seed: 9)).columnMeans()
        }
        let expected = zip(mean(shifts), mean([0, 0, 0])).map { $0 - $1 }
        let own = mechanisms.meanShift(of: shifts, cells: 4000)
        // The shift of x₂ varies by about 0.5 between cells of opposite pairs: 4,000 give 0.01, four times that.
        for (a, b) in zip(own, expected) { #expect(abs(Double(a) - b) < 0.04) }
    }

    @Test func cellsDoNotDependOnThreads() {
        let mechanisms = chain(bent: true)
        let one = mechanisms.sample(1300, shifts: [0, 0, 0], stream: RandomStream(seed: 2), workers: 1)
        let three = mechanisms.sample(1300, shifts: [0, 0, 0], stream: RandomStream(seed: 2), workers: 3)
        #expect(one == three)
        #expect(Set(one.column(0)).count == 1300)
    }

    @Test func cellsStayWithoutInterventions() {
        let cells = chain(bent: true).sample(600, shifts: [0, 0, 0], stream: RandomStream(seed: 3))
        // Nothing is added and taken off again.
        #expect(chain(bent: true).counterfactual(of: cells, shifts: [0, 0, 0]) == cells)
    }

    @Test func linearCounterfactualsMoveByTotalEffects() {
        let mechanisms = chain(bent: false)
        let cells = mechanisms.sample(600, shifts: [0, 0, 0], stream: RandomStream(seed: 4))
        let moved = mechanisms.counterfactual(of: cells, shifts: [2, 0, 1])
        // (I − B)⁻¹ shift along 0 → 1 → 2 and 0 → 2: x₁ by 0.8 · 2; x₂ by 1 + 0.5 · 2 − 1.6.
        for cell in 0..<600 {
            for (gene, step) in [2, 1.6, 0.4].enumerated() {
                // Single precision.
                #expect(abs(Double(moved[cell, gene]) - Double(cells[cell, gene]) - step) < 1e-5)
            }
        }
    }

    @Test(arguments: [false, true]) func counterfactualsAreSamplesOfTheSameNoise(isReplaced: Bool) {
        let mechanisms = chain(bent: true)
        let shifts: [Float] = [1.5, -0.5, 0.25]
        let replacements = isReplaced ? [CausalMechanisms.Replacement(gene: 1, mean: 0.7, deviation: 0.3)] : []
        func cells(_ shifts: [Float], _ replacements: [CausalMechanisms.Replacement]) -> Matrix<Float> {
            mechanisms.sample(700, shifts: shifts, replacements: replacements, stream: RandomStream(seed: 5))
        }
        let expected = cells(shifts, replacements)
        let base = cells([0, 0, 0], [])
        let found = mechanisms.counterfactual(of: base, shifts: shifts, replacements: replacements)
        // Single precision, through two tanh of 3e-7.
        for (a, b) in zip(found.values, expected.values) { #expect(abs(a - b) < 1e-5) }
        let one = mechanisms.counterfactual(of: base, shifts: shifts, replacements: replacements, workers: 1)
        #expect(one == found)
    }

    @Test func meansAreMetByTheInterventionsThatMadeThem() {
        let bent = chain(bent: true)
        let base = bent.sample(700, shifts: [0, 0, 0], stream: RandomStream(seed: 6))
        let expected = bent.counterfactual(of: base, shifts: [1.5, 0, -0.5])
        let means = zip(expected.columnMeans(), base.columnMeans()).map { Float($0 - $1) }
        // Single precision, of means too.
        for (a, b) in zip(bent.counterfactual(of: base, meanShifts: means).values, expected.values) {
            #expect(abs(a - b) < 1e-5)
        }
        // Linear mechanisms change no spread: every cell moves as the mean.
        let linear = chain(bent: false).counterfactual(of: base, meanShifts: [1, -2, 0.5])
        for cell in 0..<700 {
            for (gene, shift) in [Float(1), -2, 0.5].enumerated() {
                #expect(abs(linear[cell, gene] - base[cell, gene] - shift) < 1e-5)
            }
        }
    }
}
