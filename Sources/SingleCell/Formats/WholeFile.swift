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
            throw error.told(of: path, for: partial)
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
        return scratch(in: folder)
    }

    /// A hidden name that no other writer takes. It does not repeat the final one, which may be as long as names may be.
    private static func scratch(in folder: URL) -> String {
        folder.appendingPathComponent(".partial-\(UUID().uuidString)").path
    }

    /// Gives a file that is whole its final name.
    static func commit(_ partial: String, as path: String) throws(FormatError) {
        try synchronise(partial, path)
        guard rename(partial, path) == 0 else { throw failure(path) }
    }

    /// The same for a folder.
    /// - Parameter files: the names that it holds. A folder that exists is replaced where it holds nothing else.
    static func writeFolder(
        _ path: String, replacing files: [String], _ body: (String) throws(FormatError) -> Void
    ) throws(FormatError) {
        let url = URL(fileURLWithPath: path)
        let manager = FileManager.default
        let present = (try? manager.contentsOfDirectory(atPath: url.path)) ?? []
        var isDirectory: ObjCBool = false
        let exists = manager.fileExists(atPath: url.path, isDirectory: &isDirectory)
        guard !exists || isDirectory.boolValue, Set(present).isSubset(of: files) else {
            throw cannotWrite(path, "something else has this name", "choose another name")
        }
        let parent = url.deletingLastPathComponent()
        let partial = scratch(in: parent)
        let replaced = partial + "-replaced"
        do throws(FormatError) {
            guard mkdir(partial, 0o755) == 0 else { throw failure(path) }
            try body(partial)
            for file in files { try synchronise(partial + "/" + file, path) }
            guard !exists || rename(url.path, replaced) == 0 else { throw failure(path) }
            guard rename(partial, url.path) == 0 else {
                rename(replaced, url.path)
                throw failure(path)
            }
            try? manager.removeItem(atPath: replaced)
        } catch {
            try? manager.removeItem(atPath: partial)
            throw error.told(of: path, for: partial)
        }
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

extension FormatError {
    /// The same with the final name for a hidden one. An error of the file that is read meanwhile keeps its own.
    fileprivate func told(of path: String, for partial: String) -> FormatError {
        guard file.map({ $0.hasPrefix(partial) }) ?? true else { return self }
        var error = self
        error.file = path
        return error
    }
}
