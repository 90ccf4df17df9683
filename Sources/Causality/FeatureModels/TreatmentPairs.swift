import Foundation
import Matrices

/// Likeness of treatments by features and covariates.
struct TreatmentPairs: Sendable {
    private let first: [Int]
    private let second: [Int]
    /// Perturbations × perturbations: Tanimoto similarity, or squared distance a feature; and inner products a feature.
    private let likeness: Matrix<Double>
    private let products: Matrix<Double>
    /// Standardised covariates of both sides.
    private let left: Matrix<Double>
    private let right: Matrix<Double>
    /// Squared differences, first × second × covariates.
    private let differences: [Double]
    private let means: [Double]
    private let deviations: [Double]
    /// x_iᵀx_i/p of the first side.
    private let squares: [Double]
    private let isBinary: Bool
    private let areSame: Bool

    init(_ table: ResponseTable, space: FeatureSpace) {
        let moments = table.covariates.columnMoments(ddof: 0)
        means = moments.means
        deviations = moments.variances.map { $0 > 1e-12 ? $0.squareRoot() : 1 }
        first = table.perturbations
        second = table.perturbations
        (likeness, products, squares) = Self.likenesses(space.measured, space)
        left = Self.standardised(table.covariates, means, deviations)
        right = left
        differences = Self.differences(left, right)
        isBinary = space.isBinary
        areSame = true
    }

    private init(
        _ measured: TreatmentPairs, _ features: Matrix<Double>, _ covariates: Matrix<Double>, _ space: FeatureSpace
    ) {
        means = measured.means
        deviations = measured.deviations
        first = Array(0..<features.rows)
        second = measured.second
        (likeness, products, squares) = Self.likenesses(features, space)
        left = Self.standardised(covariates, means, deviations)
        right = measured.right
        differences = Self.differences(left, right)
        isBinary = measured.isBinary
        areSame = false
    }

    /// Unseen treatments against the measured ones.
    func unseen(_ features: Matrix<Double>, covariates: Matrix<Double>, space: FeatureSpace) -> TreatmentPairs {
        TreatmentPairs(self, features, covariates, space)
    }

    private static func likenesses(_ rows: Matrix<Double>, _ space: FeatureSpace)
        -> (likeness: Matrix<Double>, products: Matrix<Double>, squares: [Double])
    {
        let p = Double(space.informativeCount)
        var likeness = space.distances(rows)
        for i in likeness.values.indices {
            let distance = likeness.values[i]
            likeness.values[i] = space.isBinary ? 1 - distance : distance * distance
        }
        let inner = space.products(rows)
        var products = inner.withMeasured
        for i in products.values.indices { products.values[i] /= p }
        return (likeness, products, inner.squares.map { $0 / p })
    }

    private static func standardised(_ rows: Matrix<Double>, _ means: [Double], _ deviations: [Double])
        -> Matrix<Double>
    {
        var result = rows
        for i in 0..<rows.rows {
            for c in 0..<rows.columns { result[i, c] = (rows[i, c] - means[c]) / deviations[c] }
        }
        return result
    }

    private static func differences(_ a: Matrix<Double>, _ b: Matrix<Double>) -> [Double] {
        let width = a.columns
        var result = [Double](repeating: 0, count: a.rows * b.rows * width)
        guard width > 0 else { return result }
        for i in 0..<a.rows {
            for j in 0..<b.rows {
                for c in 0..<width {
                    let difference = a[i, c] - b[j, c]
                    result[(i * b.rows + j) * width + c] = difference * difference
                }
            }
        }
        return result
    }

    func pair(_ i: Int, _ j: Int) -> ResponseKernel.Pair {
        let start = (i * second.count + j) * left.columns
        return .init(
            isSame: areSame && first[i] == second[j], likeness: likeness[first[i], second[j]],
            product: products[first[i], second[j]], covariates: differences[start..<start + left.columns])
    }

    /// A treatment of the first side with itself.
    func itself(_ i: Int) -> ResponseKernel.Pair {
        .init(
            isSame: true, likeness: isBinary ? 1 : 0, product: squares[first[i]],
            covariates: ArraySlice(repeating: 0, count: left.columns))
    }

    /// With noise.
    func covariance(_ kernel: ResponseKernel, rows: [Int], noise: [Double]) -> Matrix<Double> {
        var result = Matrix<Double>(rows: rows.count, columns: rows.count)
        for (a, i) in rows.enumerated() {
            for (b, j) in rows[...a].enumerated() {
                let value = kernel.value(pair(i, j))
                result[a, b] = value
                result[b, a] = value
            }
            result[a, a] += kernel.noise * noise[i]
        }
        return result
    }

    /// How much treatments go together by their covariates alone.
    func courses(_ kernel: ResponseKernel, rows: [Int]) -> Matrix<Double> {
        Matrix(
            rows: rows.count, columns: rows.count, values: rows.flatMap { i in rows.map { kernel.course(pair(i, $0)) } }
        )
    }
}
