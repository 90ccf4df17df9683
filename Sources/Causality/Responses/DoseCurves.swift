import Foundation

/// Dose curves on a grid: u(c) = cʰ / (EC50ʰ + cʰ), the share of its full effect that a perturbation has at dose c.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | EC50 | `halfDoses` | 60 | dose of half the effect |
/// | h | `steepness` | 22 | Hill coefficient |
/// | E_j | integrated out | targets | full effect, N(0, slab σ_j²) |
///
/// Source: Schneider et al. 2025, "Generative Intervention Models for Causal Perturbation Modeling", the Hill head.
/// Deviation from the paper: EC50 and h are no outputs of a network but have a posterior of their own for each
/// perturbation, exact up to the grid, with E integrated out.
struct DoseCurves: Codable, Sendable {
    let halfDoses: [Double]
    let steepness: [Double]
    /// halfDoses × steepness: log-normal around the middle of all doses, and around 1.5.
    let logPrior: [Double]
    /// Geometric mean of the doses of the screen.
    let middle: Double

    var count: Int { halfDoses.count * steepness.count }
    static let steepnessMiddle = 1.5

    init(_ design: ScreenDesign) {
        let logs = design.contexts.joined().compactMap { $0.dose.map { log($0) } }
        let center = logs.isEmpty ? 0 : logs.reduce(0, +) / Double(logs.count)
        let reach = logs.map { abs($0 - center) }.max() ?? 0
        // Doses are mostly chosen so that their range holds the middle of the curve.
        let spread = max(1, reach)
        func grid(_ low: Double, _ high: Double, _ count: Int) -> [Double] {
            (0..<count).map { low + (high - low) * Double($0) / Double(count - 1) }
        }
        let logHalfDoses = grid(center - 2.5 * spread, center + 2 * spread, 60)
        let logSteepness = grid(log(0.5), log(5), 22)
        middle = exp(center)
        halfDoses = logHalfDoses.map { exp($0) }
        steepness = logSteepness.map { exp($0) }
        logPrior = logHalfDoses.flatMap { e in
            logSteepness.map { h in
                -0.5 * pow((e - center) / spread, 2) - 0.5 * pow((h - log(Self.steepnessMiddle)) / 0.5, 2)
            }
        }
    }

    static func share(dose: Double, halfDose: Double, steepness: Double) -> Double {
        1 / (1 + pow(halfDose / dose, steepness))
    }

    func share(dose: Double, point: Int) -> Double {
        Self.share(
            dose: dose, halfDose: halfDoses[point / steepness.count], steepness: steepness[point % steepness.count])
    }

    /// The most probable curve before anything is seen.
    var priorPoint: Int { logPrior.indices.max { logPrior[$0] < logPrior[$1] }! }

    /// ln p of every grid point, effects integrated out, up to a constant.
    /// - Parameters:
    ///   - doses: Of each context.
    ///   - counts: Cells of each context.
    ///   - means: contexts × targets: what is left of the targets' means when all else is taken out.
    ///   - variances: Noise variance of each target.
    ///   - slab: Prior variance of an effect over the noise variance.
    func logPosterior(
        doses: [Double], counts: [Double], means: [[Double]], variances: [Double], slab: Double
    ) -> [Double] {
        var result = logPrior
        for point in 0..<count {
            let shares = doses.map { share(dose: $0, point: point) }
            let fit = Self.fit(shares, counts, means, slab: slab)
            for target in variances.indices {
                result[point] +=
                    0.5 * fit.products[target] * fit.products[target] / variances[target] / fit.weight
                    - 0.5 * log(slab * fit.weight)
            }
        }
        return result
    }

    /// Σ n u² + 1/slab, and Σ n u y of each target: the effect's posterior is N(products/weight, σ²/weight).
    static func fit(
        _ shares: [Double], _ counts: [Double], _ means: [[Double]], slab: Double
    ) -> (weight: Double, products: [Double]) {
        var weight = 1 / slab
        var products = [Double](repeating: 0, count: means.first?.count ?? 0)
        for context in shares.indices {
            let factor = counts[context] * shares[context]
            weight += factor * shares[context]
            means[context].withUnsafeBufferPointer { means in
                products.withUnsafeMutableBufferPointer { products in
                    for target in 0..<products.count { products[target] += factor * means[target] }
                }
            }
        }
        return (weight, products)
    }

    static func normalised(_ logs: [Double]) -> [Double] {
        let top = logs.max() ?? 0
        let weights = logs.map { exp($0 - top) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }
}
