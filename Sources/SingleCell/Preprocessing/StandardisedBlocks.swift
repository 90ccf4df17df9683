import AnnotatedData

/// A matrix whose genes are standardised when it is walked through.
struct StandardisedBlocks: MatrixBlocks {
    private let base: any MatrixBlocks
    private let standardisation: GeneStandardisation

    var rows: Int { base.rows }
    var columns: Int { base.columns }
    /// Centred values are hardly ever 0: the matrix is dense.
    var storedCount: Int { rows * columns }

    /// - Parameter standardisation: Centred, of as many genes as the matrix has.
    init(_ base: any MatrixBlocks, by standardisation: GeneStandardisation) {
        precondition(standardisation.isCentred, "values that are not centred may stay sparse")
        self.base = base
        self.standardisation = standardisation
    }

    func forEachBlock(_ body: (MatrixBlock) throws -> Void) throws {
        try base.forEachBlock { block in
            try body(
                MatrixBlock(
                    firstRow: block.firstRow, matrix: standardisation.applied(to: block.matrix),
                    notices: block.notices))
        }
    }
}
