import Foundation

/// Student's t distribution: what differences of means are tested with.
///
/// The two tails beyond |t| hold I_x(ν/2, 1/2) with x = ν / (ν + t²), the regularised incomplete beta function, by its
/// continued fraction (DLMF 8.17.22). Goals in order: relative accuracy far into the tails, so that p-values of 1e-300
/// can be ranked; any positive degrees of freedom; speed.
public struct StudentDistribution: Sendable, Equatable {
    public let degreesOfFreedom: Double
    /// 1 / B(ν/2, 1/2)
    private let inverseBeta: Double

    public init(degreesOfFreedom: Double) {
        precondition(degreesOfFreedom > 0, "degrees of freedom are positive, not \(degreesOfFreedom)")
        self.degreesOfFreedom = degreesOfFreedom
        inverseBeta = Self.gammaRatio(degreesOfFreedom / 2) / Double.pi.squareRoot()
    }

    /// P(|T| > |t|): the p-value of a two-sided test. 1 at t = 0, 0 at ±∞.
    public func bothTails(_ t: Double) -> Double {
        guard t != 0 else { return 1 }
        // Infinite degrees of freedom are the normal distribution.
        guard degreesOfFreedom < 1e12 else { return 2 * NormalDistribution.standard.upperTail(abs(t)) }
        let ratio = abs(t) / degreesOfFreedom.squareRoot()
        let square = ratio * ratio
        let a = degreesOfFreedom / 2
        // ln x^a and √(1 − x); beyond 1e8 the 1 in 1 + t²/ν is lost anyway, and t² may overflow.
        let logPower = -a * (ratio < 1e8 ? log1p(square) : 2 * log(ratio))
        let root = ratio < 1e8 ? ratio / (1 + square).squareRoot() : 1
        let front = exp(logPower) * root * inverseBeta
        let x = 1 / (1 + square)
        if x < (a + 1) / (a + 2.5) { return front * Self.continuedFraction(a, 0.5, x) / a }
        return 1 - 2 * front * Self.continuedFraction(0.5, a, square / (1 + square))
    }

    /// P(T > t), accurate in the upper tail.
    public func upperTail(_ t: Double) -> Double {
        let half = bothTails(t) / 2
        return t >= 0 ? half : 1 - half
    }

    /// Γ(a + 1/2) / Γ(a): the asymptotic series (DLMF 5.11.13) where it holds to the last digit, from there down by
    /// Γ(a + 1) = a Γ(a).
    private static func gammaRatio(_ start: Double) -> Double {
        var a = start
        var factor = 1.0
        while a < 48 {
            factor *= a / (a + 0.5)
            a += 1
        }
        let series: [Double] = [
            869.0 / 4_194_304, -399.0 / 262144, -21.0 / 32768, 5.0 / 1024, 1.0 / 128, -1.0 / 8, 1,
        ]
        return factor * a.squareRoot() * series.reduce(0) { $0 / a + $1 }
    }

    /// The continued fraction of I_x(a, b), by Lentz's method; converges in about √max(a, b) steps where
    /// x < (a + 1) / (a + b + 2).
    private static func continuedFraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        func guarded(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var numerator = 1.0
        var denominator = 1 / guarded(1 - (a + b) * x / (a + 1))
        var result = denominator
        for step in 1...100_000 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            denominator = 1 / guarded(1 + even * denominator)
            numerator = guarded(1 + even / numerator)
            result *= denominator * numerator
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            denominator = 1 / guarded(1 + odd * denominator)
            numerator = guarded(1 + odd / numerator)
            let change = denominator * numerator
            result *= change
            if abs(change - 1) < 1e-15 { break }
        }
        return result
    }
}
