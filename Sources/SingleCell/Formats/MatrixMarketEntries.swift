import AnnotatedData
import Matrices

/// Collects the entries of a sparse matrix as they come and hands them out by cells.
///
/// Entries that come cell after cell are in place at once; only others are sorted, by counting.
struct MatrixMarketEntries {
    private let cells: Int
    private let genes: Int
    /// Entries of each cell.
    private var counts: [Int]
    /// The cell of every entry; nil while they come cell after cell.
    private var owners: [Int32]?
    private var columnIndices: [Int32] = []
    private var values: [Float] = []
    private var lastCell: Int32 = 0
    private var lastGene: Int32 = -1
    /// Whether each cell's genes rose: then no entry is given twice.
    private var rises = true

    /// - Parameter expected: entries for which room is made.
    init(cells: Int, genes: Int, expected: Int) {
        self.cells = cells
        self.genes = genes
        counts = [Int](repeating: 0, count: cells)
        columnIndices.reserveCapacity(expected)
        values.reserveCapacity(expected)
    }

    @inline(__always)
    mutating func append(cell: Int32, gene: Int32, value: Float) {
        if cell < lastCell, owners == nil { owners = placedOwners() }
        if cell == lastCell, gene <= lastGene { rises = false }
        owners?.append(cell)
        counts[Int(cell)] += 1
        columnIndices.append(gene)
        values.append(value)
        lastCell = cell
        lastGene = gene
    }

    /// The cell of every entry so far, which came cell after cell.
    private func placedOwners() -> [Int32] {
        var owners: [Int32] = []
        owners.reserveCapacity(columnIndices.capacity)
        for cell in 0..<cells where counts[cell] > 0 {
            owners.append(contentsOf: repeatElement(Int32(cell), count: counts[cell]))
        }
        return owners
    }

    /// The matrix, and how many entries were given more than once and so were added to an earlier one.
    /// Nothing is kept here.
    mutating func takeMatrix() -> (matrix: SparseMatrix, repeated: Int) {
        defer { (columnIndices, values) = ([], []) }
        var starts = [Int](repeating: 0, count: cells + 1)
        for cell in 0..<cells { starts[cell + 1] = starts[cell] + counts[cell] }
        if let owners {
            self.owners = nil
            sort(owners, starts)
            rises = false
        }
        let repeated = rises ? 0 : addRepeated(&starts)
        return (
            SparseMatrix(rows: cells, columns: genes, rowStarts: starts, columnIndices: columnIndices, values: values),
            repeated
        )
    }

    /// Moves every entry to its cell; the entries of a cell stay in their order.
    private mutating func sort(_ owners: [Int32], _ starts: [Int]) {
        var places = starts
        var sortedIndices = [Int32](repeating: 0, count: columnIndices.count)
        for (entry, owner) in owners.enumerated() {
            sortedIndices[places[Int(owner)]] = columnIndices[entry]
            places[Int(owner)] += 1
        }
        columnIndices = sortedIndices
        sortedIndices = []
        places = starts
        var sortedValues = [Float](repeating: 0, count: values.count)
        for (entry, owner) in owners.enumerated() {
            sortedValues[places[Int(owner)]] = values[entry]
            places[Int(owner)] += 1
        }
        values = sortedValues
    }

    /// Adds entries of the same cell and gene to the first of them.
    private mutating func addRepeated(_ starts: inout [Int]) -> Int {
        var placeOfGene = [Int](repeating: -1, count: genes)
        var written = 0
        for cell in 0..<cells {
            let first = written
            for entry in starts[cell]..<starts[cell] + counts[cell] {
                let gene = Int(columnIndices[entry])
                let value = values[entry]
                if placeOfGene[gene] >= first {
                    values[placeOfGene[gene]] += value
                } else {
                    placeOfGene[gene] = written
                    columnIndices[written] = Int32(gene)
                    values[written] = value
                    written += 1
                }
            }
            starts[cell] = first
        }
        starts[cells] = written
        let repeated = values.count - written
        columnIndices.removeLast(repeated)
        values.removeLast(repeated)
        return repeated
    }
}
