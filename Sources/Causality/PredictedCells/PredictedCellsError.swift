/// Cells or questions from which no cells can be predicted, by `code`: `NO_CONTROLS`, `COUNT`, `NONFINITE`, `TEMPLATE`,
/// `CELLS`.
public struct PredictedCellsError: Error, Sendable, Equatable {
    public let code: String
    /// What is meant.
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
