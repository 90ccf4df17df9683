/// A failure from outside while the cells of a screen are collected or what they say is fitted.
public struct ResponseError: Error, Sendable, Equatable {
    /// A stable word for programs, such as `NOT_FINITE`; the set may grow.
    public let code: String
    /// What in the screen is meant.
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
