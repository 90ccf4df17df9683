/// A matrix in compressed rows (CSR): cells × genes with only the stored entries.
///
/// Column indices need not be sorted within a row; an entry given twice counts as its sum; stored zeros are legal.
public struct SparseMatrix: Sendable, Equatable {
    public let rows: Int
    public let columns: Int
    /// Row r owns the entries `rowStarts[r]..<rowStarts[r + 1]`.
    public let rowStarts: [Int]
    public let columnIndices: [Int32]
    public var values: [Float]

    public init(rows: Int, columns: Int, rowStarts: [Int], columnIndices: [Int32], values: [Float]) {
        precondition(rowStarts.count == rows + 1, "\(rows + 1) row starts expected, \(rowStarts.count) given")
        precondition(rowStarts.first == 0 && rowStarts.last == values.count, "row starts must span all entries")
        precondition(columnIndices.count == values.count, "each entry has one column and one value")
        self.rows = rows
        self.columns = columns
        self.rowStarts = rowStarts
        self.columnIndices = columnIndices
        self.values = values
    }

    public var dense: Matrix<Float> {
        var result = Matrix<Float>(rows: rows, columns: columns)
        for row in 0..<rows {
            for entry in rowStarts[row]..<rowStarts[row + 1] { result[row, Int(columnIndices[entry])] += values[entry] }
        }
        return result
    }
}
