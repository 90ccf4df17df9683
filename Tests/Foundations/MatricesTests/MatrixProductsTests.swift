import Matrices
import Testing

struct MatrixProductsTests {
    let a = Matrix<Double>(rows: 2, columns: 3, values: [1, 2, 3, 4, 5, 6])
    let b = Matrix<Double>(rows: 3, columns: 2, values: [7, 8, 9, 10, 11, 12])

    /// By hand; small integers are exact.
    @Test func productsOfAllForms() {
        let expected = Matrix<Double>(rows: 2, columns: 2, values: [58, 64, 139, 154])
        #expect(a.multiplied(by: b) == expected)
        #expect(Matrix.product(a.transposed, b, transposingFirst: true) == expected)
        #expect(Matrix.product(a, b.transposed, transposingSecond: true) == expected)
        #expect(
            Matrix.product(a.transposed, b.transposed, transposingFirst: true, transposingSecond: true) == expected)
        #expect(a.float.multiplied(by: b.float) == expected.float)
    }

    @Test func emptyFactorsGiveZeros() {
        let none = Matrix<Double>(rows: 2, columns: 0)
        #expect(Matrix.product(none, none, transposingSecond: true) == Matrix(rows: 2, columns: 2))
        #expect(Matrix.product(none, none, transposingFirst: true) == none.transposed.multiplied(by: none))
    }

    @Test func sparseProductEqualsTheDenseOne() {
        let sparse = SparseMatrix(
            rows: 3, columns: 2, rowStarts: [0, 2, 2, 5], columnIndices: [1, 1, 0, 1, 0], values: [1, 2, 3, 4, 5])
        let right = Matrix<Float>(rows: 2, columns: 3, values: [1, 2, 3, 4, 5, 6])
        #expect(sparse.multiplied(by: right) == sparse.dense.multiplied(by: right))
    }

    @Test func selections() {
        #expect(a.selectingRows([1, 1]).values == [4, 5, 6, 4, 5, 6])
        #expect(a.selectingColumns([2, 0]).values == [3, 1, 6, 4])
        let sparse = SparseMatrix(
            rows: 2, columns: 3, rowStarts: [0, 2, 4], columnIndices: [2, 0, 1, 2], values: [3, 1, 5, 6])
        #expect(sparse.selectingColumns([2, 0]).dense.values == [3, 1, 6, 0])
        #expect(sparse.selectingRows([1, 0, 1]).dense.values == [0, 5, 6, 1, 0, 3, 0, 5, 6])
    }
}
