import Matrices
import Testing

struct GramMatrixTests {
    /// Products of small whole numbers are exact, whatever way they are summed.
    @Test(arguments: [2, 40]) func rowsOfAnyDensity(everyNth: Int) {
        let dense = Matrix<Float>(
            rows: 1500, columns: 300,
            values: (0..<1500 * 300).map { $0 * 7 % everyNth == 0 ? Float($0 % 11 - 5) : 0 })
        var starts = [0]
        var indices: [Int32] = []
        var values: [Float] = []
        for row in 0..<dense.rows {
            for column in 0..<dense.columns where dense[row, column] != 0 {
                indices.append(Int32(column))
                values.append(dense[row, column])
            }
            starts.append(values.count)
        }
        var gram = GramMatrix(columns: 300)
        gram.add(
            SparseMatrix(rows: 1500, columns: 300, rowStarts: starts, columnIndices: indices, values: values))
        let expected = Matrix.product(dense.double, dense.double, transposingFirst: true)
        #expect(gram.matrix == expected)
        var inParts = GramMatrix(columns: 300)
        inParts.add(dense.selectingRows(Array(0..<700)))
        inParts.add(dense.selectingRows(Array(700..<1500)))
        #expect(inParts.matrix == expected)
        inParts.add(Matrix<Float>(rows: 0, columns: 300))
        #expect(inParts.matrix == expected)
    }
}
