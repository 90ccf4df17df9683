import Foundation
import Probability
import Testing

/// Expected values: scipy 1.17.1, `2 * scipy.stats.t.sf(abs(t), nu)`.
struct StudentDistributionTests {
    /// Relative tolerance 1e-11: p is exp of up to 700 times a rounding of 1e-16 here and there, and Γ of large numbers.
    @Test(
        arguments: [
            (0.5, 2, 0.4455148901831313), (1, 3, 0.20483276469913345), (2, 1e10, 1e-20),
            (2.5, 0.01, 0.9927639943579083),
            (5, 0.5, 0.6382988716409291), (7.3, -4.2, 0.0036750570016489126), (10, 50, 2.47431032930268e-13),
            (30, 2, 0.054625044962983094), (98.6, 12.5, 4.739672582308612e-22), (1000, 40, 1.0478852155173272e-209),
            (150, 1000, 1.0355277388456641e-288), (5000.5, 38, 8.126200818810416e-278), (1e6, 1.5, 0.1336147182367928),
            (1e7, 37, 1.2001212322636956e-299),
        ] as [(Double, Double, Double)])
    func bothTails(_ degrees: Double, _ t: Double, _ expected: Double) {
        let found = StudentDistribution(degreesOfFreedom: degrees).bothTails(t)
        #expect(abs(found - expected) <= 1e-11 * expected, "\(found)")
    }

    /// ν = 1 is Cauchy's distribution, ν = 2 has the closed form 1 − t / √(2 + t²).
    @Test(arguments: [1e-9, 0.1, 0.99, 1, 1.4142, 3, 1000, 1e9, 1e200])
    func closedForms(t: Double) {
        // atan2(1, t) is the angle that the tail takes, without 1 − …
        let cauchy = StudentDistribution(degreesOfFreedom: 1).bothTails(t)
        #expect(abs(cauchy - 2 * atan2(1, t) / .pi) <= 1e-13 * cauchy)
        let root = (2 + t * t).squareRoot()
        let second = StudentDistribution(degreesOfFreedom: 2).bothTails(t)
        if t < 1e100 { #expect(abs(second - 2 / (root * (root + t))) <= 1e-13 * second) }
    }

    @Test func theEnds() {
        let distribution = StudentDistribution(degreesOfFreedom: 4)
        #expect(distribution.bothTails(0) == 1)
        #expect(distribution.bothTails(.infinity) == 0 && distribution.bothTails(-.infinity) == 0)
        #expect(distribution.upperTail(-1) + distribution.upperTail(1) == 1)
        // The normal distribution; the quantile is rounded.
        let normal = StudentDistribution(degreesOfFreedom: .infinity).bothTails(1.959963984540054)
        #expect(abs(normal - 0.05) < 1e-15)
    }
}
