/// A graph or a query that can't be used.
///
/// Codes of graphs: `DUPLICATE_NAMES`, `NO_NAMES`, `UNKNOWN_NODES`, `SELF_LOOP`, `DUPLICATE_EDGES`, `CYCLE`,
/// `BAD_GRAPH`, `EMPTY_GRAPH`. Codes of queries: `BAD_QUERY` (its text), `NO_OUTCOMES`, `OVERLAP`, `REPEATED`,
/// `UNKNOWN_NODES`, `LATENT`.
public struct IdentificationError: Error, Sendable, Equatable {
    public let code: String
    public let file: String?
    /// The node, the edge, the line or the place in the query's text.
    public let element: String?
    /// What was expected and what was found.
    public let message: String
    public let remedy: String

    init(code: String, element: String? = nil, message: String, remedy: String) {
        self.code = code
        file = nil
        self.element = element
        self.message = message
        self.remedy = remedy
    }
}
