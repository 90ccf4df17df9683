/// A failure from outside while fitting, reading or asking a generative intervention model.
public struct InterventionError: Error, Sendable, Equatable {
    /// A stable word for machines, such as `NO_CONTROL`; the set may grow.
    public let code: String
    public let file: String?
    /// What in the screen, table or file is meant.
    public let element: String?
    /// What was expected and what was found.
    public let message: String
    /// What to do about it.
    public let remedy: String

    public init(code: String, file: String? = nil, element: String? = nil, message: String, remedy: String) {
        self.code = code
        self.file = file
        self.element = element
        self.message = message
        self.remedy = remedy
    }
}
