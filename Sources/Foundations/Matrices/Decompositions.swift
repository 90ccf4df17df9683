import COpenBLAS
import Foundation

// Cholesky and symmetric eigen-decompositions by LAPACK. A symmetric matrix reads the same by rows and by columns, so
// LAPACK's "upper" triangle of columns is our lower triangle of rows.

/// The Cholesky factor of a symmetric positive-definite matrix A = L Lᵀ.
public struct CholeskyFactor: Sendable {
    /// n × n; L in the lower triangle.
    private let factor: Matrix<Double>

    /// nil where the matrix is not positive definite. Only the lower triangle is read.
    public init?(_ matrix: Matrix<Double>) {
        precondition(matrix.rows == matrix.columns, "\(matrix.rows) × \(matrix.columns) is not square")
        _ = singleThreadedBLAS
        var factor = matrix
        var n = Int32(matrix.rows)
        var leading = max(n, 1)
        var info: Int32 = 0
        if n > 0 { dpotrf_("U", &n, &factor.values, &leading, &info) }
        guard info == 0, factor.values.allSatisfy(\.isFinite) else { return nil }
        self.factor = factor
    }

    /// ln det A
    public var logDeterminant: Double {
        2 * (0..<factor.rows).reduce(0.0) { $0 + log(factor[$1, $1]) }
    }

    /// A⁻¹ B for B of n × k.
    public func solve(_ right: Matrix<Double>) -> Matrix<Double> {
        precondition(right.rows == factor.rows, "\(factor.rows) equations, \(right.rows) right sides")
        // LAPACK wants the right sides by columns: the transpose of our rows.
        var columns = right.transposed
        var n = Int32(factor.rows)
        var count = Int32(right.columns)
        var info: Int32 = 0
        if n > 0, count > 0 {
            var leading = n
            var otherLeading = n
            dpotrs_("U", &n, &count, factor.values, &leading, &columns.values, &otherLeading, &info)
        }
        precondition(info == 0, "dpotrs answered \(info)")
        return columns.transposed
    }

    public func solve(_ right: [Double]) -> [Double] {
        solve(Matrix(rows: right.count, columns: 1, values: right)).values
    }

    /// L⁻¹ B for B of n × k: what has the covariance A becomes independent, of variance 1.
    public func whitened(_ right: Matrix<Double>) -> Matrix<Double> {
        precondition(right.rows == factor.rows, "\(factor.rows) equations, \(right.rows) right sides")
        var columns = right.transposed
        var n = Int32(factor.rows)
        var count = Int32(right.columns)
        var info: Int32 = 0
        if n > 0, count > 0 {
            var leading = n
            var otherLeading = n
            // Lᵀ is LAPACK's upper factor.
            dtrtrs_("U", "T", "N", &n, &count, factor.values, &leading, &columns.values, &otherLeading, &info)
        }
        precondition(info == 0, "dtrtrs answered \(info)")
        return columns.transposed
    }

    /// A⁻¹, symmetric to the last bit.
    public var inverse: Matrix<Double> {
        var result = factor
        var n = Int32(factor.rows)
        var leading = max(n, 1)
        var info: Int32 = 0
        if n > 0 { dpotri_("U", &n, &result.values, &leading, &info) }
        precondition(info == 0, "dpotri answered \(info)")
        for i in 0..<result.rows {
            for j in i + 1..<max(result.rows, i + 1) { result[i, j] = result[j, i] }
        }
        return result
    }
}

/// Eigenvalues and eigenvectors of a symmetric matrix.
public struct SymmetricEigen: Sendable {
    /// Rising.
    public let eigenvalues: [Double]
    /// n × n; column k belongs to `eigenvalues[k]` and has length 1. Its sign is arbitrary.
    public let eigenvectors: Matrix<Double>

    /// Only the lower triangle is read; every value must be finite.
    public init(_ matrix: Matrix<Double>) {
        precondition(matrix.rows == matrix.columns, "\(matrix.rows) × \(matrix.columns) is not square")
        precondition(matrix.values.allSatisfy(\.isFinite), "a matrix with values that are not finite")
        _ = singleThreadedBLAS
        var n = Int32(matrix.rows)
        guard n > 0 else {
            eigenvalues = []
            eigenvectors = matrix
            return
        }
        var vectors = matrix.values
        var eigenvalues = [Double](repeating: 0, count: matrix.rows)
        var leading = n
        var info: Int32 = 0
        var workCount: Int32 = -1
        var integerCount: Int32 = -1
        var work = [0.0]
        var integers: [Int32] = [0]
        dsyevd_("V", "U", &n, &vectors, &leading, &eigenvalues, &work, &workCount, &integers, &integerCount, &info)
        workCount = Int32(work[0])
        integerCount = integers[0]
        work = Array(repeating: 0, count: Int(workCount))
        integers = Array(repeating: 0, count: Int(integerCount))
        dsyevd_("V", "U", &n, &vectors, &leading, &eigenvalues, &work, &workCount, &integers, &integerCount, &info)
        precondition(info == 0, "dsyevd answered \(info)")
        self.eigenvalues = eigenvalues
        eigenvectors = Matrix(rows: matrix.rows, columns: matrix.rows, values: vectors).transposed
    }
}
