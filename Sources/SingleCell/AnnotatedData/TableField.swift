import Foundation

extension String {
    /// This text as one field of a separated table: in quotes, doubled within (RFC 4180), where it holds the separator,
    /// a quote or a line break, or begins as a comment does.
    public func field(separatedBy separator: String = "\t") -> String {
        guard
            contains(where: { $0 == "\"" || $0.isNewline }) || contains(separator) || hasPrefix("#")
        else { return self }
        return "\"\(replacingOccurrences(of: "\"", with: "\"\""))\""
    }
}
