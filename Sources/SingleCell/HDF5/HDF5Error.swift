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

    /// - Parameter messages: what the library said; it tells data of a newer version from damaged ones.
    static func corrupt(
        _ file: String, _ element: String?, _ message: String, _ messages: [String] = []
    ) -> HDF5Error {
        let detail = messages.first.map { " (HDF5: \($0))" } ?? ""
        guard !messages.contains(where: { $0.hasPrefix("bad version number") }) else {
            return HDF5Error(
                code: "NEWER_HDF5", file: file, element: element, message: message + detail,
                remedy: "the file was written for a newer HDF5 library, or is damaged: write it again with "
                    + "h5py.File(…, libver='v108')")
        }
        return HDF5Error(
            code: "CORRUPT_HDF5", file: file, element: element, message: message + detail,
            remedy: "fetch or write the file again; compare its checksum with the source's")
    }

    static func cannotWrite(_ file: String, _ element: String?, _ message: String) -> HDF5Error {
        HDF5Error(
            code: "CANNOT_WRITE", file: file, element: element, message: message,
            remedy: "check the free space and the permissions of the folder")
    }
}
