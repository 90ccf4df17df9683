import AnnotatedData
import Foundation
import Matrices

/// Quality control, normalisation and choice of genes of a matrix that is walked through once, in blocks: memory follows
/// the block and not the matrix.
///
/// Cells are packed as they come. All later walks go through the packed cells, so that a filter, a choice of genes on
/// normalised values and the writing of the result cost no second reading. Blocks and numbers of cores do not show in
/// the result.
public struct BlockwisePreprocessing: Sendable {
    /// What was done; its data have annotation but no matrices.
    public let result: PreprocessingResult
    /// The cells and genes kept, in `result.scaleAfter`; made when it is walked through.
    public let x: any MatrixBlocks
    /// The same cells and genes as counts; nil where values were not counts.
    public let counts: (any MatrixBlocks)?
    /// Of counts, or of the values as they were; nil where no groups were asked for.
    public let pseudobulk: Pseudobulk?
    public let pseudobulkGroups: CellGroups?

    /// - Parameters:
    ///   - blocks: Cells × genes.
    ///   - annotation: Tables of all cells and genes and what is unstructured; matrices in it are not looked at.
    ///   - options: What to do.
    ///   - cells: Rising places of the cells to use; all where nil. Others are as if they were not there.
    ///   - statisticsCells: Places, among the cells used, of those that gene filters, the median total and the choice of
    ///     genes may see; all where nil.
    ///   - groupColumns: Columns whose combinations are summed; nil sums none.
    ///   - directory: Where a temporary file is made, should packed cells not fit into `budget` bytes.
    /// - Throws: `PreprocessingError` as `preprocess`, `MISSING_ELEMENT` for a column that is not there, `CANNOT_WRITE`;
    ///   what the matrix throws.
    public init(
        _ blocks: any MatrixBlocks, annotation: AnnotatedMatrix, options: PreprocessingOptions = .init(),
        cells: [Int]? = nil, statisticsCells: [Int]? = nil, pseudobulkBy groupColumns: [String]? = nil,
        directory: String = NSTemporaryDirectory(), budget: Int = 256 << 20
    ) throws {
        try self.init(
            Preparation(
                blocks, annotation: annotation, options: options, cells: cells, statisticsCells: statisticsCells,
                groupColumns: groupColumns, directory: directory, budget: budget), choosesGenes: true)
    }

    /// - Parameter choosesGenes: false leaves that to a later step, whatever the options say.
    init(_ preparation: consuming Preparation, choosesGenes: Bool) throws {
        let options = preparation.options
        var notices = preparation.notices
        var transformed = try preparation.transformed(notices: &notices)
        let before = preparation.filtered
        var annotation = preparation.annotation
        var genes = preparation.genes
        if choosesGenes {
            let choice = try ChoiceOfGenes(preparation, transformed, notices: &notices)
            choice.annotate(&annotation)
            if choice.kept.count < genes.count {
                if case .normalisedLogarithm(var normalisation, let base) = transformed.transform,
                    normalisation.totals == nil
                {
                    // Genes that are not chosen count for the totals.
                    normalisation.totals = try before.totals(excluding: normalisation.isExcluded).map { Float($0) }
                    transformed.transform = .normalisedLogarithm(normalisation, base)
                }
                genes = choice.kept.map { genes[$0] }
                annotation = annotation.selecting(genes: choice.kept)
            }
        }
        let isCut = genes.count < preparation.genes.count
        let view = isCut ? preparation.view(genes: genes) : before
        let scaleAfter = transformed.scale
        if case .normalisedLogarithm(_, let base) = transformed.transform {
            annotation.unstructured["log1p"] = .dictionary(base.base.map { ["base": .float($0)] } ?? [:])
        }
        x = view.transformed(by: transformed.transform)
        counts = preparation.scale == .counts ? view : nil
        let kept = preparation.cells
        pseudobulk = preparation.pseudobulk?.selecting(genes: genes)
        pseudobulkGroups = preparation.groups
        result = PreprocessingResult(
            data: annotation, scaleBefore: preparation.scale, scaleAfter: scaleAfter,
            scaleEvidence: preparation.evidence, cellsBefore: preparation.intake.spill.cellCount,
            cellsAfter: kept.count, genesBefore: preparation.geneNames.count, genesAfter: genes.count,
            droppedCells: preparation.droppedCells,
            droppedGenes: preparation.droppedGenes
                + (isCut ? [.init(option: "topGenes", count: preparation.genes.count - genes.count)] : []),
            keptCells: preparation.usedCells.map { used in kept.map { used[$0] } } ?? kept, keptGenes: genes,
            targetSum: transformed.targetSum, notices: notices, qualitySummaries: preparation.summaries)
        _ = options
    }
}
