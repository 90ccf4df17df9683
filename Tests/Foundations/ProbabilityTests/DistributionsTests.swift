import Foundation
import Probability
import Testing

/// Each sampler against its distribution function: of n = 40,000 draws the share at or below a point is compared with
/// the function's value there. The limit is five standard errors, √(F(1 − F)/n) each (false alarm below 1e-6 a point);
/// at F = 1/2 it is 0.0125, so a shift of a standard normal by 0.06 standard deviations is found with probability above 0.99.
/// Values of the distribution functions: scipy 1.17.1, by `Reference/Golden/distributions.py`.
struct DistributionsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// x and F(x).
        let points: [(Double, Double)]
        let draw: @Sendable (inout RandomStream) -> Double
    }

    static let cases: [Case] = [
        Case(
            testDescription: "normal(2, 3)",
            points: [
                (-2.935, 0.04998490554), (-0.02347, 0.2499999206), (2.0, 0.5), (4.023, 0.7499502918),
                (6.935, 0.9500150945),
            ]
        ) { $0.normal(mean: 2, standardDeviation: 3) },
        Case(
            testDescription: "logNormal(1, 0.5)",
            points: [
                (1.194, 0.04994553267), (1.94, 0.2499573234), (2.718, 0.4999172719), (3.809, 0.7500774119),
                (6.187, 0.9500048478),
            ]
        ) { $0.logNormal(logMean: 1, logStandardDeviation: 0.5) },
        Case(
            testDescription: "exponential",
            points: [
                (0.05129, 0.04999687033), (0.2877, 0.2500134455), (0.6931, 0.4999764092), (1.386, 0.7499263989),
                (2.996, 0.9500133845),
            ]
        ) { $0.exponential() },
        Case(
            testDescription: "laplace",
            points: [
                (-2.303, 0.04997925895), (-0.6931, 0.2500117954), (0.0, 0.5), (0.6931, 0.7499882046),
                (2.303, 0.950020741),
            ]
        ) { $0.laplace() },
        Case(
            testDescription: "cauchy",
            points: [(-6.314, 0.04999806447), (-1.0, 0.25), (0.0, 0.5), (1.0, 0.75), (6.314, 0.9500019355)]
        ) { $0.cauchy() },
        Case(
            testDescription: "gamma(0.3)",
            points: [
                (3.211e-05, 0.04999983791), (0.0069, 0.2500021347), (0.07313, 0.4999977981), (0.3429, 0.7500002706),
                (1.372, 0.9499762324),
            ]
        ) { $0.gamma(shape: 0.3) },
        Case(
            testDescription: "gamma(1)",
            points: [
                (0.05129, 0.04999687033), (0.2877, 0.2500134455), (0.6931, 0.4999764092), (1.386, 0.7499263989),
                (2.996, 0.9500133845),
            ]
        ) { $0.gamma(shape: 1) },
        Case(
            testDescription: "gamma(7.5)",
            points: [
                (3.63, 0.04997084178), (5.518, 0.2499617617), (7.169, 0.4999357159), (9.123, 0.750046433),
                (12.5, 0.9500565664),
            ]
        ) { $0.gamma(shape: 7.5) },
        Case(
            testDescription: "beta(0.5, 0.5)",
            points: [
                (0.006156, 0.05000069303), (0.1464, 0.249958034), (0.5, 0.5), (0.8536, 0.750041966),
                (0.9938, 0.9498205655),
            ]
        ) { $0.beta(0.5, 0.5) },
        Case(
            testDescription: "beta(0.2588, 0.2499)",
            points: [
                (0.0001083, 0.04999987487), (0.05267, 0.2500038559), (0.524, 0.4999882093), (0.9584, 0.7499462517),
                (0.9999, 0.9449440487),
            ]
        ) { $0.beta(0.2588, 0.2499) },
        Case(
            testDescription: "beta(3, 2)",
            points: [
                (0.2486, 0.04999742224), (0.4563, 0.2499705012), (0.6143, 0.5000481499), (0.757, 0.7500369028),
                (0.9024, 0.9500109331),
            ]
        ) { $0.beta(3, 2) },
        Case(
            testDescription: "poisson(0.7)", points: [(0, 0.4965853038), (1, 0.8441950164), (2, 0.9658584159)]
        ) { Double($0.poisson(mean: 0.7)) },
        Case(
            testDescription: "poisson(9.5)",
            points: [(5, 0.08852844826), (7, 0.2686631818), (9, 0.5218260222), (11, 0.7519896096), (15, 0.9665269959)]
        ) { Double($0.poisson(mean: 9.5)) },
        Case(
            testDescription: "poisson(10.5)",
            points: [(5, 0.05038045109), (8, 0.2794130479), (10, 0.5207381284), (13, 0.8253490443), (16, 0.9603938375)]
        ) { Double($0.poisson(mean: 10.5)) },
        Case(
            testDescription: "poisson(300)",
            points: [
                (272, 0.05444896925), (288, 0.2550843841), (300, 0.5153487573), (312, 0.7661791963), (329, 0.9540857),
            ]
        ) { Double($0.poisson(mean: 300)) },
        Case(
            testDescription: "binomial(12, 0.3)",
            points: [(1, 0.08502504995), (2, 0.2528153479), (4, 0.7236554695), (5, 0.8821512611), (6, 0.9613991569)]
        ) { Double($0.binomial(trials: 12, probability: 0.3)) },
        Case(
            testDescription: "binomial(40, 0.24)",
            points: [(5, 0.05770056537), (8, 0.3523825954), (10, 0.641062828), (11, 0.7640524212), (14, 0.9606334244)]
        ) { Double($0.binomial(trials: 40, probability: 0.24)) },
        Case(
            testDescription: "binomial(60, 0.9)",
            points: [
                (50, 0.07306551008), (53, 0.3935485979), (54, 0.5628341293), (56, 0.8626014306), (58, 0.986222921),
            ]
        ) { Double($0.binomial(trials: 60, probability: 0.9)) },
        Case(
            testDescription: "binomial(500, 0.35)",
            points: [
                (158, 0.06007466392), (168, 0.2721138071), (175, 0.5205580816), (182, 0.7597595176),
                (193, 0.9578228968),
            ]
        ) { Double($0.binomial(trials: 500, probability: 0.35)) },
    ]

    @Test(arguments: cases) func followsItsDistributionFunction(_ distribution: Case) {
        var stream = RandomStream(seed: 11).stream(distribution.testDescription)
        let n = 40_000
        let draws = (0..<n).map { _ in distribution.draw(&stream) }
        for (x, expected) in distribution.points {
            let share = Double(draws.count { $0 <= x }) / Double(n)
            let standardError = (expected * (1 - expected) / Double(n)).squareRoot()
            #expect(abs(share - expected) < 5 * standardError, "at \(x): \(share), expected \(expected)")
        }
    }

    @Test func extremesOfCountsAreExact() {
        var stream = RandomStream(seed: 2)
        #expect(stream.poisson(mean: 0) == 0)
        #expect(stream.binomial(trials: 0, probability: 0.4) == 0)
        #expect(stream.binomial(trials: 30, probability: 0) == 0)
        #expect(stream.binomial(trials: 30, probability: 1) == 30)
        #expect(stream.gamma(shape: 1e-4) >= 0)
        #expect((0...1).contains(stream.beta(1e-4, 1e-4)))
    }
}
