/// What the values of an expression matrix are.
public enum ExpressionScale: String, Sendable, Codable, CaseIterable {
    case counts
    /// ln(1 + x) of normalised counts.
    case log1p
    /// Any other logarithm of intensities, such as RMA's log2.
    case logIntensity
    /// Positive intensities, not logarithmic (flow cytometry).
    case intensity
    /// Centred or z-scored values.
    case scaled

    /// Counts of fewer genes have totals that follow single genes rather than the depth of a cell: normalised to them, genes
    /// look tied together. Structure is learned from ln(1 + counts) then, as it is in training.
    public static let genesForTotals = 200
}

extension Notice {
    /// Counts of so few genes were not normalised.
    public static func totalsLeft(genes: Int, atLeast least: Int) -> Notice {
        Notice(
            code: "TOTALS_NOT_NORMALISED",
            message:
                "Counts of \(genes) genes were replaced by ln(1 + x) only: totals of fewer than \(least) genes say "
                + "little of a cell's depth, and dividing by them would tie the genes together.")
    }
}
