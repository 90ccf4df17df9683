import Matrices
import Testing

/// Expected values are printed by `Pipelines/Golden/matrices.py` (numpy, scipy). The tolerance of 10⁻¹² allows another
/// order of summation.
struct MatrixStatisticsTests {
    let x = Matrix<Double>(rows: 4, columns: 3, values: [1, 2, 0, 4, -1, 3, 0.5, 2, 7, 3, 0, 1.5])
    let sparse = SparseMatrix(
        rows: 4, columns: 3, rowStarts: [0, 3, 6, 9, 12], columnIndices: [1, 0, 1, 0, 1, 2, 0, 1, 2, 0, 2, 2],
        values: [1.5, 1, 0.5, 4, -1, 3, 0.5, 2, 7, 3, 1, 0.5])

    private func near(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-12) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
    }

    @Test func sumsAndMoments() {
        #expect(x.rowSums() == [3, 6, 9.5, 4.5])
        #expect(x.columnSums() == [8.5, 3, 11.5])
        #expect(near(x.columnMoments().variances, [2.7291666666666665, 2.25, 9.0625]))
        #expect(near(x.columnMoments(ddof: 0).variances, [2.046875, 1.6875, 6.796875]))
        #expect(x.columnMeans(rows: [1, 3]) == [3.5, -0.5, 2.25])
        #expect(x.columnMoments(rows: [0]).variances.allSatisfy { $0.isNaN })
    }

    /// Exact: the same values, two of them stored in two parts and out of order.
    @Test func sparseMomentsEqualTheDenseOnes() {
        #expect(sparse.dense.double == x)
        #expect(sparse.canonical.dense.double == x)
        #expect(sparse.canonical.columnIndices == [0, 1, 0, 1, 2, 0, 1, 2, 0, 2])
        #expect(sparse.rowSums() == x.rowSums())
        for rows in [nil, [0, 3], [2, 1, 0]] {
            #expect(near(sparse.columnMoments(rows: rows).variances, x.columnMoments(rows: rows).variances))
        }
    }

    /// A constant column has variance 0, however large it is; one pass over squares would lose it in Float.
    @Test func constantColumnsHaveNoVariance() {
        let constant = Matrix<Float>(rows: 3, columns: 1, repeating: 16_777_215.3)
        #expect(constant.columnMoments().variances == [0])
        #expect(constant.correlation()[0, 0].isNaN)
    }

    @Test func covarianceAndCorrelation() {
        #expect(
            near(
                x.covariance().values,
                [
                    2.7291666666666665, -2.458333333333333, -1.4791666666666665, -2.458333333333333, 2.25,
                    0.7916666666666666, -1.4791666666666665, 0.7916666666666666, 9.0625,
                ]))
        #expect(
            near(
                x.correlation().values,
                [
                    1, -0.9920521022004593, -0.2974254123847908, -0.9920521022004593, 1, 0.1753182352467844,
                    -0.2974254123847908, 0.1753182352467844, 1,
                ]))
        #expect(abs(pearsonCorrelation(x.column(0), x.column(1)) + 0.9920521022004593) < 1e-12)
    }

    @Test func ranksAndQuantiles() {
        #expect(ranks(of: [3.0, 1, 4, 1, 5, 3, 3]) == [4, 1.5, 6, 1.5, 7, 4, 4])
        let values: [Float] = [3, 1, 4, 1.5, 9, 2.5]
        #expect(
            near(
                quantiles(of: [3, 1, 4, 1.5, 9, 2.6], at: [0, 0.1, 0.25, 0.5, 0.9, 1]), [1, 1.25, 1.775, 2.8, 6.5, 9]))
        #expect(median(of: values) == 2.75)
        #expect(median(of: values.dropLast()) == 3)
        #expect(quantiles(of: [Double](), at: [0.5])[0].isNaN)
        #expect(abs(spearmanCorrelation([3.0, 1, 4, 1, 5], [2.0, 7, 1, 8, 2]) + 0.7894736842105264) < 1e-12)
        #expect(pearsonCorrelation([1.0, 1], [0.0, 1]).isNaN)
    }
}
