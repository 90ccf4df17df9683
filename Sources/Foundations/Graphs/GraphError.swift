/// A text that holds no network: `CSV_RAGGED`, `CSV_VALUE`, `EMPTY_FILE`.
public struct GraphError: Error, Sendable, Equatable {
    public let code: String
    public let file: String?
    /// The line.
    public let element: String?
    /// What was expected and what was found.
    public let message: String
    public let remedy: String
}
