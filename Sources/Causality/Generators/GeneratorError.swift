/// Why a conditional generator could not be trained, read or used.
public struct GeneratorError: Error, Sendable, Equatable {
    /// `TOO_FEW_ROWS`, `NOT_FINITE`, `CODES_RANGE`, `MISMATCH`.
    public let code: String
    /// The node.
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
