import HDF5

/// What stopped the reading or writing of a file.
///
/// The codes `NOT_FOUND`, `IS_DIRECTORY` and `UNREADABLE` say that there was nothing to read, `CANNOT_WRITE` that nothing
/// could be written; all others, that the content is not what it should be.
public struct FormatError: Error, Sendable, Equatable {
    /// A stable word for machines, such as `INDEX_RANGE`; the set may grow.
    public var code: String
    public var file: String?
    /// The place in the file: a path such as `/X/indices`, or `line 12, column 3`.
    public var element: String?
    /// What was expected and what was found.
    public var message: String
    /// What to do about it.
    public var remedy: String

    public init(code: String, file: String?, element: String? = nil, message: String, remedy: String) {
        self.code = code
        self.file = file
        self.element = element
        self.message = message
        self.remedy = remedy
    }

    init(_ error: HDF5Error) {
        self.init(
            code: error.code, file: error.file, element: error.element, message: error.message, remedy: error.remedy)
    }

    /// Runs calls into HDF5, turning their errors into this room's.
    static func translating<Result>(_ body: () throws(HDF5Error) -> Result) throws(FormatError) -> Result {
        do throws(HDF5Error) { return try body() } catch { throw FormatError(error) }
    }

    /// Runs walks through matrices, which throw nothing else, though their protocol cannot say so.
    static func only<Result>(_ body: () throws -> Result) throws(FormatError) -> Result {
        do {
            return try body()
        } catch let error as FormatError {
            throw error
        } catch {
            preconditionFailure("FormatError expected, not \(error)")
        }
    }
}
