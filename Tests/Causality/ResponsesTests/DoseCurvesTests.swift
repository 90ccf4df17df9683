import Foundation
import Probability
import Testing

@testable import Responses

struct DoseCurvesTests {
    func curves(_ doses: [Double]) throws -> DoseCurves {
        DoseCurves(
            try ScreenDesign(
                genes: ["a", "b"], perturbations: [.init(name: "p")],
                contexts: [[]] + doses.map { [.init(0, dose: $0)] }))
    }

    @Test func effectsAreIntegratedOut() throws {
        let curves = try curves([0.5, 1, 2])
        let (doses, counts, slab, variance) = ([0.5, 1.0, 2.0], [4.0, 3.0, 5.0], 25.0, 0.7)
        let means = [[0.3], [0.9], [1.6]]
        let logs = curves.logPosterior(doses: doses, counts: counts, means: means, variances: [variance], slab: slab)
        /// ∫ N(E; 0, slab σ²) Π N(mean; E u, σ²/n) dE by the trapezoidal rule.
        func integral(_ point: Int) -> Double {
            let spread = (slab * variance).squareRoot()
            return stride(from: -60.0, through: 60, by: 0.01).reduce(0) { sum, effect in
                var log = NormalDistribution(mean: 0, standardDeviation: spread).logDensity(effect)
                for context in doses.indices {
                    log += NormalDistribution(
                        mean: effect * curves.share(dose: doses[context], point: point),
                        standardDeviation: (variance / counts[context]).squareRoot()
                    ).logDensity(means[context][0])
                }
                return sum + exp(log) * 0.01
            }
        }
        let points = [0, 300, 700, 1100, curves.count - 1]
        for point in points.dropFirst() {
            let expected = log(integral(point)) - log(integral(points[0]))
            let own = (logs[point] - curves.logPrior[point]) - (logs[points[0]] - curves.logPrior[points[0]])
            // The rule's step is a hundredth of the narrowest width, where it is exact to rounding.
            #expect(abs(own - expected) < 1e-8)
        }
    }

    @Test func aPlantedCurveIsFound() throws {
        let curves = try curves([0.25, 0.5, 1, 2, 4])
        var stream = RandomStream(seed: 5)
        let doses = [0.25, 0.5, 1, 2, 4]
        let (halfDose, steepness, effect) = (0.8, 2.0, 3.0)
        let counts = doses.map { _ in 400.0 }
        let means = doses.map { dose in
            [effect * DoseCurves.share(dose: dose, halfDose: halfDose, steepness: steepness) + 0.05 * stream.normal()]
        }
        let response = PerturbationResponse(
            targets: [1], contexts: Array(doses.indices), doses: doses, counts: counts, remainders: means,
            variances: [1],
            slab: 25)
        let grid = response.grid(curves)
        let found = try #require(grid.curveMoments)
        // Within three posterior standard deviations, and these are narrow.
        #expect(abs(found.halfDose.mean - log(halfDose)) < 3 * found.halfDose.deviation)
        #expect(found.halfDose.deviation < 0.3)
        #expect(abs(found.steepness.mean - log(steepness)) < 3 * found.steepness.deviation)
        let moments = grid.moments(ofTarget: 0)
        #expect(abs(moments.mean - effect) < 3 * moments.deviation)
        // Draws have the moments of the grid: four standard errors of 4,000 draws.
        let draws = (0..<4000).map { _ in grid.draw(targets: [1], &stream) }
        let mean = draws.reduce(0) { $0 + $1.effects[0] } / 4000
        #expect(abs(mean - moments.mean) < 4 * moments.deviation / 4000.0.squareRoot())
        let middle = draws.reduce(0) { $0 + $1.logHalfDose! } / 4000
        #expect(abs(middle - found.halfDose.mean) < 4 * found.halfDose.deviation / 4000.0.squareRoot())
        // The drawn curve at a dose is the effect times its share.
        let shifts = draws[0].shifts(genes: 3, dose: 2)
        let share = DoseCurves.share(
            dose: 2, halfDose: exp(draws[0].logHalfDose!), steepness: exp(draws[0].logSteepness!))
        #expect(shifts[0] == 0 && shifts[2] == 0 && abs(Double(shifts[1]) - draws[0].effects[0] * share) < 1e-5)
        #expect(draws[0].shifts(genes: 3, dose: 0) == [0, 0, 0])
    }

    @Test func withoutDoseTheEffectIsShrunkMean() {
        let curves = try? curves([1, 2])
        let response = PerturbationResponse(
            targets: [0, 2], contexts: [0, 1], doses: nil, counts: [10, 30], remainders: [[1, -2], [2, -1]],
            variances: [1, 4], slab: 25)
        let grid = response.grid(curves!)
        #expect(grid.curveMoments == nil)
        // (10 · 1 + 30 · 2) / (40 + 1/25), and σ² over the same.
        #expect(abs(grid.moments(ofTarget: 0).mean - 70 / 40.04) < 1e-12)
        #expect(abs(grid.moments(ofTarget: 1).mean + 50 / 40.04) < 1e-12)
        #expect(abs(grid.moments(ofTarget: 1).deviation - (4 / 40.04).squareRoot()) < 1e-12)
    }
}
