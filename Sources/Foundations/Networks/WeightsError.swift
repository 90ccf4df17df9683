/// Why weights could not be read, written or used.
public struct WeightsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// `UNREADABLE`, `MALFORMED`, `DTYPE`, `MISMATCH`, `NOT_FINITE`, `CANNOT_WRITE`.
    public let code: String
    public let file: String?
    /// The tensor or the key in the file.
    public let element: String?
    /// What was expected and what was found.
    public let message: String
    public let remedy: String

    public init(code: String, file: String? = nil, element: String? = nil, message: String, remedy: String) {
        self.code = code
        self.file = file
        self.element = element
        self.message = message
        self.remedy = remedy
    }

    public var description: String {
        [file, element, message, remedy].compactMap { $0 }.joined(separator: ": ")
    }
}
