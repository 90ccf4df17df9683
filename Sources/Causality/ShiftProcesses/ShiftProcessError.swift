/// Shifts that no process over treatments can be made from, by `code`: `NO_TREATMENTS`, `NO_GENES`, `COUNT`,
/// `NONFINITE`, `NOISE`, `NO_REPLICATES`, `DUPLICATE`, `SINGULAR`.
public struct ShiftProcessError: Error, Sendable, Equatable {
    public let code: String
    /// The treatment, gene or array.
    public let element: String?
    /// What was expected and what was found.
    public let message: String
    public let remedy: String

    public init(code: String, element: String? = nil, message: String, remedy: String) {
        self.code = code
        self.element = element
        self.message = message
        self.remedy = remedy
    }
}
