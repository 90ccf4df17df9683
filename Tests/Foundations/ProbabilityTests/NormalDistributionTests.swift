import Probability
import Testing

/// Expected values: scipy 1.17.1, by `Reference/Golden/distributions.py`. Relative tolerance 1e-13: a few roundings of a double.
struct NormalDistributionTests {
    private func close(_ a: Double, _ b: Double, _ tolerance: Double = 1e-13) -> Bool {
        abs(a - b) <= tolerance * abs(b)
    }

    @Test(arguments: [
        (-8.0, 6.22096057427174e-16), (-1.5, 0.06680720126885807), (0.3, 0.6179114221889526), (6.0, 0.9999999990134123),
    ]) func cdf(_ x: Double, _ expected: Double) {
        #expect(close(NormalDistribution.standard.cdf(x), expected))
        #expect(close(NormalDistribution(mean: 1, standardDeviation: 2).cdf(1 + 2 * x), expected))
    }

    /// 1e-12: a rounding of the argument counts z² times.
    @Test(arguments: [
        (0.3, 0.3820885778110474), (5, 2.866515718791933e-07), (20, 2.7536241186061556e-89),
        (37, 5.7255712225239266e-300),
    ]) func upperTail(_ x: Double, _ expected: Double) {
        #expect(close(NormalDistribution.standard.upperTail(x), expected, 1e-12))
        #expect(close(NormalDistribution(mean: 1, standardDeviation: 2).upperTail(1 + 2 * x), expected, 1e-12))
    }

    @Test(arguments: [(-8.0, -11.737085713764618), (0.3, -1.6733357137646179), (6.0, -4.737085713764618)])
    func logDensity(_ x: Double, _ expected: Double) {
        #expect(close(NormalDistribution(mean: 1, standardDeviation: 2).logDensity(x), expected))
    }

    /// At 1 − 1e-12 the argument itself carries a rounding of 1e-16/1e-12 in the tail, worth 1e-5 of a density of 2e-12.
    @Test(arguments: [
        (1e-300, -37.0470962993612, 1e-8), (1e-10, -6.361340902404056, 1e-13), (0.01, -2.3263478740408408, 1e-13),
        (0.3, -0.5244005127080409, 1e-13), (0.975, 1.959963984540054, 1e-13),
        (0.999999999999, 7.0344869100478356, 1e-5),
    ]) func quantile(_ probability: Double, _ expected: Double, _ tolerance: Double) {
        #expect(close(NormalDistribution.standard.quantile(probability), expected, tolerance))
    }

    @Test func quantileAtTheEnds() {
        #expect(NormalDistribution.standard.quantile(0) == -.infinity)
        #expect(NormalDistribution.standard.quantile(1) == .infinity)
        #expect(NormalDistribution(mean: 5, standardDeviation: 2).quantile(0.5) == 5)
    }
}
