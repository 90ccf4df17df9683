/// Data and a graph from which no mechanisms can be had, or a question about nodes that they do not have: `CYCLIC_GRAPH`,
/// `GRAPH_MISMATCH`, `UNKNOWN_NODE`, `TOO_FEW_ROWS`, `NONFINITE`, `REPEATED_NAME`.
public struct MechanismError: Error, Sendable, Equatable {
    /// A stable word for programs; the set may grow.
    public let code: String
    /// The node, the edge or the row.
    public let element: String?
    /// What was expected and what was found.
    public let message: String
    /// What to do about it.
    public let remedy: String

    public init(code: String, element: String? = nil, message: String, remedy: String) {
        self.code = code
        self.element = element
        self.message = message
        self.remedy = remedy
    }
}
