/// Cells from which no structure can be read: `TOO_FEW_CELLS`, `TOO_FEW_GENES`, `TOO_MANY_GENES`,
/// `NONFINITE`, `NO_EVIDENCE`.
public struct StructureError: Error, Sendable, Equatable {
    public let code: String
    public let file: String?
    /// The matrix or layer concerned.
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
