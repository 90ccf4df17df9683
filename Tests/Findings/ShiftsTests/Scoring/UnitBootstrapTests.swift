import Matrices
import Probability
import Testing

@testable import Shifts

@Suite struct UnitBootstrapTests {
    @Test("The interval of a mean has the width of its standard error")
    func interval() {
        let units = (0..<100).map { UnitScore(value: Double($0 % 10)) }
        let ends = UnitBootstrap(units: 100, resamples: 4000, random: RandomStream(seed: 1)).interval(units)
        // Deviation 2.872, so 1.96 · 2.872 / 10 = 0.563; a bootstrap of 4000 draws meets it within a tenth.
        #expect(abs(ends.upper - 4.5 - 0.563) < 0.06 && abs(4.5 - ends.lower - 0.563) < 0.06)
    }

    @Test("A pooled R² is the ratio of sums")
    func ratio() {
        let units = [UnitScore(value: 1, beside: 2), UnitScore(value: 5, beside: 10)]
        #expect(UnitScore.pooled(units) == 0.5)
        #expect(UnitScore.pooled([]).isNaN)
    }

    @Test("Differences are paired: what is always a little better beats, whatever the spread")
    func pairs() {
        var random = RandomStream(seed: 2)
        let losses = (0..<30).map { _ in 10 * random.normal() }
        let model = losses.map { UnitScore(value: $0) }
        let worse = losses.map { UnitScore(value: $0 + 0.1) }
        let bootstrap = UnitBootstrap(units: 30, random: RandomStream(seed: 3))
        let found = bootstrap.gain(model: model, over: worse)
        #expect(found.verdict == .beats && abs(found.gain - 0.1) < 1e-12 && abs(found.lower - 0.1) < 1e-12)
        #expect(bootstrap.gain(model: worse, over: model).verdict == .loses)
        #expect(bootstrap.gain(model: model, over: model).verdict == .ties)
    }

    @Test("A correlation over units is that of the drawn units")
    func correlation() {
        let units = [(1.0, 2.0), (2, 1), (3, 4), (4, 3)].map { UnitScore(value: $0.0, beside: $0.1) }
        // Deviations ∓1.5, ∓0.5: products 0.75, 0.75, 0.75, 0.75 over squares of sum 5.
        #expect(abs(UnitScore.pooled(units, by: .pearson) - 0.6) < 1e-12)
        #expect(abs(UnitScore.pooled(units, by: .spearman) - 0.6) < 1e-12)
        let line = (0..<20).map { UnitScore(value: Double($0), beside: 3 * Double($0)) }
        let ends = UnitBootstrap(units: 20, random: RandomStream(seed: 4)).interval(line, by: .pearson)
        #expect(abs(ends.lower - 1) < 1e-12 && abs(ends.upper - 1) < 1e-12)
    }

    @Test("Two units give no verdict")
    func few() {
        let found = UnitBootstrap(units: 2, random: RandomStream(seed: 0)).gain(
            model: [UnitScore(value: 0), UnitScore(value: 0)], over: [UnitScore(value: 1), UnitScore(value: 1)])
        #expect(found.verdict == .ties && found.lower == 1)
    }

    @Test("Losses fall as predictions get better")
    func losses() {
        #expect(PredictionMetric.pearson.loss(0.5) == -0.5)
        #expect(PredictionMetric.energyDistance.loss(0.5) == 0.5)
        #expect(PredictionMetric.coverage.loss(0.8) > PredictionMetric.coverage.loss(0.95))
        #expect(PredictionMetric.varianceRatio.loss(0.5) == PredictionMetric.varianceRatio.loss(2))
    }
}
