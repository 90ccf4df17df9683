import Matrices
import Testing

struct GramMatrixTests {
    /// Products of small whole numbers are exact, whatever way they are summed.
    @Test(arguments: [2, 40]) func rowsOfAnyDensity(everyNth: Int) {
        let dense = Matrix<Float>(
            rows: 1500, columns: 300,
            values: (0..<1500 * 300).map { $0 * 7 % everyNth == 0 ? Float($0 % 11 - 5) : 0 })
        let stored = (0..<dense.rows).map { row in dense.row(row).indices.filter { dense.values[$0] != 0 } }
        var gram = GramMatrix(columns: 300)
        gram.add(
            SparseMatrix(
                rows: dense.rows, columns: 300, rowStarts: stored.reduce(into: [0]) { $0.append($0.last! + $1.count) },
                columnIndices: stored.joined().map { Int32($0 % 300) },
                values: stored.joined().map { dense.values[$0] }))
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
