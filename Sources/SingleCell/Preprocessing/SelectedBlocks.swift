import AnnotatedData

/// Some cells and genes of a matrix that is walked through in blocks.
public struct SelectedBlocks: MatrixBlocks {
    private let base: any MatrixBlocks
    private let cells: [Int]
    private let genes: [Int]?
    public let storedCount: Int

    public var rows: Int { cells.count }
    public var columns: Int { genes?.count ?? base.columns }

    /// - Parameters:
    ///   - cells: Rising places of the cells.
    ///   - genes: Places of the genes; all where nil.
    /// - Throws: What the matrix throws: its entries are counted.
    public init(_ base: any MatrixBlocks, cells: [Int], genes: [Int]? = nil) throws {
        self.base = base
        self.cells = cells
        self.genes = genes
        var count = 0
        try Self.forEachBlock(base, cells, genes) { count += $0.matrix.storedCount }
        storedCount = count
    }

    public func forEachBlock(_ body: (MatrixBlock) throws -> Void) throws {
        try Self.forEachBlock(base, cells, genes, body)
    }

    private static func forEachBlock(
        _ base: any MatrixBlocks, _ cells: [Int], _ genes: [Int]?, _ body: (MatrixBlock) throws -> Void
    ) throws {
        var next = 0
        try base.forEachBlock { block in
            let first = next
            while next < cells.count, cells[next] < block.rows.upperBound { next += 1 }
            guard next > first else { return }
            let rows = block.matrix.selectingRows(cells[first..<next].map { $0 - block.firstRow })
            try body(MatrixBlock(firstRow: first, matrix: genes.map { rows.selectingColumns($0) } ?? rows))
        }
    }
}
