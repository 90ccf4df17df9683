import AnnotatedData
import Foundation
import Matrices

/// Cells and genes of a spill, as they are or transformed: a matrix that is made block by block when it is walked through.
struct PackedView: MatrixBlocks {
    let spill: BlockSpill
    /// Rising places in the spill.
    let cells: [Int]
    /// Where each gene of the spill stands here; −1 for those left out.
    let positions: [Int32]
    let columns: Int
    let isDense: Bool
    /// Entries that are not 0; rows × columns where dense.
    let storedCount: Int
    var transform = CellTransform.asGiven
    /// Whether logarithms are taken back in the end: what exp(x) − 1 makes of them in single precision.
    var isRestored = false

    var rows: Int { cells.count }

    /// - Parameters:
    ///   - genes: Rising places of the genes kept, of `geneCount`.
    ///   - storedCount: Entries of the cells and genes kept that are not 0.
    init(_ spill: BlockSpill, cells: [Int], genes: [Int], of geneCount: Int, isDense: Bool, storedCount: Int) {
        self.spill = spill
        self.cells = cells
        self.isDense = isDense
        var positions = [Int32](repeating: -1, count: geneCount)
        for (position, gene) in genes.enumerated() { positions[gene] = Int32(position) }
        self.positions = positions
        columns = genes.count
        self.storedCount = isDense ? cells.count * genes.count : storedCount
    }

    func transformed(by transform: CellTransform, isRestored: Bool = false) -> PackedView {
        var view = self
        view.transform = transform
        view.isRestored = isRestored
        return view
    }

    func forEachBlock(_ body: (MatrixBlock) throws -> Void) throws {
        try forEachBlock {
            $0
        } then: {
            try body($0)
        }
    }

    /// Calls `body` with what `part` makes of each block, block by block in order; several are worked on at once. Where
    /// blocks begin depends on the cells of the spill alone.
    func forEachBlock<Part: Sendable>(
        _ part: @Sendable (MatrixBlock) -> Part, then body: (Part) throws -> Void
    ) throws {
        try spill.forEachPage { page, packed -> Part? in
            let first = place(atOrAfter: spill.cells(ofPage: page).lowerBound)
            let matrix = matrix(of: packed, page: page)
            return matrix.rows > 0 ? part(MatrixBlock(firstRow: first, matrix: matrix)) : nil
        } then: { _, part in
            if let part { try body(part) }
        }
    }

    /// The total of each cell over the genes here that count.
    func totals(excluding isExcluded: [Bool]? = nil) throws -> [Double] {
        var totals: [Double] = []
        totals.reserveCapacity(rows)
        try forEachBlock { block in
            block.matrix.forEachRow { columns, values in
                var total = 0.0
                for (column, value) in zip(columns, values) where isExcluded?[Int(column)] != true {
                    total += Double(value)
                }
                totals.append(total)
            }
        }
        return totals
    }

    /// The first row here whose cell stands at `cell` or after it.
    private func place(atOrAfter cell: Int) -> Int {
        var (low, high) = (0, cells.count)
        while low < high {
            let middle = (low + high) / 2
            if cells[middle] >= cell { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The rows whose cells lie on that page, and the places of these cells on it.
    private func rows(ofPage page: Int) -> (rows: Range<Int>, places: [Int]) {
        let range = spill.cells(ofPage: page)
        let rows = place(atOrAfter: range.lowerBound)..<place(atOrAfter: range.upperBound)
        return (rows, rows.map { cells[$0] - range.lowerBound })
    }

    private func matrix(of packed: PackedCells, page: Int) -> CellMatrix {
        let (rows, places) = rows(ofPage: page)
        var starts = [0]
        starts.reserveCapacity(rows.count + 1)
        let capacity = places.reduce(0) { $0 + packed.withCell($1) { $0.count } }
        var indices: [Int32] = []
        let values = [Float](unsafeUninitializedCapacity: capacity) { values, valueCount in
            indices = [Int32](unsafeUninitializedCapacity: capacity) { indices, indexCount in
                let reader = CellReader(self)
                var end = 0
                if capacity > 0, let indexBase = indices.baseAddress, let valueBase = values.baseAddress {
                    for (row, place) in zip(rows, places) {
                        end += packed.withCell(place) {
                            reader.read($0, row: row, columns: indexBase + end, values: valueBase + end)
                        }
                        starts.append(end)
                    }
                } else {
                    starts += rows.map { _ in 0 }
                }
                indexCount = end
            }
            valueCount = indices.count
        }
        let sparse = SparseMatrix(
            rows: rows.count, columns: columns, rowStarts: starts, columnIndices: indices, values: values)
        return isDense ? .dense(sparse.dense) : .sparse(sparse)
    }

    /// Calls `body` with the packed cells, a page for each core at a time, in order.
    func forEachStretch(_ body: (PackedStretch) throws -> Void) throws {
        for first in stride(from: 0, to: spill.pageCount, by: workerCount) {
            let pages = first..<min(spill.pageCount, first + workerCount)
            let packed = try concurrentMap(pages.count) { try spill.page(first + $0) }
            let parts = zip(pages, packed).map { page, packed in
                let (rows, places) = rows(ofPage: page)
                return PackedStretch.Part(rows: rows, places: places, packed: packed)
            }.filter { !$0.rows.isEmpty }
            if !parts.isEmpty { try body(PackedStretch(parts: parts)) }
        }
    }
}

/// Consecutive cells of a view as they lie packed, with all genes of the spill.
struct PackedStretch: Sendable {
    struct Part: Sendable {
        let rows: Range<Int>
        /// Of the cells, in `packed`.
        let places: [Int]
        let packed: PackedCells
    }

    fileprivate let parts: [Part]

    /// Places of the cells in the view.
    var rows: Range<Int> { parts[0].rows.lowerBound..<parts[parts.count - 1].rows.upperBound }

    /// - Parameter index: Counted from the first cell of the stretch.
    func withCell<Result>(_ index: Int, _ body: (PackedCell) -> Result) -> Result {
        let row = rows.lowerBound + index
        for part in parts where row < part.rows.upperBound {
            return part.packed.withCell(part.places[row - part.rows.lowerBound], body)
        }
        preconditionFailure("cell \(index) of \(rows.count)")
    }
}

extension CellMatrix {
    /// Calls `body` with the columns and values of each row.
    func forEachRow(_ body: (_ columns: ArraySlice<Int32>, _ values: ArraySlice<Float>) throws -> Void) rethrows {
        switch self {
        case .sparse(let matrix):
            for row in 0..<matrix.rows {
                let entries = matrix.rowStarts[row]..<matrix.rowStarts[row + 1]
                try body(matrix.columnIndices[entries], matrix.values[entries])
            }
        case .dense(let matrix):
            let columns = Array(0..<Int32(matrix.columns))[...]
            for row in 0..<matrix.rows {
                try body(columns, matrix.values[row * matrix.columns..<(row + 1) * matrix.columns])
            }
        }
    }
}
