import AnnotatedData
import HDF5
import Matrices

/// The matrix of a loom file in memory, without its zeros.
///
/// Loom stores genes × cells densely in small chunks, so that no block of cells can be had without unpacking all of it:
/// the file is read once, some rows of chunks at a time, and turned around without its zeros. At the peak that takes 16
/// bytes an entry that is not 0, and the rows of chunks being read.
struct LoomMatrix: LoadableBlocks {
    /// The usual height of a chunk: loompy's are 64 × 64.
    private static let chunkHeight = 64
    /// Values read at once, where a row of chunks has no more, and where it has.
    private static let valuesAtOnce = 1 << 22
    private static let largestAtOnce = 1 << 25
    /// Deflate cannot expand by more than 1,032 to 1.
    private static let largestRatio = 1032

    let matrix: SparseMatrix
    /// The values as the file has them, in the order of the entries; nil where `Float` holds all of them.
    let exact: [Double]?
    private let notices: [Notice]

    var rows: Int { matrix.rows }
    var columns: Int { matrix.columns }
    var storedCount: Int { matrix.values.count }

    /// - Parameters:
    ///   - dataset: genes × cells, as the axes say.
    ///   - isMain: whether values that are not finite are an error.
    init(_ dataset: HDF5Dataset, _ axes: MatrixAxes, isMain: Bool) throws(FormatError) {
        let (genes, cells) = (axes.genes.count, axes.cells.count)
        let values = HDF5StoreValues(values: dataset.values)
        let byteCount = dataset.file.byteCount
        guard values.count / Self.largestRatio <= max(byteCount, 1 << 16), max(genes, cells) < Int(Int32.max) else {
            throw FormatError(
                code: "LIMIT", file: axes.file, element: values.element,
                message: "\(genes) × \(cells) values in a file of \(byteCount) bytes",
                remedy: "the file is damaged or made to exhaust memory: fetch or write it again")
        }
        try values.checkSize()
        var byGenes = Entries()
        var counts = [Int](repeating: 0, count: cells)
        var notices: [Notice] = []
        let wanted = max(Self.chunkHeight, Self.valuesAtOnce / max(1, cells) / Self.chunkHeight * Self.chunkHeight)
        let height = max(1, min(wanted, Self.largestAtOnce / max(1, cells)))
        for first in stride(from: 0, to: genes, by: height) {
            let numbers = try StoredNumbers(values, in: first..<min(genes, first + height))
            var found = numbers.notice.map { [$0] } ?? []
            if let position = StoredNumbers.firstNotFinite(numbers.floats) {
                found.append(
                    try axes.notFinite(
                        numbers.floats[position], values.element, cell: position % cells,
                        gene: first + position / cells,
                        isMain: isMain))
            }
            // Of each kind the first is enough.
            notices += found.filter { notice in !notices.contains { $0.code == notice.code } }
            byGenes.append(numbers, cells: cells, counts: &counts)
        }
        (matrix, exact) = byGenes.byCells(genes: genes, cells: cells, counts: counts)
        self.notices = notices
    }

    func load() -> (matrix: CellMatrix, notices: [Notice]) { (.sparse(matrix), notices) }

    func forEachBlock(_ body: (MatrixBlock) throws -> Void) throws {
        try CellMatrix.sparse(matrix).forEachBlock { block in
            let entries = matrix.rowStarts[block.firstRow]..<matrix.rowStarts[block.rows.upperBound]
            try body(
                MatrixBlock(
                    firstRow: block.firstRow, matrix: block.matrix, exact: exact.map { Array($0[entries]) },
                    notices: block.firstRow == 0 ? notices : []))
        }
    }
}

/// Values that are not 0, gene by gene.
private struct Entries {
    /// Gene g owns the entries from `starts[g]` on.
    var starts = [0]
    var cells: [Int32] = []
    var values: [Float] = []
    /// Begins with the first part in which `Float` does not hold all values.
    var exact: [Double]?

    /// - Parameter counts: entries of each cell so far.
    mutating func append(_ numbers: StoredNumbers, cells cellCount: Int, counts: inout [Int]) {
        if numbers.exact != nil, exact == nil { exact = values.map { Double($0) } }
        guard cellCount > 0 else { return }
        for first in stride(from: 0, to: numbers.floats.count, by: cellCount) {
            for cell in 0..<cellCount {
                let value = numbers.floats[first + cell]
                // What is too small for `Float` is kept: it is not 0 in the file.
                guard value != 0 || numbers.exact.map({ $0[first + cell] != 0 }) ?? false else { continue }
                cells.append(Int32(cell))
                values.append(value)
                exact?.append(numbers.exact?[first + cell] ?? Double(value))
                counts[cell] += 1
            }
            starts.append(cells.count)
        }
    }

    /// The same entries cell by cell, genes in rising order.
    func byCells(genes: Int, cells cellCount: Int, counts: [Int]) -> (matrix: SparseMatrix, exact: [Double]?) {
        var rowStarts = [0]
        rowStarts.reserveCapacity(cellCount + 1)
        for count in counts { rowStarts.append(rowStarts[rowStarts.count - 1] + count) }
        var next = rowStarts
        var columnIndices = [Int32](repeating: 0, count: values.count)
        var sorted = [Float](repeating: 0, count: values.count)
        var sortedExact = exact.map { [Double](repeating: 0, count: $0.count) }
        for gene in 0..<starts.count - 1 {
            for entry in starts[gene]..<starts[gene + 1] {
                let cell = Int(cells[entry])
                columnIndices[next[cell]] = Int32(gene)
                sorted[next[cell]] = values[entry]
                if let exact { sortedExact?[next[cell]] = exact[entry] }
                next[cell] += 1
            }
        }
        let matrix = SparseMatrix(
            rows: cellCount, columns: genes, rowStarts: rowStarts, columnIndices: columnIndices, values: sorted)
        return (matrix, sortedExact)
    }
}
