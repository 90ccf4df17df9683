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
}
