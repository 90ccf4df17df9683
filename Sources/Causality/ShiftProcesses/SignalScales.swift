import Concurrency
import FeatureModels
import Foundation
import Matrices

/// How strong the signal of each gene is against its noise.
///
/// In coordinates in which noise is white and the covariance of the signal diagonal, each output's log likelihood is a
/// sum over coordinates, whatever its scale: one decomposition serves all genes (Rasmussen & Williams 2006, section
/// 2.2; the coordinates are those of Lippert et al. 2011, "FaST linear mixed models for genome-wide association
/// studies").
///
/// | symbol | code | shape | meaning |
/// |---|---|---|---|
/// | δ | `variances` | n | variances of the signal along the coordinates |
/// | z | `coordinates` | n × genes | the shifts |
/// | r_g | exp `logScales` | genes | factor of the signal of gene g |
/// | τ | `deviation` | | how much ln r differs between genes, a priori: see `ScaleSpread` |
/// | | `loss` | | Σ_g ½ [Σ_k z²/(rδ + 1) + ln(rδ + 1) + (ln r)²/τ²] |
///
/// Deviation from the paper: none.
struct SignalScales: Sendable {
    let logScales: [Double]
    let loss: Double

    /// No prior is wider.
    static let mostDeviation = 1.5
    static let largest = 8.0
    private static let chunk = 64

    /// - Parameter start: Where the search begins; nil looks over a grid first.
    init(
        _ coordinates: Matrix<Double>, variances: [Double], deviation: Double = mostDeviation, start: [Double]?,
        workers: Int?
    ) {
        let precision = 1 / (deviation * deviation)
        let genes = coordinates.columns
        let chunks = (genes + Self.chunk - 1) / Self.chunk
        let parts = concurrentMap(chunks, workers: workers) { part in
            (part * Self.chunk..<min(genes, (part + 1) * Self.chunk)).map { gene in
                let squares = (0..<coordinates.rows).map { k in
                    coordinates.values[k * genes + gene] * coordinates.values[k * genes + gene]
                }
                return Self.best(squares, variances, precision, from: start?[gene])
            }
        }
        logScales = parts.joined().map(\.scale)
        loss = parts.joined().reduce(0) { $0 + $1.loss }
    }

    private static func best(_ squares: [Double], _ variances: [Double], _ precision: Double, from start: Double?)
        -> (scale: Double, loss: Double)
    {
        var scale = start ?? 0
        if start == nil {
            let grid = stride(from: -6.0, through: 6, by: 0.5).map {
                ($0, terms(squares, variances, precision, $0).value)
            }
            scale = grid.min { $0.1 < $1.1 }?.0 ?? 0
        }
        var here = terms(squares, variances, precision, scale)
        for _ in 0..<50 where abs(here.slope) > 1e-9 {
            // Newton's step where the loss is convex, a step downhill where not.
            let wanted = here.curvature > 1e-6 ? -here.slope / here.curvature : -here.slope
            var step = max(-1, min(1, wanted))
            var next = here
            var candidate = scale
            for _ in 0..<30 {
                candidate = max(-largest, min(largest, scale + step))
                next = terms(squares, variances, precision, candidate)
                if next.value <= here.value { break }
                step *= 0.5
            }
            guard next.value <= here.value, candidate != scale else { break }
            (scale, here) = (candidate, next)
        }
        return (scale, here.value)
    }

    /// Loss of one gene and its derivatives by ln r.
    static func terms(_ squares: [Double], _ variances: [Double], _ precision: Double, _ logScale: Double)
        -> (value: Double, slope: Double, curvature: Double)
    {
        let scale = exp(logScale)
        var value = 0.5 * logScale * logScale * precision
        var slope = logScale * precision
        var curvature = precision
        // The product of few factors is taken before its logarithm.
        var product = 1.0
        squares.withUnsafeBufferPointer { squares in
            variances.withUnsafeBufferPointer { variances in
                for k in squares.indices {
                    let total = scale * variances[k] + 1
                    let share = 1 - 1 / total
                    let fit = squares[k] / total
                    value += 0.5 * fit
                    product *= total
                    if product > 1e200 {
                        value += 0.5 * log(product)
                        product = 1
                    }
                    slope += 0.5 * share * (1 - fit)
                    curvature += 0.5 * share * ((1 - share) - fit * (1 - 2 * share))
                }
            }
        }
        return (value + 0.5 * log(product), slope, curvature)
    }
}
