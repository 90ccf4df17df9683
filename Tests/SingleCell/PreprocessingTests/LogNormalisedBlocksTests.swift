import AnnotatedData
import Matrices
import Testing

@testable import Preprocessing

struct LogNormalisedBlocksTests {
    /// The golden screen has an empty cell. The same divisions, so the same bits.
    @Test(arguments: [nil, 1000.0], [1, 7, 60])
    func asTheWholeMatrixIs(targetSum: Double?, height: Int) throws {
        let counts = try #require(try GoldenTable.counts().x)
        let (normalised, target) = normaliseTotal(counts, targetSum: targetSum)
        let expected = log1pTransform(normalised)
        let blocks = try LogNormalisedBlocks(SmallBlocks(matrix: counts, height: height), targetSum: targetSum)
        #expect(blocks.targetSum == target)
        var rows = 0
        try blocks.forEachBlock { block in
            #expect(block.matrix == expected.selectingRows(Array(block.rows)))
            rows += block.matrix.rows
        }
        #expect(rows == counts.rows && blocks.columns == counts.columns)
    }

    /// An entry in two parts is one count, not two.
    @Test func entriesGivenTwiceAreSummedFirst() throws {
        let parts = SparseMatrix(rows: 1, columns: 2, rowStarts: [0, 3], columnIndices: [1, 0, 1], values: [1, 2, 3])
        let whole = Matrix<Float>(rows: 1, columns: 2, values: [2, 4])
        var found: [Float] = []
        try LogNormalisedBlocks(CellMatrix.sparse(parts)).forEachBlock { found = $0.matrix.dense.values }
        #expect(found == log1pTransform(normaliseTotal(.dense(whole)).normalised).dense.values)
    }

    @Test func negativeValuesAreNoCounts() {
        let matrix = CellMatrix.dense(Matrix<Float>(rows: 1, columns: 2, values: [2, -1]))
        #expect(throws: PreprocessingError.self) { try LogNormalisedBlocks(matrix) }
    }
}
