import Foundation

/// How far each of several models is to be believed, by what they said of perturbations that were held out (Yao, Vehtari,
/// Simpson & Gelman 2018, "Using stacking to average Bayesian predictive distributions", eq. 5).
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | p(y_i given y_−i, M_k) | `logDensities` | perturbations × models | held-out densities |
/// | w_k | `weights` | models | maximise Σ_i ln Σ_k w_k p(y_i) |
///
/// Deviation from the paper: weights start equal with one pseudo-count each, so that few perturbations don't rule a model
/// out.
public struct PredictiveStacking: Codable, Sendable, Equatable {
    public let models: [String]
    /// Sum 1.
    public let weights: [Double]
    /// Σ ln density of each model alone.
    public let logScores: [Double]
    /// Σ ln density of the mixture.
    public let logScore: Double

    /// - Parameter logDensities: Of each held-out perturbation, by each model in the order of `models`.
    /// - Throws: `FeatureModelError` (`COUNT`, `NONFINITE`).
    public init(models: [String], logDensities: [[Double]]) throws(FeatureModelError) {
        guard !models.isEmpty, !logDensities.isEmpty, logDensities.allSatisfy({ $0.count == models.count }) else {
            throw FeatureModelError(
                code: "COUNT", message: "a density by each of \(models.count) models for each perturbation expected",
                remedy: "score every model on every held-out perturbation")
        }
        guard logDensities.allSatisfy({ $0.allSatisfy { !$0.isNaN && $0 < .infinity } && $0.contains { $0.isFinite } })
        else {
            throw FeatureModelError(
                code: "NONFINITE", message: "a density above 0 and below infinity by some model expected, found none",
                remedy: "give predictions with a variance above 0")
        }
        let rows = logDensities.map { row -> [Double] in
            let best = row.max() ?? 0
            return row.map { exp($0 - best) }
        }
        // Expectation maximisation: every step raises the score; the concave problem has one maximum.
        var weights = [Double](repeating: 1 / Double(models.count), count: models.count)
        for _ in 0..<1000 {
            var sums = [Double](repeating: 1, count: models.count)
            for row in rows {
                let total = zip(row, weights).reduce(0) { $0 + $1.0 * $1.1 }
                for k in row.indices { sums[k] += weights[k] * row[k] / total }
            }
            let next = sums.map { $0 / Double(rows.count + models.count) }
            let change = zip(next, weights).reduce(0) { max($0, abs($1.0 - $1.1)) }
            weights = next
            if change < 1e-10 { break }
        }
        self.models = models
        self.weights = weights
        logScores = models.indices.map { k in logDensities.reduce(0) { $0 + $1[k] } }
        logScore = logDensities.reduce(0) { sum, row in
            let best = row.max() ?? 0
            return sum + best + log(zip(row, weights).reduce(0) { $0 + $1.1 * exp($1.0 - best) })
        }
    }
}
