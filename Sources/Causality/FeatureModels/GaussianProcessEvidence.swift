import Foundation
import Matrices

/// The log marginal likelihood of p independent outputs of one Gaussian process (Rasmussen & Williams 2006, eq. 2.30),
/// from any coordinates with the same inner products.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | K + σ²I | `covariance` | n × n | covariance of the outputs at n inputs, with noise |
/// | Y, Y Yᵀ = Σ y yᵀ | `outputs` | n × r | outputs, or fewer columns with their inner products |
/// | | `outputCount` | | p |
/// | ∂ log p/∂K | `gradient` | n × n | ½ (K⁻¹ y yᵀ K⁻¹ − p K⁻¹), symmetric |
///
/// Deviation from the paper: none.
struct GaussianProcessEvidence {
    let value: Double
    let gradient: Matrix<Double>

    /// nil where the covariance is not positive definite.
    init?(covariance: Matrix<Double>, outputs: Matrix<Double>, outputCount: Double) {
        guard let factor = CholeskyFactor(covariance) else { return nil }
        let n = covariance.rows
        let precision = factor.inverse
        let solved = precision.multiplied(by: outputs)
        let quadratic = zip(solved.values, outputs.values).reduce(0) { $0 + $1.0 * $1.1 }
        value = -0.5 * (quadratic + outputCount * (factor.logDeterminant + Double(n) * log(2 * .pi)))
        var gradient = Matrix.product(solved, solved, transposingSecond: true)
        for i in gradient.values.indices {
            gradient.values[i] = 0.5 * (gradient.values[i] - outputCount * precision.values[i])
        }
        self.gradient = gradient
    }
}
