import COpenBLAS
import Foundation

/// Row-major products of Double matrices held in plain arrays; the shapes are those of `a` and `b` after transposition.
enum DenseProducts {
    /// c (m × n) ← scale · op(a) (m × k) · op(b) (k × n) + keep · c
    static func multiply(
        _ a: [Double], transposed ta: Bool = false, _ b: [Double], secondTransposed tb: Bool = false,
        m: Int, n: Int, k: Int, scale: Double = 1, keep: Double = 0, into c: inout [Double]
    ) {
        precondition(a.count >= m * k && b.count >= k * n && c.count >= m * n, "\(m) × \(k) times \(k) × \(n)")
        if m == 0 || n == 0 { return }
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
        var r = gram
        var n = Int32(size)
        var info: Int32 = 0
        // Column-major "L" is row-major "U".
        dpotrf_("L", &n, &r, &n, &info)
        guard info == 0 else { return nil }
        for i in 0..<size { for j in 0..<i { r[i * size + j] = 0 } }
        return r
    }

    /// Solves a x = b for a symmetric positive definite `a` (size × size) and b (size × columns, row-major); nil where
    /// `a` is not positive definite.
    static func solve(symmetric a: [Double], size: Int, _ b: [Double], columns: Int) -> [Double]? {
        var factor = a
        var n = Int32(size)
        var info: Int32 = 0
        dpotrf_("L", &n, &factor, &n, &info)
        guard info == 0 else { return nil }
        // LAPACK wants the right-hand sides one after the other.
        var x = [Double](repeating: 0, count: size * columns)
        for i in 0..<size { for j in 0..<columns { x[j * size + i] = b[i * columns + j] } }
        var count = Int32(columns)
        dpotrs_("L", &n, &count, factor, &n, &x, &n, &info)
        var result = [Double](repeating: 0, count: size * columns)
        for i in 0..<size { for j in 0..<columns { result[i * columns + j] = x[j * size + i] } }
        return result
    }

    /// Inverse and log |determinant| of a square matrix; nil where it is singular.
    static func inverse(_ a: [Double], size: Int) -> (inverse: [Double], logDeterminant: Double)? {
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

    /// Eigenvalues (rising) and eigenvectors (row i belongs to value i) of a symmetric matrix.
    static func eigen(symmetric a: [Double], size: Int) -> (values: [Double], vectors: [Double]) {
        var vectors = a
        var values = [Double](repeating: 0, count: size)
        var n = Int32(size)
        var info: Int32 = 0
        var lengthOfWork: Int32 = -1
        var lengthOfIntegers: Int32 = -1
        var work = [0.0]
        var integers: [Int32] = [0]
        dsyevd_("V", "U", &n, &vectors, &n, &values, &work, &lengthOfWork, &integers, &lengthOfIntegers, &info)
        lengthOfWork = Int32(work[0])
        lengthOfIntegers = integers[0]
        work = [Double](repeating: 0, count: Int(lengthOfWork))
        integers = [Int32](repeating: 0, count: Int(lengthOfIntegers))
        dsyevd_("V", "U", &n, &vectors, &n, &values, &work, &lengthOfWork, &integers, &lengthOfIntegers, &info)
        precondition(info == 0, "the eigenvalues of a finite symmetric matrix always exist")
        return (values, vectors)
    }
}
