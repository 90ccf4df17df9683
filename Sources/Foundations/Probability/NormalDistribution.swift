import Foundation

/// The normal distribution: what we score with.
public struct NormalDistribution: Sendable, Equatable {
    public let mean: Double
    public let standardDeviation: Double

    public static let standard = NormalDistribution(mean: 0, standardDeviation: 1)

    public init(mean: Double, standardDeviation: Double) {
        precondition(standardDeviation > 0, "a standard deviation is positive, not \(standardDeviation)")
        self.mean = mean
        self.standardDeviation = standardDeviation
    }

    public func logDensity(_ x: Double) -> Double {
        let z = (x - mean) / standardDeviation
        return -0.5 * z * z - log(standardDeviation) - 0.918_938_533_204_672_74  // ln √(2π)
    }

    /// P(X ≤ x), accurate in both tails.
    public func cdf(_ x: Double) -> Double { 0.5 * erfc((mean - x) / (standardDeviation * 2.0.squareRoot())) }

    /// P(X > x), accurate in both tails, down to where numbers end at 1e-308.
    public func upperTail(_ x: Double) -> Double { 0.5 * erfc((x - mean) / (standardDeviation * 2.0.squareRoot())) }

    /// The x with P(X ≤ x) = `probability`; ∓∞ at 0 and 1.
    public func quantile(_ probability: Double) -> Double {
        precondition((0...1).contains(probability), "a probability lies in 0...1, not at \(probability)")
        return mean + standardDeviation * Self.standardQuantile(probability)
    }

    /// Acklam's rational approximation (relative error 1.2e-9), refined by one step of Halley's method.
    private static func standardQuantile(_ p: Double) -> Double {
        if p > 0.5 { return -standardQuantile(1 - p) }
        if p == 0 { return -.infinity }
        func polynomial(_ coefficients: [Double], _ x: Double) -> Double { coefficients.reduce(0) { $0 * x + $1 } }
        let x: Double
        if p < 0.02425 {
            let q = (-2 * log(p)).squareRoot()
            x = polynomial(tailNumerator, q) / polynomial(tailDenominator, q)
        } else {
            let q = p - 0.5
            x = q * polynomial(centreNumerator, q * q) / polynomial(centreDenominator, q * q)
        }
        // Below this the density underflows and the approximation stands alone.
        if x < -37 { return x }
        let excess = (standard.cdf(x) - p) / exp(standard.logDensity(x))
        return x - excess / (1 + 0.5 * x * excess)
    }

    private static let centreNumerator = [
        -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
        -3.066479806614716e+01, 2.506628277459239e+00,
    ]
    private static let centreDenominator = [
        -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
        -1.328068155288572e+01, 1,
    ]
    private static let tailNumerator = [
        -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00,
        4.374664141464968e+00, 2.938163982698783e+00,
    ]
    private static let tailDenominator = [
        7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00, 1,
    ]
}
