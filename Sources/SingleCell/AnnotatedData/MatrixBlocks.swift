import Matrices

/// Cells × genes that can be walked through in blocks of whole cells, wherever they are kept: in memory or in a file.
///
/// What follows the block and not the whole matrix is written over this protocol, and so works on files larger than memory.
public protocol MatrixBlocks: Sendable {
    /// The number of cells.
    var rows: Int { get }
    /// The number of genes.
    var columns: Int { get }
    /// The number of stored entries: rows × columns where dense.
    var storedCount: Int { get }
    /// Calls `body` with blocks of consecutive cells, in order; together they hold every cell once.
    /// - Throws: What `body` throws, and the reader's error where the matrix lies in a file.
    func forEachBlock(_ body: (MatrixBlock) throws -> Void) throws
}

/// Consecutive cells of a larger matrix.
public struct MatrixBlock: Sendable {
    /// The place of the block's first cell in the whole matrix.
    public let firstRow: Int
    /// The block's cells × all genes, dense or sparse as the whole is.
    public let matrix: CellMatrix
    /// The stored values as the file has them, in the order of `matrix.storedValues`; nil where `Float` holds all of them.
    public let exact: [Double]?
    /// What was odd in the values and was lived with; of each code only the first in a walk.
    public let notices: [Notice]

    public init(firstRow: Int, matrix: CellMatrix, exact: [Double]? = nil, notices: [Notice] = []) {
        self.firstRow = firstRow
        self.matrix = matrix
        self.exact = exact
        self.notices = notices
    }

    /// The places of the block's cells in the whole matrix.
    public var rows: Range<Int> { firstRow..<firstRow + matrix.rows }
}

extension CellMatrix: MatrixBlocks {
    /// Entries of a block: enough to keep all cores busy, few enough to stay close to the processor.
    private static let blockEntries = 1 << 22

    public var storedCount: Int {
        switch self {
        case .dense(let matrix): matrix.values.count
        case .sparse(let matrix): matrix.values.count
        }
    }

    public func forEachBlock(_ body: (MatrixBlock) throws -> Void) throws {
        let perRow = max(1, storedCount / max(1, rows))
        let height = max(1, Self.blockEntries / perRow)
        for first in stride(from: 0, to: rows, by: height) {
            let range = first..<min(rows, first + height)
            try body(MatrixBlock(firstRow: first, matrix: range.count == rows ? self : selectingRows(Array(range))))
        }
    }
}

extension CellMatrix {
    /// A matrix put together from its blocks.
    ///
    /// - Parameter notices: gets what was noticed in each block.
    /// - Throws: What the matrix throws.
    public init(gathering blocks: any MatrixBlocks, notices: ([Notice]) -> Void = { _ in }) throws {
        if let matrix = blocks as? CellMatrix {
            self = matrix
            return
        }
        var (starts, columns, values) = ([0], [Int32](), [Float]())
        var isDense = false
        try blocks.forEachBlock { block in
            // Only now is it known that a file does hold values.
            if values.isEmpty { values.reserveCapacity(blocks.storedCount) }
            notices(block.notices)
            switch block.matrix {
            case .dense(let matrix):
                isDense = true
                values += matrix.values
            case .sparse(let matrix):
                if columns.isEmpty { columns.reserveCapacity(blocks.storedCount) }
                let before = values.count
                starts += matrix.rowStarts.dropFirst().map { before + $0 }
                columns += matrix.columnIndices
                values += matrix.values
            }
        }
        // A matrix without cells has no block that would tell.
        self =
            isDense || blocks.rows == 0
            ? .dense(Matrix(rows: blocks.rows, columns: blocks.columns, values: values))
            : .sparse(
                SparseMatrix(
                    rows: blocks.rows, columns: blocks.columns, rowStarts: starts, columnIndices: columns,
                    values: values))
    }
}
