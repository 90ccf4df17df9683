import AnnotatedData
import HDF5
import Matrices

/// A matrix that stays in its file and is read in blocks of cells. While one block is used, the next one is read.
struct StoredMatrix: LoadableBlocks {
    enum Storage: Sendable {
        case dense(StoredRows)
        /// Compressed by cells.
        case csr(StoredLines)
        /// Compressed by genes; see `StoredColumns`.
        case csc(StoredColumns)
    }

    /// Entries of a block: enough to keep all cores busy, few enough that memory follows the block and not the file.
    static let blockEntries = 1 << 22
    /// Of a block compressed by cells: what is read is still near the processor when it is used.
    static let lineEntries = 1 << 20

    let rows: Int
    let columns: Int
    let storage: Storage

    /// What its numbers are in the file.
    var kind: HDF5Kind {
        switch storage {
        case .dense(let matrix): matrix.values.kind
        case .csr(let lines): lines.data.kind
        case .csc(let columns): columns.lines.data.kind
        }
    }

    var layout: String {
        switch storage {
        case .dense: "dense"
        case .csr: "csr"
        case .csc: "csc"
        }
    }

    var storedCount: Int {
        switch storage {
        case .dense(let matrix): matrix.axes.cells.count * matrix.axes.genes.count
        case .csr(let lines): lines.entryCount
        case .csc(let columns): columns.lines.entryCount
        }
    }

    func forEachBlock(_ body: (MatrixBlock) throws -> Void) throws {
        // Of each code the first notice is enough: the next ones differ only in their place.
        var known: Set<String> = []
        func hand(_ block: MatrixBlock) throws {
            let fresh = block.notices.filter { known.insert($0.code).inserted }
            try body(
                MatrixBlock(firstRow: block.firstRow, matrix: block.matrix, exact: block.exact, notices: fresh))
        }
        switch storage {
        case .dense(let matrix):
            try Prefetch.walk(matrix.ranges(ofEntries: Self.blockEntries), read: matrix.block, body: hand)
        case .csr(let lines):
            try Prefetch.walk(lines.ranges(ofEntries: Self.lineEntries), read: lines.block, body: hand)
        case .csc(let columns):
            try columns.forEachBlock(ofEntries: Self.blockEntries, body: hand)
        }
    }

    func load() throws(FormatError) -> (matrix: CellMatrix, notices: [Notice]) {
        switch storage {
        case .csr where rows == 0:
            return (.sparse(SparseMatrix(rows: 0, columns: columns, rowStarts: [0], columnIndices: [], values: [])), [])
        case .dense, .csr:
            return try gathered()
        case .csc(let stored):
            let window = try stored.window(0..<rows)
            return (.sparse(window.matrix(0..<rows)), window.notices)
        }
    }
}

extension StoredLines {
    /// A block of cells, where the lines are cells.
    func block(_ lines: Range<Int>) throws(FormatError) -> MatrixBlock {
        let part = try read(lines)
        let offset = starts[lines.lowerBound]
        let matrix = SparseMatrix(
            rows: lines.count, columns: axes.genes.count,
            rowStarts: starts[lines.lowerBound...lines.upperBound].map { $0 - offset }, columnIndices: part.indices,
            values: part.numbers.floats)
        return MatrixBlock(
            firstRow: lines.lowerBound, matrix: .sparse(matrix), exact: part.numbers.exact, notices: part.notices)
    }
}
