/// Something odd that can be lived with: shown in the log, kept in the provenance, printed in the report.
public struct Notice: Sendable, Equatable, Codable, Hashable {
    /// A stable word for machines, such as `DUPLICATE_NAMES`; the set may grow.
    public let code: String
    /// A sentence for people.
    public let message: String

    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

/// A number with its noun, and a verb where the sentence goes on: `1 gene has`, `2 genes have`.
public func counted(_ count: Int, _ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }
