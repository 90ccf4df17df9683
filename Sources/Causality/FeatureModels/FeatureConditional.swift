import Foundation
import Matrices

/// The density of a perturbation's features given what it does and the features of measured perturbations: the predictive
/// distribution of the Gaussian process (Rasmussen & Williams 2006, eqs 2.25, 2.26), for many guesses at once.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | X | `inputs` | n × (d + dose parameters) | coordinates of the measured |
/// | (K + σ²I)⁻¹ = WᵀW | `whitening` | n × R | transposed W, axes of no weight left out |
/// | W Y | `root` | R × r | of features in r coordinates |
/// | f̄* | | p | mean: never formed, only its length and its product with the features |
/// | V[f*] | | | variance of each feature, noise included |
///
/// Deviation from the paper: the log density is multiplied by `temper`, since features that repeat each other are no
/// independent witnesses.
struct FeatureConditional: Sendable {
    private let inputs: KernelInputs
    /// Positions, among all measured perturbations, of those that are conditioned on.
    let members: [Int]
    private let whitening: Matrix<Double>
    private let root: Matrix<Double>
    let temper: Double
    let featureCount: Double

    /// Eigenvalues of the covariance in units of the noise that are left out: together they change a predictive variance
    /// by no more than this share of the prior variance each.
    private static let leastEigenvalue = 1e-7

    /// The features of one perturbation as seen from the measured ones.
    struct Query: Sendable {
        /// W y f*: R
        var whitened: [Double]
        /// Squared length of the features.
        var square: Double
    }

    /// - Parameters:
    ///   - means: All measured × coordinates.
    ///   - covariance: With noise, of all measured.
    ///   - outputs: Coordinates of the features of all measured: n × r.
    init(
        coordinates: EffectCoordinates, kernel: EffectKernel, means: Matrix<Double>, covariance: Matrix<Double>,
        outputs: Matrix<Double>, members: [Int], featureCount: Double, temper: Double
    ) {
        self.members = members
        self.temper = temper
        self.featureCount = featureCount
        let n = members.count
        let inputs = KernelInputs(
            coordinates: coordinates, kernel: kernel, rows: members.map { Array(means.row($0)) })
        self.inputs = inputs
        // In units of each perturbation's noise, where the eigenvalues say what a direction can tell.
        let noises = (0..<n).map { i -> Double in
            let member = members[i]
            return (covariance[member, member] - kernel.variance(square: inputs.squares[i])).squareRoot()
        }
        var scaled = Matrix<Double>(rows: n, columns: n)
        for i in 0..<n {
            for j in 0..<n {
                scaled[i, j] = (covariance[members[i], members[j]]) / (noises[i] * noises[j]) - (i == j ? 1 : 0)
            }
        }
        let eigen = SymmetricEigen(scaled)
        let kept = (0..<n).filter { eigen.eigenvalues[$0] > Self.leastEigenvalue }
        var whitening = Matrix<Double>(rows: n, columns: kept.count)
        for (column, e) in kept.enumerated() {
            let scale = 1 / (1 + eigen.eigenvalues[e]).squareRoot()
            for i in 0..<n { whitening[i, column] = scale * eigen.eigenvectors[i, e] / noises[i] }
        }
        self.whitening = whitening
        root = .product(whitening, outputs.selectingRows(members), transposingFirst: true)
    }

    /// - Parameter products: Of the features with those of all measured perturbations.
    func query(products: some Collection<Double>, square: Double) -> Query {
        let all = Array(products)
        let row = Matrix(rows: 1, columns: members.count, values: members.map { all[$0] })
        return Query(whitened: row.multiplied(by: whitening).values, square: square)
    }

    /// What the features of a perturbation that does z would be, against what they are.
    struct Scores: Sendable {
        /// ln p(features | z), tempered, without the constant of the normal density.
        var logLikelihoods: [Double]
        /// Variance of a feature given z, noise included.
        var variances: [Double]
        /// |f* − f̄*|² / p
        var meanSquares: [Double]
    }

    func scores(_ particles: EffectParticles, _ query: Query) -> Scores {
        let count = particles.count
        let columns = whitening.columns
        let (covariances, priorVariances) = inputs.covariances(particles)
        let whitened = covariances.multiplied(by: whitening)
        let means = whitened.multiplied(by: root)
        var result = Scores(
            logLikelihoods: Array(repeating: 0, count: count), variances: Array(repeating: 0, count: count),
            meanSquares: Array(repeating: 0, count: count))
        whitened.values.withUnsafeBufferPointer { w in
            means.values.withUnsafeBufferPointer { m in
                for i in 0..<count {
                    var explained = 0.0
                    var along = 0.0
                    for c in 0..<columns {
                        let value = w[i * columns + c]
                        explained += value * value
                        along += value * query.whitened[c]
                    }
                    var length = 0.0
                    for c in 0..<means.columns { length += m[i * means.columns + c] * m[i * means.columns + c] }
                    let variance = inputs.kernel.noise + max(0, priorVariances[i] - explained)
                    let square = max(0, query.square - 2 * along + length)
                    result.variances[i] = variance
                    result.meanSquares[i] = square / featureCount
                    result.logLikelihoods[i] = -0.5 * temper * (square / variance + featureCount * log(variance))
                }
            }
        }
        return result
    }
}
