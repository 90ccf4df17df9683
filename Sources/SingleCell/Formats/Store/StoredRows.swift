import AnnotatedData
import Matrices

/// A dense matrix in a file, read some rows at a time.
struct StoredRows: Sendable {
    let element: String
    let axes: MatrixAxes
    /// Whether values that are not finite are an error.
    let isMain: Bool
    let values: any StoreValues

    /// Rows of a block may need more memory than asked for, where they share a chunk, but not more than this.
    private static let mostEntries = 1 << 25

    /// The rows cut into ranges of about that many values; whole chunks where these are not much larger.
    func ranges(ofEntries most: Int) -> [Range<Int>] {
        let width = max(1, axes.genes.count)
        var height = max(1, most / width)
        if let chunk = values.chunk.first, chunk > 0, chunk <= Self.mostEntries / width {
            height = max(chunk, height / chunk * chunk)
        }
        let count = axes.cells.count
        return stride(from: 0, to: count, by: height).map { $0..<min(count, $0 + height) }
    }

    /// - Throws: `NONFINITE`, and what the store throws.
    func block(_ rows: Range<Int>) throws(FormatError) -> MatrixBlock {
        // A single row may be stored as a list.
        let isList = values.shape.count == 1 && axes.cells.count == 1
        let numbers = try StoredNumbers(values, in: isList ? 0..<axes.genes.count : rows)
        var notices = numbers.notice.map { [$0] } ?? []
        let width = axes.genes.count
        if let position = StoredNumbers.firstNotFinite(numbers.floats) {
            notices.append(
                try axes.notFinite(
                    numbers.floats[position], element, cell: rows.lowerBound + position / width,
                    gene: position % width, isMain: isMain))
        }
        return MatrixBlock(
            firstRow: rows.lowerBound,
            matrix: .dense(Matrix(rows: rows.count, columns: width, values: numbers.floats)), exact: numbers.exact,
            notices: notices)
    }
}
