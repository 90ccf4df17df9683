/// Why an effect can't be sampled from these rows.
///
/// Codes: `MISSING_COLUMN`, `LATENT`, `CONSTANT`, `TOO_FEW_ROWS`, `NOT_FINITE`, `CODES_RANGE` (the data); `NO_VALUE`,
/// `OUTSIDE_SUPPORT`, `UNKNOWN_LABEL`, `FEW_EFFECTIVE_ROWS` (the question); `MISMATCH`, `UNREADABLE` (a saved network).
public struct SamplingError: Error, Sendable, Equatable {
    public let code: String
    /// The node, or the file.
    public let element: String?
    /// What was expected and what was found.
    public let message: String
    public let remedy: String

    public init(code: String, element: String?, message: String, remedy: String) {
        self.code = code
        self.element = element
        self.message = message
        self.remedy = remedy
    }
}
