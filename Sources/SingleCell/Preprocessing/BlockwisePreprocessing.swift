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
    /// Sums over the groups asked for of the cells and genes kept, as counts where there are any; nil where none were.
    public let pseudobulk: Pseudobulk?
    /// The group of each cell kept.
    public let pseudobulkGroups: CellGroups?

    /// - Parameters:
    ///   - blocks: Cells × genes.
    ///   - annotation: Tables of all cells and genes and what is unstructured; matrices in it are not looked at.
    ///   - options: What to do.
    ///   - cells: Rising places of the cells to use; all where nil. Others are as if they were not there.
    ///   - statisticsCells: Places, among the cells used, of those that gene filters, the median total and the choice of
    ///     genes may see; all where nil.
    ///   - groupColumns: Columns of cells whose combinations are summed; nil sums none.
    ///   - directory: Where a temporary file is made, should packed cells not fit into `budget` bytes.
    /// - Throws: `PreprocessingError` as `preprocess`, `MISSING_ELEMENT` for a column that is not there, `CANNOT_WRITE`;
    ///   what the matrix throws.
    public init(
        _ blocks: any MatrixBlocks, annotation: AnnotatedMatrix, options: PreprocessingOptions = .init(),
        cells: [Int]? = nil, statisticsCells: [Int]? = nil, pseudobulkBy groupColumns: [String]? = nil,
        directory: String = NSTemporaryDirectory(), budget: Int = 256 << 20
    ) throws {
        let preparation = try Preparation(
            blocks, annotation: annotation, options: options, cells: cells, statisticsCells: statisticsCells,
            groupColumns: groupColumns, directory: directory, budget: budget)
        var notices = preparation.notices
        let plan = try PlannedTransform(preparation, notices: &notices)
        let choice = try ChoiceOfGenes(preparation, plan, notices: &notices)
        try self.init(preparation, plan, choice, notices: notices)
    }

    /// - Parameter choice: nil leaves genes, and what is derived from their values, to a later step.
    init(
        _ preparation: Preparation, _ plan: PlannedTransform, _ choice: ChoiceOfGenes?, notices: [Notice]
    ) throws {
        var transform = plan.transform
        var annotation = preparation.annotation
        var genes = preparation.genes
        choice?.annotate(&annotation)
        if let kept = choice?.kept, kept.count < genes.count {
            if case .normalisedLogarithm(var normalisation, let base) = transform, normalisation.totals == nil {
                // Genes that are not chosen count for the totals, too.
                normalisation.totals = try preparation.filtered.totals().map { Float($0) }
                transform = .normalisedLogarithm(normalisation, base)
            }
            genes = kept.map { genes[$0] }
            annotation = annotation.selecting(genes: kept)
        }
        if preparation.scale == .counts {
            let base = preparation.options.logarithmBase
            annotation.unstructured["log1p"] = .dictionary(base.map { ["base": .float($0)] } ?? [:])
        }
        let view = preparation.view(genes: genes)
        var scale = plan.scale
        var notices = notices
        if choice == nil {
            x = view.transformed(by: transform)
        } else {
            let derived = try DerivedValues(
                view.transformed(by: transform), genes: annotation.genes, options: preparation.options,
                cells: preparation.statistics, notices: &notices)
            derived.annotate(&annotation)
            scale = derived.scale(after: scale)
            x = derived.blocks
        }
        counts = preparation.scale == .counts ? view : nil
        pseudobulk = preparation.pseudobulk?.selecting(genes: genes)
        pseudobulkGroups = preparation.groups
        let kept = preparation.cells
        let dropped = preparation.genes.count - genes.count
        result = PreprocessingResult(
            data: annotation, scaleBefore: preparation.scale, scaleAfter: scale,
            scaleEvidence: preparation.evidence, cellsBefore: preparation.intake.spill.cellCount,
            cellsAfter: kept.count, genesBefore: preparation.geneNames.count, genesAfter: genes.count,
            droppedCells: preparation.droppedCells,
            droppedGenes: preparation.droppedGenes + (dropped > 0 ? [.init(option: "topGenes", count: dropped)] : []),
            keptCells: preparation.usedCells.map { used in kept.map { used[$0] } } ?? kept, keptGenes: genes,
            targetSum: plan.targetSum, notices: notices, qualitySummaries: preparation.summaries)
    }
}
