/// What stopped the reading or writing of an HDF5 file.
public struct HDF5Error: Error, Sendable, Equatable {
    /// A stable word for machines, such as `CORRUPT_HDF5`; the set may grow.
    public var code: String
    public var file: String?
    /// The path inside the file, such as `/X/data`.
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

    /// Adds the place to failures of code that does not know it.
    static func locating<Result>(
        _ file: String, _ element: String?, _ body: () throws(HDF5Error) -> Result
    ) throws(HDF5Error) -> Result {
        do throws(HDF5Error) {
            return try body()
        } catch {
            var error = error
            error.file = error.file ?? file
            error.element = error.element ?? element
            throw error
        }
    }

    static func corrupt(_ message: String) -> HDF5Error {
        HDF5Error(
            code: "CORRUPT_HDF5", file: nil, message: message,
            remedy: "fetch or write the file again; compare its checksum with the source's")
    }

    static func corruptChunk(_ message: String) -> HDF5Error {
        HDF5Error(
            code: "CORRUPT_CHUNK", file: nil, message: message,
            remedy: "fetch or write the file again; compare its checksum with the source's")
    }

    static func newer(_ message: String) -> HDF5Error {
        HDF5Error(
            code: "NEWER_HDF5", file: nil, message: message,
            remedy: "the file was written for an HDF5 library newer than 2.0, or is damaged: write it again with "
                + "h5py.File(…, libver='v108')")
    }

    static func limit(_ what: String) -> HDF5Error {
        HDF5Error(
            code: "LIMIT", file: nil, message: "\(what): more than such a file can hold",
            remedy: "the file is damaged or made to exhaust memory: fetch or write it again")
    }

    static var elsewhere: HDF5Error {
        HDF5Error(
            code: "LINK", file: nil, message: "the values are kept in other files, which are not read",
            remedy: "copy the data into one file")
    }

    static func cannotWrite(_ file: String, _ element: String?, _ message: String) -> HDF5Error {
        HDF5Error(
            code: "CANNOT_WRITE", file: file, element: element, message: message,
            remedy: "check the free space and the permissions of the folder")
    }
}
