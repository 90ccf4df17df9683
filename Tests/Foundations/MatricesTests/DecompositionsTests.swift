import Foundation
import Matrices
import Testing

/// Values marked numpy are printed by `Pipelines/Golden/matrices.py`; the rest are identities that must hold up to
/// rounding, n · 2⁻⁵² times the condition number (below 10³ here).
struct DecompositionsTests {
    let covariance = Matrix<Double>(
        rows: 4, columns: 3, values: [1, 2, 0, 4, -1, 3, 0.5, 2, 7, 3, 0, 1.5]
    ).covariance()

    private func distance(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
        zip(a.values, b.values).map { abs($0 - $1) }.max() ?? 0
    }

    /// Values between −1 and 1 without a pattern that a decomposition could see.
    private func random(_ rows: Int, _ columns: Int, _ seed: Double) -> Matrix<Double> {
        Matrix(
            rows: rows, columns: columns,
            values: (0..<rows * columns).map { sin(43_758.5453 * sin(12.9898 * (Double($0) + 1) + 78.233 * seed)) })
    }

    /// A = [[4, 2], [2, 3]]: determinant 8, inverse [[3, −2], [−2, 4]] / 8.
    @Test func choleskyByHand() throws {
        let factor = try #require(CholeskyFactor(Matrix(rows: 2, columns: 2, values: [4, 2, 2, 3])))
        #expect(abs(factor.logDeterminant - log(8)) < 1e-14)
        #expect(
            distance(factor.inverse, Matrix(rows: 2, columns: 2, values: [0.375, -0.25, -0.25, 0.5])) < 1e-15)
        #expect(zip(factor.solve([8, 8]), [1, 2]).allSatisfy { abs($0 - $1) < 1e-14 })
        #expect(CholeskyFactor(Matrix(rows: 2, columns: 2, values: [1, 2, 2, 1])) == nil)
        #expect(CholeskyFactor(Matrix(rows: 1, columns: 1, values: [.nan])) == nil)
    }

    @Test func solvesSeveralRightSides() throws {
        let x = random(30, 6, 1)
        let gram = Matrix.product(x, x, transposingFirst: true)
        let factor = try #require(CholeskyFactor(gram))
        let right = random(6, 4, 2)
        #expect(distance(gram.multiplied(by: factor.solve(right)), right) < 1e-11)
        #expect(distance(gram.multiplied(by: factor.inverse), .identity(6)) < 1e-11)
        #expect(factor.inverse == factor.inverse.transposed)
    }

    @Test func eigenvaluesAsNumpy() {
        let eigen = SymmetricEigen(covariance)
        let expected = [1.228249412189563e-4, 4.396517166352133, 9.645026675373314]
        #expect(zip(eigen.eigenvalues, expected).allSatisfy { abs($0 - $1) < 1e-13 })
        let v = eigen.eigenvectors
        #expect(distance(Matrix.product(v, v, transposingFirst: true), .identity(3)) < 1e-14)
        for k in 0..<3 {
            let image = covariance.multiplied(by: Matrix(rows: 3, columns: 1, values: v.column(k)))
            #expect(zip(image.values, v.column(k)).allSatisfy { abs($0 - eigen.eigenvalues[k] * $1) < 1e-13 })
        }
    }

    @Test func ridgeAsNumpy() throws {
        let x = Matrix<Double>(rows: 4, columns: 3, values: [1, 2, 0, 4, -1, 3, 0.5, 2, 7, 3, 0, 1.5])
        let y = Matrix<Double>(rows: 4, columns: 2, values: [1, 0, 2, 1, -1, 3, 0.5, 2])
        let fit = try #require(RidgeRegression(features: x, targets: y, penalty: 0.7))
        let expected = [
            0.26259889327980973, -0.01226003501752169, -0.1937389052645089, -0.0574151206664949, -0.20841192330139438,
            0.35255784872049034,
        ]
        #expect(zip(fit.coefficients.values, expected).allSatisfy { abs($0 - $1) < 1e-13 })
        #expect(zip(fit.intercepts, [0.8114658102202948, 0.555510099840695]).allSatisfy { abs($0 - $1) < 1e-13 })
        #expect(fit.predict(x).rows == 4)
    }

    /// With more features than rows the dual system is solved; the coefficients must satisfy the primal one.
    @Test func ridgeWithManyFeatures() throws {
        let x = random(5, 9, 3)
        let y = random(5, 2, 4)
        let fit = try #require(RidgeRegression(features: x, targets: y, penalty: 0.3, withIntercept: false))
        var normal = Matrix.product(x, x, transposingFirst: true)
        for index in 0..<9 { normal[index, index] += 0.3 }
        #expect(
            distance(normal.multiplied(by: fit.coefficients), Matrix.product(x, y, transposingFirst: true)) < 1e-12)
        let singular = Matrix<Double>(rows: 2, columns: 1, repeating: 1)
        #expect(RidgeRegression(features: singular, targets: singular, penalty: 0) == nil)
    }
}
