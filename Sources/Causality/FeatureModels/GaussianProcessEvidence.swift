import Foundation
import Matrices

/// The log marginal likelihood of p independent outputs of one Gaussian process (Rasmussen & Williams 2006, eq. 2.30),
/// from their Gram matrix alone.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | K + σ²I | `covariance` | n × n | covariance of the outputs at n inputs, with noise |
/// | y yᵀ | `outputs` | n × n | Σ over outputs of y yᵀ |
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
        var quadratic = 0.0
        for i in 0..<n { quadratic += solved[i, i] }
        value = -0.5 * (quadratic + outputCount * (factor.logDeterminant + Double(n) * log(2 * .pi)))
        var gradient = solved.multiplied(by: precision)
        for i in gradient.values.indices {
            gradient.values[i] = 0.5 * (gradient.values[i] - outputCount * precision.values[i])
        }
        self.gradient = gradient
    }
}
