/// Cells that cannot be compared: `NO_CELLS` (a group with fewer than two), `MISSING_ELEMENT` (no such label),
/// `NONFINITE`.
public struct ComparisonError: Error, Sendable, Equatable {
    public let code: String
    public let file: String?
    public let element: String?
    public let message: String
    public let remedy: String

    public init(code: String, file: String? = nil, element: String?, message: String, remedy: String) {
        self.code = code
        self.file = file
        self.element = element
        self.message = message
        self.remedy = remedy
    }
}
