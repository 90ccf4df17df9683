import AnnotatedData

extension AnnotatedSource {
    /// The matrix, for writers that are nothing without one.
    /// - Throws: `MISSING_ELEMENT`.
    func matrixToWrite(_ path: String) throws(FormatError) -> any MatrixBlocks {
        guard let x else {
            throw FormatError(
                code: "MISSING_ELEMENT", file: path, element: "X", message: "there is no matrix to write",
                remedy: "write h5ad, which may hold annotation alone")
        }
        return x
    }

    /// Calls `body` with every block; numbers that are not finite are refused, since no reader of text takes them.
    /// - Throws: `NONFINITE`, and what reading and `body` throw.
    func forEachFiniteBlock(
        _ path: String, _ body: (MatrixBlock) throws(FormatError) -> Void
    ) throws(FormatError) {
        let x = try matrixToWrite(path)
        do {
            try x.forEachBlock { block in
                if let place = block.matrix.firstNonfinite {
                    let cell = annotation.cells.names[block.firstRow + place.row]
                    throw FormatError(
                        code: "NONFINITE", file: path,
                        message: "finite numbers expected, found \(place.value) in cell \(cell), gene "
                            + annotation.genes.names[place.column],
                        remedy: "leave this cell or gene out, or write h5ad")
                }
                try body(block)
            }
        } catch {
            throw (error as? FormatError)
                ?? FormatError(
                    code: "UNREADABLE", file: path, message: "the matrix cannot be read: \(error)",
                    remedy: "check the file that is read")
        }
    }
}

extension CellMatrix {
    fileprivate var firstNonfinite: (row: Int, column: Int, value: Float)? {
        switch self {
        case .dense(let matrix):
            return matrix.values.firstIndex { !$0.isFinite }
                .map { ($0 / matrix.columns, $0 % matrix.columns, matrix.values[$0]) }
        case .sparse(let matrix):
            guard let entry = matrix.values.firstIndex(where: { !$0.isFinite }) else { return nil }
            let row = (0..<matrix.rows).first { matrix.rowStarts[$0 + 1] > entry } ?? 0
            return (row, Int(matrix.columnIndices[entry]), matrix.values[entry])
        }
    }

    /// Ranges of whole cells of about `entries` stored values each.
    func pieces(entries: Int) -> [Range<Int>] {
        let perRow = max(1, storedCount / max(1, rows))
        let height = max(1, entries / perRow)
        return stride(from: 0, to: rows, by: height).map { $0..<min(rows, $0 + height) }
    }

    /// Calls `body` with the place among `storedValues`, the gene and the value of every stored entry of a cell.
    @inline(__always)
    func forEachEntry(ofRow row: Int, _ body: (Int, Int, Float) -> Void) {
        switch self {
        case .dense(let matrix):
            let first = row * matrix.columns
            for column in 0..<matrix.columns { body(first + column, column, matrix.values[first + column]) }
        case .sparse(let matrix):
            for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
                body(entry, Int(matrix.columnIndices[entry]), matrix.values[entry])
            }
        }
    }
}
