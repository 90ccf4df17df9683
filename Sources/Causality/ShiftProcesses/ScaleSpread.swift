import Concurrency
import Foundation
import Matrices

/// How much genes differ in how strong their signal is against their noise, told by all of them together.
///
/// Of few treatments, or of many that share one mean of few controls, each gene tells its own strength hardly better than
/// one measurement does: strengths sought gene by gene would follow its noise. So they are held together as closely as the
/// shifts allow, by a prior that has them equal unless the shifts say otherwise (Simpson et al. 2017, "Penalising model
/// component complexity", for a deviation: exponential).
///
/// | symbol | code | shape | meaning |
/// |---|---|---|---|
/// | δ, z | `variances`, `coordinates` | n, n × genes | as of `SignalScales` |
/// | m, τ | `centre`, `deviation` | | ln r_g ~ N(m, τ²) |
/// | λ | `rate` | | τ ~ Exp(λ), so that P(τ > 1.5) = 0.05 |
/// | | | | maximum over m and τ of Σ_g ln ∫ p(z_g | r) N(ln r; m, τ²) d ln r − λ τ |
///
/// Deviation from the paper: both on grids, and the integral is a sum over steps of a quarter.
struct ScaleSpread: Sendable {
    let centre: Double
    let deviation: Double

    static let deviations = [0.125, 0.25, 0.5, 0.75, 1, 1.25, SignalScales.mostDeviation]
    private static let rate = -log(0.05) / SignalScales.mostDeviation
    private static let step = 0.25
    private static let most = 4.0

    init(_ coordinates: Matrix<Double>, variances: [Double], workers: Int?) {
        let places = Array(stride(from: -SignalScales.largest, through: SignalScales.largest, by: Self.step))
        let genes = coordinates.columns
        // Genes × places: densities, the largest of each gene 1.
        let rows = concurrentMap(genes, workers: workers) { gene in
            let squares = (0..<coordinates.rows).map { k in
                coordinates.values[k * genes + gene] * coordinates.values[k * genes + gene]
            }
            let losses = places.map { SignalScales.terms(squares, variances, 0, $0).value }
            let least = losses.min() ?? 0
            return losses.map { exp(least - $0) }
        }
        let densities = Matrix(rows: genes, columns: places.count, values: rows.flatMap(\.self))
        var best = (centre: 0.0, deviation: SignalScales.mostDeviation, value: -Double.infinity)
        for deviation in Self.deviations {
            let centres = Array(stride(from: -Self.most, through: Self.most, by: Self.step))
            let priors = Matrix(
                rows: centres.count, columns: places.count,
                values: centres.flatMap { centre -> [Double] in
                    let weights = places.map { exp(-0.5 * pow(($0 - centre) / deviation, 2)) }
                    let total = weights.reduce(0, +)
                    return weights.map { $0 / total }
                })
            let evidence = Matrix.product(densities, priors, transposingSecond: true)
            for (column, centre) in centres.enumerated() {
                var value = -Self.rate * deviation
                for gene in 0..<genes { value += log(evidence.values[gene * centres.count + column]) }
                if value > best.value { best = (centre, deviation, value) }
            }
        }
        (centre, deviation) = (best.centre, best.deviation)
    }
}
