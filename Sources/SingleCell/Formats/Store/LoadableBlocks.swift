import AnnotatedData
import Matrices

/// A matrix of a file that can be read whole.
protocol LoadableBlocks: MatrixBlocks {
    /// The whole matrix, with what was noticed.
    func load() throws(FormatError) -> (matrix: CellMatrix, notices: [Notice])
}

extension MatrixBlocks {
    /// The whole matrix put together from its blocks, with what was noticed.
    func gathered() throws(FormatError) -> (matrix: CellMatrix, notices: [Notice]) {
        var (starts, indices, values) = ([0], [Int32](), [Float]())
        var isDense = false
        var notices: [Notice] = []
        try FormatError.only {
            try forEachBlock { block in
                // Only now is it known that the file does hold values.
                if values.isEmpty { values.reserveCapacity(storedCount) }
                notices += block.notices
                switch block.matrix {
                case .dense(let matrix):
                    isDense = true
                    values += matrix.values
                case .sparse(let matrix):
                    if indices.isEmpty { indices.reserveCapacity(storedCount) }
                    starts += matrix.rowStarts.dropFirst().map { $0 + values.count }
                    indices += matrix.columnIndices
                    values += matrix.values
                }
            }
        }
        // A matrix without cells has no block that would tell.
        if isDense || rows == 0 { return (.dense(Matrix(rows: rows, columns: columns, values: values)), notices) }
        let matrix = SparseMatrix(
            rows: rows, columns: columns, rowStarts: starts, columnIndices: indices, values: values)
        return (.sparse(matrix), notices)
    }
}
