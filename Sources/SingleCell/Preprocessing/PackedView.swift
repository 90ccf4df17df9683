import AnnotatedData
import CKernels
import Foundation
import Matrices

/// Cells and genes of a spill, as they are or transformed: a matrix that is made block by block when it is walked through.
struct PackedView: MatrixBlocks {
    let spill: BlockSpill
    /// Rising places in the spill.
    let cells: [Int]
    /// Where each gene of the spill stands here; −1 for those left out.
    private let positions: [Int32]
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

    private func matrix(of packed: PackedCells, page: Int) -> CellMatrix {
        let range = spill.cells(ofPage: page)
        let rows = place(atOrAfter: range.lowerBound)..<place(atOrAfter: range.upperBound)
        let places = rows.map { cells[$0] - range.lowerBound }
        var starts = [0]
        starts.reserveCapacity(rows.count + 1)
        let capacity = places.reduce(0) { $0 + packed.withCell($1) { $0.count } }
        var indices: [Int32] = []
        let values = [Float](unsafeUninitializedCapacity: capacity) { values, valueCount in
            indices = [Int32](unsafeUninitializedCapacity: capacity) { indices, indexCount in
                var reader = CellReader(positions: positions, transform: transform, isRestored: isRestored)
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
}

/// Unpacks cells one after the other, keeps some genes and transforms values.
private struct CellReader {
    let positions: [Int32]
    let transform: CellTransform
    let isRestored: Bool
    private var codes: [UInt8]
    /// What becomes of each small count in the cell at hand.
    private var table = [Float](repeating: 0, count: 256)

    init(positions: [Int32], transform: CellTransform, isRestored: Bool) {
        self.positions = positions
        self.transform = transform
        self.isRestored = isRestored
        // A cell has every gene at most once.
        codes = [UInt8](repeating: 0, count: positions.count + 1)
    }

    /// - Returns: How many entries were written.
    mutating func read(
        _ cell: PackedCell, row: Int, columns: UnsafeMutablePointer<Int32>, values: UnsafeMutablePointer<Float>
    ) -> Int {
        let count = codes.withUnsafeMutableBufferPointer { codes in
            positions.withUnsafeBufferPointer { positions in
                cell.unpack(positions: positions, columns: columns, values: values, codes: codes)
            }
        }
        guard let function = function(columns: columns, values: values, count: count, row: row) else { return count }
        codes.withUnsafeBufferPointer { codes in
            let largest = codes.baseAddress.map { kernel_code_maximum($0, count) } ?? 0
            table.withUnsafeMutableBufferPointer { table in
                if largest > 0 { for code in 1...Int(largest) { table[code] = function(Float(code)) } }
                for entry in 0..<count {
                    let code = codes[entry]
                    values[entry] = code != 0 ? table[Int(code)] : function(values[entry])
                }
            }
        }
        return count
    }

    /// What becomes of a value of this cell; nil where it stays.
    private func function(
        columns: UnsafePointer<Int32>, values: UnsafePointer<Float>, count: Int, row: Int
    ) -> ((Float) -> Float)? {
        switch transform {
        case .asGiven: return nil
        case .normalisedLogarithm(let normalisation, let base):
            let factor: Float
            if let totals = normalisation.totals {
                factor = normalisation.factor(ofTotal: Double(totals[row]))
            } else {
                var total = 0.0
                if let isExcluded = normalisation.isExcluded {
                    for entry in 0..<count where !isExcluded[Int(columns[entry])] { total += Double(values[entry]) }
                } else {
                    for entry in 0..<count { total += Double(values[entry]) }
                }
                factor = normalisation.factor(ofTotal: total)
            }
            return isRestored
                ? { base.inverse(base.logarithm($0 / factor)) } : { base.logarithm($0 / factor) }
        case .logarithm(let base):
            return isRestored ? { base.inverse(base.logarithm($0)) } : { base.logarithm($0) }
        case .inverseHyperbolicSine(let cofactor):
            return { asinh($0 / cofactor) }
        }
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
