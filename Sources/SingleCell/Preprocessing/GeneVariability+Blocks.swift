import AnnotatedData
import Foundation
import Matrices

extension GeneVariability {
    /// Walks through the matrix as often as the selection needs: once for moments, a second time for `seuratV3` where
    /// values are not whole or their profile overflows.
    ///
    /// - Parameters:
    ///   - blocks: Cells × genes; log1p data for `seurat` and `cellRanger`, counts for `seuratV3` and `seuratV3Paper`.
    ///   - cells: Cells to use, such as the training cells; all where nil.
    ///   - batches: The batch of each cell of the matrix, −1 for cells without; one batch where nil.
    ///   - logarithmBase: Of the data, for `seurat`; nil is the natural logarithm.
    ///   - span: Share of the genes in each local regression of `seuratV3`.
    ///   - bins: Bins of equal width of `seurat`.
    public init(
        blocks: any MatrixBlocks, selection: GeneSelection, cells: [Int]? = nil, batches: [Int32]? = nil,
        logarithmBase: Double? = nil, span: Double = 0.3, bins: Int = 20
    ) throws {
        try self.init(
            walk: { visit in try blocks.forEachBlock { visit($0.firstRow, $0.matrix.canonical) } },
            shape: (blocks.rows, blocks.columns), selection: selection, cells: cells, batches: batches,
            logarithmBase: logarithmBase, span: span, bins: bins)
    }

    /// As above, of a matrix in memory.
    public init(
        _ matrix: CellMatrix, selection: GeneSelection, cells: [Int]? = nil, batches: [Int32]? = nil,
        logarithmBase: Double? = nil, span: Double = 0.3, bins: Int = 20
    ) {
        let matrix = matrix.canonical
        self.init(
            walk: { visit in visit(0, matrix) }, shape: (matrix.rows, matrix.columns), selection: selection,
            cells: cells, batches: batches, logarithmBase: logarithmBase, span: span, bins: bins)
    }

    private init(
        walk: (_ visit: (_ firstRow: Int, _ matrix: CellMatrix) -> Void) throws -> Void,
        shape: (cells: Int, genes: Int), selection: GeneSelection, cells: [Int]?, batches: [Int32]?,
        logarithmBase: Double?, span: Double, bins: Int
    ) rethrows {
        let codes = GroupCodes(cellCount: shape.cells, cells: cells, batches: batches)
        func moments(_ reading: ValueReading) throws -> GeneMoments {
            var moments = GeneMoments(genes: shape.genes, groups: codes.groups)
            try walk { moments.add($1, groups: codes[$0..<$0 + $1.rows], reading: reading) }
            return moments
        }
        if selection.needsCounts {
            var profile = CountProfile(genes: shape.genes, groups: codes.groups)
            try walk { profile.add($1, groups: codes[$0..<$0 + $1.rows]) }
            if profile.isComplete {
                self.init(profile, selection: selection, span: span)
            } else {
                let expected = ExpectedDeviations(try moments(.asGiven), span: span, areWhole: profile.isWhole)
                self.init(expected, clipped: try moments(.clipped(at: expected.limits)), selection: selection)
            }
        } else {
            let scale = Float(logarithmBase.map { log($0) } ?? 1)
            let moments = try moments(selection == .seurat ? .expm1(scale: scale) : .asGiven)
            self.init(moments, selection: selection, bins: bins)
        }
    }
}
