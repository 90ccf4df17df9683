/// Data that are no screen yet, or features that do not fit it: `AMBIGUOUS`, `MISSING_ELEMENT`, `NO_CONTROLS`,
/// `NO_CELLS`, `DOSE_VALUE`, `BAD_VALUE`, `NONFINITE`, `UNKNOWN_TARGETS`, `UNKNOWN_PERTURBATIONS`, `BAD_SPLIT`,
/// `BAD_FEATURES`, `NO_FEATURES_MATCH`, `OPTION`, of guide counts `EMPTY_MATRIX`, `NEGATIVE` and `NOT_COUNTS`, and the
/// codes of `ChemistryError`.
public struct ScreenError: Error, Sendable, Equatable {
    public let code: String
    public let file: String?
    /// The column or the value concerned.
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
