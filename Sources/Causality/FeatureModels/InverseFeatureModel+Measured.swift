import Foundation
import Matrices

/// What features say of perturbations that were measured.
extension InverseFeatureModel {
    /// Weighs the candidates of every measured perturbation by what cells say (`base`) and by the density of its features
    /// given those of all others: all at once from the state before, so that their order does not matter.
    mutating func weighCandidates(base: [[Double]]) {
        let means = coordinates.means(measured)
        let pairs = MeasuredPairs(measured, means: means, in: coordinates)
        guard let factor = CholeskyFactor(pairs.covariance(kernel)) else { return }
        let precision = factor.inverse
        let inputs = KernelInputs(
            coordinates: coordinates, kernel: kernel, rows: (0..<means.rows).map { Array(means.row($0)) })
        let state = self
        let weighed = concurrentMap(measured.count, workers: nil) { k in
            state.weighed(k, base: base[k], inputs: inputs, precision: precision)
        }
        for (k, probabilities) in weighed.enumerated() { measured[k].probabilities = probabilities }
    }

    private func weighed(_ k: Int, base: [Double], inputs: KernelInputs, precision: Matrix<Double>) -> [Double] {
        guard base.count > 1 else { return base }
        let n = measured.count
        let particles = measured[k].particles
        var (rows, variances) = inputs.covariances(particles)
        // With this entry the weight of perturbation k is 0: the others alone predict (the inverse of a matrix without
        // row and column k, by Schur's complement).
        for s in 0..<particles.count {
            rows[s, k] = 0
            var sum = 0.0
            for i in 0..<n { sum += precision[k, i] * rows[s, i] }
            rows[s, k] = -sum / precision[k, k]
        }
        let solved = rows.multiplied(by: precision)
        let projected = solved.multiplied(by: outputs)
        let p = Double(space.informativeCount)
        let logs = (0..<particles.count).map { s -> Double in
            var explained = 0.0
            var length = 0.0
            for i in 0..<n {
                explained += solved[s, i] * rows[s, i]
                length += solved[s, i] * projected[s, i]
            }
            let variance = kernel.noise + max(0, variances[s] - explained)
            let square = max(0, outputs[k, k] - 2 * projected[s, k] + length)
            return log(base[s]) - 0.5 * temper * (square / variance + p * log(variance))
        }
        let best = logs.max() ?? 0
        guard best.isFinite else { return base }
        let masses = logs.map { exp($0 - best) }
        let total = masses.reduce(0, +)
        return masses.map { $0 / total }
    }
}

extension MeasuredEffects {
    /// The candidates as particles.
    var particles: EffectParticles {
        var result = EffectParticles(count: candidateCount, capacity: targets.count, doseCount: doseCount)
        for s in 0..<candidateCount {
            for (t, gene) in targets.enumerated() where effects[s * targets.count + t] != 0 {
                result.append(Int32(gene), effects[s * targets.count + t], to: s)
            }
        }
        result.dose = doseParameters
        return result
    }
}
