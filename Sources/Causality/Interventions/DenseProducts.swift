import COpenBLAS
import Foundation
import Matrices

/// Row-major products of Double matrices held in plain arrays; the shapes are those of `a` and `b` after transposition.
///
/// Beside `Matrix.product`, because a step of the fit adds its products, scaled, to parts of one gradient in place, and
/// because the determinant of the cycle measure needs an LU decomposition.
enum DenseProducts {
    /// c (m × n) ← scale · op(a) (m × k) · op(b) (k × n) + keep · c
    static func multiply(
        _ a: [Double], transposed ta: Bool = false, _ b: [Double], secondTransposed tb: Bool = false,
        m: Int, n: Int, k: Int, scale: Double = 1, keep: Double = 0, into c: inout [Double]
    ) {
        precondition(a.count >= m * k && b.count >= k * n && c.count >= m * n, "\(m) × \(k) times \(k) × \(n)")
        if m == 0 || n == 0 { return }
        _ = singleThreadedBLAS
        if k == 0 {
            for i in 0..<m * n { c[i] *= keep }
            return
        }
        cblas_dgemm(
            CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, blasint(m), blasint(n),
            blasint(k), scale, a, blasint(ta ? m : k), b, blasint(tb ? k : n), keep, &c, blasint(n))
    }

    static func product(
        _ a: [Double], transposed ta: Bool = false, _ b: [Double], secondTransposed tb: Bool = false, m: Int, n: Int,
        k: Int
    ) -> [Double] {
        var c = [Double](repeating: 0, count: m * n)
        multiply(a, transposed: ta, b, secondTransposed: tb, m: m, n: n, k: k, into: &c)
        return c
    }

    /// The upper factor R (d × d, row-major) with RᵀR = gram; nil where `gram` is not positive definite.
    static func upperFactor(gram: [Double], size: Int) -> [Double]? {
        _ = singleThreadedBLAS
        var r = gram
        var n = Int32(size)
        var info: Int32 = 0
        // Column-major "L" is row-major "U".
        dpotrf_("L", &n, &r, &n, &info)
        guard info == 0 else { return nil }
        for i in 0..<size { for j in 0..<i { r[i * size + j] = 0 } }
        return r
    }

    /// Inverse and log |determinant| of a square matrix; nil where it is singular.
    static func inverse(_ a: [Double], size: Int) -> (inverse: [Double], logDeterminant: Double)? {
        _ = singleThreadedBLAS
        var factor = a
        var n = Int32(size)
        var info: Int32 = 0
        var pivots = [Int32](repeating: 0, count: size)
        dgetrf_(&n, &n, &factor, &n, &pivots, &info)
        guard info == 0 else { return nil }
        var logDeterminant = 0.0
        for i in 0..<size { logDeterminant += log(abs(factor[i * size + i])) }
        var lengthOfWork = Int32(64 * size)
        var work = [Double](repeating: 0, count: Int(lengthOfWork))
        dgetri_(&n, &factor, &n, pivots, &work, &lengthOfWork, &info)
        return info == 0 ? (factor, logDeterminant) : nil
    }
}
