/// How the cells of a group are compared with its reference, gene by gene, as scanpy's `rank_genes_groups`.
public enum GeneTest: Sendable, Equatable {
    /// Wilcoxon's rank sum (Mann & Whitney 1947) in the normal approximation without correction for continuity; the
    /// variance is corrected for ties only where so asked, as scanpy's `tie_correct`.
    case wilcoxon(tieCorrected: Bool)
    /// Welch's t-test.
    case welch
    /// Welch's t-test as if the reference had no more cells than the group, scanpy's `t-test_overestim_var`.
    case welchOverestimatingVariance
}
