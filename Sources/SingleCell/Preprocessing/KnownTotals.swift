import AnnotatedData
import Matrices

/// The total of each cell over all genes, in a column of obs, where the matrix holds a panel only.
///
/// Totals of few genes follow single ones: where one gene of 28 rises, cells divided by their totals seem to lose all
/// others, and the perturbation that raised one gene seems to act on many.
struct KnownTotals {
    /// Of the cells kept.
    let totals: [Float]
    let notice: Notice

    /// As the totals over all genes are called by scanpy, Seurat, Monocle and in tables of counts, in small letters.
    private static let names = ["n_umi", "n_umis", "numi", "total_umis", "total_counts", "ncount_rna", "n_counts"]
    /// Totals that are hardly larger than those of the panel were taken over the panel.
    private static let least = 1.5

    /// nil where there are genes enough, where options say how cells are to be normalised, or where no column can hold
    /// such totals: one that is below the total of the panel in any cell can't.
    init?(_ preparation: Preparation) throws {
        let options = preparation.options
        let genes = preparation.geneNames.count
        guard genes < ExpressionScale.genesForTotals, options.minGenesForTotals == nil, options.targetSum == nil,
            !options.excludeHighlyExpressed
        else { return nil }
        let columns = preparation.annotation.cells.columns.filter { Self.names.contains($0.name.lowercased()) }
        guard !columns.isEmpty else { return nil }
        let panel = try preparation.filtered.totals()
        for column in columns {
            guard let values = column.values.numbers, values.count == panel.count,
                zip(values, panel).allSatisfy({ $0.0.isFinite && $0.0 > 0 && $0.0 >= $0.1 }),
                values.reduce(0, +) > Self.least * panel.reduce(0, +)
            else { continue }
            totals = values.map { Float($0) }
            notice = Notice(
                code: "KNOWN_TOTALS",
                message: "Counts of \(genes) genes were divided by the total of each cell over all genes, the column "
                    + "\(column.name): totals of fewer than \(ExpressionScale.genesForTotals) genes follow single ones."
            )
            return
        }
        return nil
    }
}
