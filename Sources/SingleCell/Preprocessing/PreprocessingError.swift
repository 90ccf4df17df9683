/// Data that cannot be preprocessed: `AMBIGUOUS` (scale), `NONFINITE`, `NEGATIVE`, `EMPTY_MATRIX`, `NO_CELLS`,
/// `NO_GENES`, `UNKNOWN_GENES`.
public struct PreprocessingError: Error, Sendable, Equatable {
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
