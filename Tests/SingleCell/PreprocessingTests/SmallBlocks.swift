import AnnotatedData

/// A matrix that comes in blocks of some height, as from a file.
struct SmallBlocks: MatrixBlocks {
    let matrix: CellMatrix
    let height: Int
    var rows: Int { matrix.rows }
    var columns: Int { matrix.columns }
    var storedCount: Int { matrix.storedCount }

    func forEachBlock(_ body: (MatrixBlock) throws -> Void) throws {
        for first in stride(from: 0, to: rows, by: height) {
            try body(
                MatrixBlock(
                    firstRow: first, matrix: matrix.selectingRows(Array(first..<min(rows, first + height)))))
        }
    }
}
