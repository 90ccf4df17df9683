import Foundation
import Matrices

/// The density of a measured perturbation's features given those of all others, had it done something else: without
/// inverting a matrix for each (Rasmussen & Williams 2006, section 5.4.2).
struct LeaveOneOut: Sendable {
    private let inputs: KernelInputs
    private let precision: Matrix<Double>
    private let outputs: Matrix<Double>
    private let featureCount: Double

    /// nil where the covariance of the measured perturbations is not positive definite.
    init?(_ model: InverseFeatureModel) {
        let means = model.coordinates.means(model.measured)
        let pairs = MeasuredPairs(model.measured, means: means, in: model.coordinates)
        guard let factor = CholeskyFactor(pairs.covariance(model.kernel)) else { return nil }
        precision = factor.inverse
        inputs = KernelInputs(
            coordinates: model.coordinates, kernel: model.kernel, rows: (0..<means.rows).map { Array(means.row($0)) })
        outputs = model.outputs
        featureCount = Double(model.space.informativeCount)
    }

    /// Guesses that are told side by side: their covariances with all measured perturbations are in memory together.
    private static let batch = 256

    /// ln p(features of perturbation k | it does z, features of the others), not tempered, but for a constant.
    func logLikelihoods(of k: Int, _ particles: EffectParticles) -> [Double] {
        stride(from: 0, to: particles.count, by: Self.batch).flatMap { first in
            logLikelihoods(
                of: k, batch: particles.selecting(Array(first..<min(first + Self.batch, particles.count))))
        }
    }

    private func logLikelihoods(of k: Int, batch particles: EffectParticles) -> [Double] {
        let n = precision.rows
        var (rows, variances) = inputs.covariances(particles)
        // With this entry the weight of perturbation k is 0, and the others alone predict (Schur's complement).
        for s in 0..<particles.count {
            rows[s, k] = 0
            var sum = 0.0
            for i in 0..<n { sum += precision[k, i] * rows[s, i] }
            rows[s, k] = -sum / precision[k, k]
        }
        let solved = rows.multiplied(by: precision)
        let means = solved.multiplied(by: outputs)
        return (0..<particles.count).map { s in
            var explained = 0.0
            for i in 0..<n { explained += solved[s, i] * rows[s, i] }
            let variance = inputs.kernel.noise + max(0, variances[s] - explained)
            var square = 0.0
            for c in 0..<outputs.columns {
                let difference = outputs[k, c] - means[s, c]
                square += difference * difference
            }
            return -0.5 * (square / variance + featureCount * log(variance))
        }
    }
}
