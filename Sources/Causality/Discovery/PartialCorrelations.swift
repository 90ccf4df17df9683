import Foundation
import Matrices
import Networks
import Probability

/// Absolute partial correlation of two genes given all others, over all cells: the same score for both directions.
///
/// From the inverse of the shrunk correlation matrix, so that fewer cells than genes do no harm.
struct PartialCorrelations: DiscoveryMethod {
    let mostGenes = 5000

    func scores(of data: DiscoveryData, stream: RandomStream, workers: Workers) -> Scores {
        let d = data.genes
        let precision = ShrunkCorrelations(data).precision
        var values = [Double](repeating: 0, count: d * d)
        for i in 0..<d {
            for j in 0..<d where i != j {
                values[i * d + j] = abs(precision[i, j]) / (precision[i, i] * precision[j, j]).squareRoot()
            }
        }
        return Scores(values: values.map { min(1, $0) })
    }
}

/// (1 − λ) C + λ 1 for correlations C, with the λ of least expected squared error.
///
/// Ledoit & Wolf 2004, "A well-conditioned estimator for large-dimensional covariance matrices", section 3.3: of the
/// standardised values x of n cells with d genes, λ = min(b, δ)/δ with δ = ‖C − 1‖² and b = Σ ‖x xᵀ − C‖² / n².
struct ShrunkCorrelations {
    let shrinkage: Double
    /// Its inverse, genes × genes.
    let precision: Matrix<Double>

    init(_ data: DiscoveryData) {
        let d = data.genes
        let n = Double(data.cells)
        let correlations = data.correlations
        var squares = 0.0
        for i in 0..<d {
            // A constant gene has variance 0 here, and 1 only in what is inverted.
            let variance = data.deviations[i] > 0 ? 1.0 : 0
            for j in 0..<d {
                let value = i == j ? variance : correlations[i, j]
                squares += value * value
            }
        }
        // The mean variance is that of the target, a multiple of 1.
        let mean = Double(data.deviations.count { $0 > 0 }) / Double(d)
        let distance = squares - Double(d) * mean * mean
        var fourth = 0.0
        for row in 0..<data.cells {
            let length = data.standardised.row(row).reduce(0) { $0 + $1 * $1 }
            fourth += length * length
        }
        let noise = max(0, fourth / n - squares) / n
        // The least keeps duplicated genes of two values apart, whose squares do not vary.
        shrinkage = max(1e-8, distance > 0 ? min(noise, distance) / distance : 1)
        var shrunk = correlations
        for i in 0..<d {
            for j in 0..<d where i != j { shrunk[i, j] *= 1 - shrinkage }
        }
        guard let factor = CholeskyFactor(shrunk) else {
            preconditionFailure("a correlation matrix that was shrunk has no Cholesky factor")
        }
        precision = factor.inverse
    }
}
