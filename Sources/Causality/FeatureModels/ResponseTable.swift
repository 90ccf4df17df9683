import Foundation
import Matrices

/// Measured responses: a row for each treatment, a perturbation at some dose, time or cell line.
public struct ResponseTable: Sendable, Equatable {
    /// Position in `FeatureSpace.perturbations` of each treatment.
    public let perturbations: [Int]
    /// treatments × covariates (such as ln dose); no column where there is one treatment a perturbation.
    public let covariates: Matrix<Double>
    /// Variance of each row's noise relative to the others, such as 1 / cells.
    public let noise: [Double]
    /// treatments × outputs
    public let values: Matrix<Double>

    /// - Throws: `FeatureModelError` (`RESPONSES`) for lengths that do not match, numbers that are not finite, or responses
    ///   of fewer than two perturbations.
    public init(
        perturbations: [Int], covariates: Matrix<Double>? = nil, noise: [Double]? = nil, values: Matrix<Double>
    ) throws(FeatureModelError) {
        let count = perturbations.count
        let covariates = covariates ?? Matrix(rows: count, columns: 0)
        let noise = noise ?? Array(repeating: 1, count: count)
        func demand(_ condition: Bool, _ message: String) throws(FeatureModelError) {
            guard condition else {
                throw FeatureModelError(
                    code: "RESPONSES", message: message, remedy: "give one row of each table for each treatment")
            }
        }
        try demand(Set(perturbations).count > 1, "responses of at least two perturbations expected, found fewer")
        try demand(
            covariates.rows == count && noise.count == count && values.rows == count,
            "\(count) rows expected, found \(covariates.rows), \(noise.count) and \(values.rows)")
        try demand(values.columns > 0, "at least one output expected, found none")
        try demand(
            (values.values + covariates.values).allSatisfy(\.isFinite), "finite responses and covariates expected")
        try demand(noise.allSatisfy { $0 > 0 && $0.isFinite }, "positive variances of noise expected")
        self.perturbations = perturbations
        self.covariates = covariates
        self.noise = noise
        self.values = values
    }
}

/// Responses in few uncorrelated components, each of mean square 1.
///
/// | symbol | code | shape | meaning |
/// |---|---|---|---|
/// | Y ≈ C V | `scores`, `loadings` | treatments × q, q × outputs | C of mean square 1 each |
/// | | `residuals` | outputs | variance beside the components |
struct ResponseComponents: Sendable {
    let scores: Matrix<Double>
    let loadings: Matrix<Double>
    let residuals: [Double]

    private static let wantedShare = 0.99
    private static let mostComponents = 24

    init(_ values: Matrix<Double>) {
        let n = values.rows
        let isWide = values.columns > n
        let gram = Matrix.product(values, values, transposingFirst: !isWide, transposingSecond: isWide)
        let eigen = SymmetricEigen(gram)
        let total = eigen.eigenvalues.reduce(0) { $0 + max(0, $1) }
        var kept: [Int] = []
        var share = 0.0
        for e in eigen.eigenvalues.indices.reversed() where kept.count < Self.mostComponents {
            guard eigen.eigenvalues[e] > 1e-10 * total, share < Self.wantedShare * total else { break }
            kept.append(e)
            share += eigen.eigenvalues[e]
        }
        let axes = eigen.eigenvectors.selectingColumns(kept)
        var scores = isWide ? axes : values.multiplied(by: axes)
        for (column, e) in kept.enumerated() {
            // Columns of length 1, or √eigenvalue; wanted is √n.
            let scale = (Double(n) / (isWide ? 1 : eigen.eigenvalues[e])).squareRoot()
            for i in 0..<n { scores[i, column] *= scale }
        }
        var loadings = Matrix.product(scores, values, transposingFirst: true)
        for i in loadings.values.indices { loadings.values[i] /= Double(n) }
        var rest = values
        let fitted = scores.multiplied(by: loadings)
        for i in rest.values.indices { rest.values[i] -= fitted.values[i] }
        residuals = (0..<values.columns).map { c in
            (0..<n).reduce(0) { $0 + rest[$1, c] * rest[$1, c] } / Double(n)
        }
        self.scores = scores
        self.loadings = loadings
    }
}
