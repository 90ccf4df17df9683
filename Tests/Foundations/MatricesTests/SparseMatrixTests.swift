import Matrices
import Testing

struct SparseMatrixTests {
    @Test func denseSumsRepeatedEntries() {
        let sparse = SparseMatrix(
            rows: 2, columns: 3, rowStarts: [0, 3, 3], columnIndices: [2, 0, 2], values: [1, 5, 2])
        #expect(sparse.dense == Matrix(rows: 2, columns: 3, values: [5, 0, 3, 0, 0, 0]))
    }
}
