/// Cells from which a method can learn nothing: `NO_INTERVENTIONS`, `TOO_FEW_CELLS`, `TOO_MANY_GENES`, `NONFINITE`.
public struct DiscoveryError: Error, Sendable, Equatable {
    public let code: String
    public let file: String?
    /// The method, or the gene.
    public let element: String?
    /// What was expected and what was found.
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
