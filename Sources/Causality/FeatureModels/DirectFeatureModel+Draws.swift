import Foundation
import Matrices

/// How well draws from another model tell the measured responses, in the same measure as `heldOut`.
extension DirectFeatureModel {
    public struct DrawScores: Sendable, Equatable {
        /// ln density of each perturbation's components, noise included; perturbations in the order of `heldOut`.
        public let logDensities: [Double]
        /// Variance of what the other model leaves out, in units of the responses' variance.
        public let discrepancy: Double
    }

    /// Scores draws of what each perturbation's treatments do, made without their cells: normal with the mean and the
    /// covariance of the draws, the noise of the measured responses, and what the other model leaves out, whose size is
    /// chosen for the best score and which follows a perturbation over its treatments.
    /// - Parameter draws: For each perturbation, in rising order, draws of treatments × outputs, the treatments in the
    ///   order of the table.
    /// - Throws: `FeatureModelError` (`COUNT`).
    public func scores(ofHeldOut draws: [[Matrix<Double>]]) throws(FeatureModelError) -> DrawScores {
        let groups = Dictionary(grouping: table.perturbations.indices) { table.perturbations[$0] }
        let rows = groups.keys.sorted().map { groups[$0] ?? [] }
        let outputs = loadings.columns
        guard draws.count == rows.count,
            zip(draws, rows).allSatisfy({ draws, rows in
                draws.count > 1
                    && draws.allSatisfy {
                        $0.rows == rows.count && $0.columns == outputs && $0.values.allSatisfy(\.isFinite)
                    }
            })
        else {
            throw FeatureModelError(
                code: "COUNT", message: "two draws or more of every treatment of \(rows.count) perturbations expected",
                remedy: "draw finite responses for every treatment of the table")
        }
        let parts = rows.indices.flatMap { k in
            kernels.indices.map { c in part(draws[k], rows: rows[k], component: c, perturbation: k) }
        }
        // A grid fine enough for a factor of 1.3 of a variance.
        let grid = (0...48).map { exp(log(1e-4) + Double($0) / 48 * log(3e5)) }
        let best =
            grid.map { size in (size, parts.reduce(0) { $0 + $1.logDensity(discrepancy: size) }) }
            .max { $0.1 < $1.1 }?.0 ?? 1
        var logs = [Double](repeating: 0, count: rows.count)
        for part in parts { logs[part.perturbation] += part.logDensity(discrepancy: best) }
        return DrawScores(logDensities: logs, discrepancy: best)
    }

    /// One component of one perturbation.
    private struct Part {
        let perturbation: Int
        let errors: [Double]
        /// Of draws and noise.
        let covariance: Matrix<Double>
        /// How what is left out goes together over treatments.
        let course: Matrix<Double>

        func logDensity(discrepancy: Double) -> Double {
            var total = covariance
            for i in total.values.indices { total.values[i] += discrepancy * course.values[i] }
            guard let factor = CholeskyFactor(total) else { return -.infinity }
            let square = zip(errors, factor.solve(errors)).reduce(0) { $0 + $1.0 * $1.1 }
            return -0.5 * (square + factor.logDeterminant + Double(errors.count) * log(2 * .pi))
        }
    }

    private func part(_ draws: [Matrix<Double>], rows: [Int], component c: Int, perturbation: Int) -> Part {
        let axis = loadings.row(c)
        let length = axis.reduce(0) { $0 + $1 * $1 }
        // Rows of the loadings are orthogonal.
        let values = draws.map { draw in
            rows.indices.map { i in zip(draw.row(i), axis).reduce(0) { $0 + $1.0 * $1.1 } / length }
        }
        let n = rows.count
        let count = Double(draws.count)
        let means = (0..<n).map { i in values.reduce(0) { $0 + $1[i] } / count }
        var covariance = Matrix<Double>(rows: n, columns: n)
        for i in 0..<n {
            for j in 0..<n {
                covariance[i, j] =
                    values.reduce(0) { $0 + ($1[i] - means[i]) * ($1[j] - means[j]) } / (count - 1)
                    + (i == j ? kernels[c].noise * table.noise[rows[i]] : 0)
            }
        }
        return Part(
            perturbation: perturbation, errors: (0..<n).map { components.scores[rows[$0], c] - means[$0] },
            covariance: covariance, course: inputs.courses(kernels[c], rows: rows))
    }
}
