/// Features, effects or responses that no model of features can be made from, by `code`: `NO_PERTURBATIONS`, `COUNT`,
/// `NO_FEATURES`, `CONSTANT_FEATURES`, `NONFINITE`, `DUPLICATE`, `EFFECTS`, `RESPONSES`, `OPTION`.
public struct FeatureModelError: Error, Sendable, Equatable {
    public let code: String
    /// The perturbation, feature or setting.
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
