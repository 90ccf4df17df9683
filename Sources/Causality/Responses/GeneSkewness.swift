import Foundation

/// How lopsided the values of a gene are about the means of their contexts, and what that takes from the evidence of a
/// shifted mean.
///
/// Of a gene that one cell in a thousand expresses, two cells among a hundred lie five standard errors from the mean,
/// and are no rarity: sums of lopsided values stray further to the long side than a normal distribution lets them. The
/// exponent of the chance that a mean of n values strays by δ is n I(δ) (Cramér's theorem). A Poisson distribution,
/// shifted and scaled to the gene's variance σ² and skewness γ, has with u = δ γ / σ
///
///     I(δ) = ((1 + u) ln(1 + u) − u) / γ²,      δ² / 2σ² where γ vanishes,
///
/// which is exact for rare counts.
struct GeneSkewness: Sendable, Equatable {
    /// γ: third central moment over σ³.
    let skewness: Double
    /// σ², within contexts.
    let variance: Double

    /// By how many nats less than a normal distribution would make of it a mean of n cells speaks that is off by δ; never
    /// negative.
    func discount(shift: Double, cells: Double) -> Double {
        guard variance > 0 else { return 0 }
        let normal = 0.5 * shift * shift / variance
        let u = shift * skewness / variance.squareRoot()
        // To the short side means stray less far than a normal distribution's, which is left as it is.
        guard u > 0 else { return 0 }
        // (1 + u) ln(1 + u) − u = u²/2 − u³/6 + …
        let share = u < 1e-4 ? 1 - u / 3 : 2 * ((1 + u) * log1p(u) - u) / (u * u)
        return cells * normal * (1 - share)
    }

    static func all(_ moments: ScreenMoments) -> [GeneSkewness] {
        let (d, width) = (moments.design.genes.count, moments.columns)
        return (0..<d).map { gene in
            var (second, third, freedom) = (0.0, 0.0, 0.0)
            for (context, count) in moments.counts.enumerated() where count > 2 {
                let n = Double(count)
                let mean = moments.sums[context * width + 1 + gene] / n
                let square = moments.squares[context * d + gene] / n
                let cube = moments.cubes[context * d + gene] / n
                second += n * (square - mean * mean)
                third += n * (cube - 3 * mean * square + 2 * mean * mean * mean)
                freedom += n - 1
            }
            guard freedom > 0, second > 1e-9 * freedom else { return GeneSkewness(skewness: 0, variance: 0) }
            let variance = second / freedom
            let found = third / freedom / pow(variance, 1.5)
            // What so many normal values show by chance is none.
            let chance = 3 * (6 / freedom).squareRoot()
            return GeneSkewness(
                skewness: abs(found) > chance ? found - (found > 0 ? chance : -chance) : 0, variance: variance)
        }
    }
}
