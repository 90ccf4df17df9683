import Foundation

/// Writes a file so that what has its final name is whole: beside it first, under a hidden name, and then renamed.
enum WholeFile {
    /// - Parameter body: writes the file at the path that it is given.
    static func write(_ path: String, _ body: (String) throws(FormatError) -> Void) throws(FormatError) {
        let partial = try partialPath(for: path)
        do throws(FormatError) {
            try body(partial)
            try commit(partial, as: path)
        } catch {
            unlink(partial)
            var error = error
            error.file = path
            throw error
        }
    }

    /// The hidden name beside the path, for a file that is written over a longer time; then `commit`, or remove it.
    static func partialPath(for path: String) throws(FormatError) -> String {
        let url = URL(fileURLWithPath: path)
        let folder = url.deletingLastPathComponent()
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isDirectory), isDirectory.boolValue
        else {
            throw cannotWrite(path, "there is no folder \(folder.path)", "make the folder first")
        }
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
            throw cannotWrite(path, "a folder has this name", "choose another name")
        }
        return folder.appendingPathComponent(".\(url.lastPathComponent).partial-\(UUID().uuidString)").path
    }

    /// Gives a file that is whole its final name.
    static func commit(_ partial: String, as path: String) throws(FormatError) {
        try synchronise(partial, path)
        guard rename(partial, path) == 0 else { throw failure(path) }
    }

    static func failure(_ path: String) -> FormatError {
        cannotWrite(
            path, String(cString: strerror(errno)), "check the free space and the permissions of the folder")
    }

    private static func cannotWrite(_ path: String, _ message: String, _ remedy: String) -> FormatError {
        FormatError(code: "CANNOT_WRITE", file: path, message: "the file cannot be written: \(message)", remedy: remedy)
    }

    private static func synchronise(_ partial: String, _ path: String) throws(FormatError) {
        let descriptor = open(partial, O_RDONLY)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path) }
    }
}
