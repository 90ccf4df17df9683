import Foundation
import Matrices

/// The marginal likelihood of the shifts of all genes under one kernel over treatments, with the scale of every gene at
/// its maximum (Rasmussen & Williams 2006, equation 5.9, summed over outputs of different signal).
///
/// | symbol | code | shape | meaning |
/// |---|---|---|---|
/// | N | `noise` | n × n | covariance of sampling errors, in units of each gene's variance |
/// | Y | `outputs` | n × genes | shifts over each gene's standard deviation |
/// | K | | n × n | covariance of the signal: `kernel` |
/// | Y_g ~ N(0, r_g K + N) | | | |
/// | B | `whitening` · U | n × n | Bᵀ N B = 1, Bᵀ K B = diag δ |
/// | ∂/∂K | | n × n | −½ B [Q Qᵀ − diag Σ_g r/(rδ + 1)] Bᵀ, Q = √r z/(rδ + 1) |
///
/// Deviation from the paper: each r_g is at its own maximum, where derivatives by it vanish; so the gradient is exact.
struct ShiftEvidence {
    /// terms × n², without weights.
    private let terms: Matrix<Double>
    let design: Matrix<Double>
    let outputCount: Int
    /// N^−½, symmetric.
    private let whitening: Matrix<Double>
    /// N^−½ Y
    private let whitened: Matrix<Double>
    private let workers: Int?
    /// Of ln r_g.
    var deviation = SignalScales.mostDeviation

    /// - Parameter terms: n × n of each term of the kernel, without weights.
    init(
        terms: [Matrix<Double>], design: Matrix<Double>, noise: Matrix<Double>, outputs: Matrix<Double>, workers: Int?
    ) {
        self.terms = Matrix(
            rows: terms.count, columns: noise.values.count, values: terms.flatMap(\.values))
        self.design = design
        self.workers = workers
        outputCount = outputs.columns
        let eigen = SymmetricEigen(noise)
        let least = (eigen.eigenvalues.last ?? 1) * 1e-12
        var scaled = eigen.eigenvectors
        for k in 0..<scaled.columns {
            let root = max(eigen.eigenvalues[k], least).squareRoot().squareRoot()
            for i in 0..<scaled.rows { scaled[i, k] /= root }
        }
        whitening = .product(scaled, scaled, transposingSecond: true)
        whitened = whitening.multiplied(by: outputs)
    }

    struct Value {
        /// −ln posterior, but for a constant.
        var loss: Double
        /// By the parameters of the kernel.
        var gradient: [Double]
        var logScales: [Double]
    }

    /// Coordinates in which noise is white and the signal's covariance diagonal.
    private struct Axes {
        let covariance: Matrix<Double>
        let vectors: Matrix<Double>
        let variances: [Double]
        let coordinates: Matrix<Double>
    }

    private func axes(_ kernel: ShiftKernel) -> Axes? {
        let n = whitening.rows
        let (weights, amplitudes) = (kernel.weights, kernel.amplitudes(design))
        guard (weights + amplitudes).allSatisfy({ $0.isFinite && $0 < 1e6 }) else { return nil }
        var covariance = Matrix(
            rows: n, columns: n,
            values: Matrix(rows: 1, columns: weights.count, values: weights).multiplied(by: terms).values)
        for i in 0..<n { for j in 0..<n { covariance.values[i * n + j] *= amplitudes[i] * amplitudes[j] } }
        let eigen = SymmetricEigen(whitening.multiplied(by: covariance).multiplied(by: whitening))
        return Axes(
            covariance: covariance, vectors: eigen.eigenvectors, variances: eigen.eigenvalues.map { max(0, $0) },
            coordinates: Matrix.product(eigen.eigenvectors, whitened, transposingFirst: true))
    }

    /// How much the scales of genes differ, seen with a kernel.
    func spread(_ kernel: ShiftKernel) -> ScaleSpread? {
        axes(kernel).map { ScaleSpread($0.coordinates, variances: $0.variances, workers: workers) }
    }

    func callAsFunction(_ kernel: ShiftKernel, start: [Double]?) -> Value? {
        guard let axes = axes(kernel) else { return nil }
        let n = whitening.rows
        let (weights, amplitudes) = (kernel.weights, kernel.amplitudes(design))
        let (covariance, variances, coordinates) = (axes.covariance, axes.variances, axes.coordinates)
        let scales = SignalScales(
            coordinates, variances: variances, deviation: deviation, start: start, workers: workers)
        let factors = scales.logScales.map { exp($0) }
        var weighted = coordinates
        var diagonal = [Double](repeating: 0, count: n)
        for k in 0..<n {
            for g in 0..<outputCount {
                let total = factors[g] * variances[k] + 1
                weighted.values[k * outputCount + g] *= factors[g].squareRoot() / total
                diagonal[k] += factors[g] / total
            }
        }
        var inner = Matrix.product(weighted, weighted, transposingSecond: true)
        for k in 0..<n { inner[k, k] -= diagonal[k] }
        let basis = whitening.multiplied(by: axes.vectors)
        var slope = Matrix.product(basis.multiplied(by: inner), basis, transposingSecond: true)
        var (loss, gradient) = kernel.penalty
        loss += scales.loss
        for i in 0..<n {
            // How much the strength of treatment i pulls.
            var pull = 0.0
            for j in 0..<n {
                pull -= slope.values[i * n + j] * covariance.values[i * n + j]
                slope.values[i * n + j] *= -0.5 * amplitudes[i] * amplitudes[j]
            }
            for c in 0..<design.columns { gradient[weights.count + c] += pull * design[i, c] }
        }
        let pulls = terms.multiplied(by: Matrix(rows: n * n, columns: 1, values: slope.values)).values
        for (t, pull) in pulls.enumerated() { gradient[t] += weights[t] * pull }
        return Value(loss: loss, gradient: gradient, logScales: scales.logScales)
    }
}
