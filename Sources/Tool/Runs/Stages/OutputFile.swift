import Formats
import Foundation

/// Writes results under a scratch name in the folder where they belong and renames them when they are whole.
public enum OutputFile {
    /// Refuses an output that exists, unless `force`, and one whose folder can't be written to.
    public static func claim(_ path: String, force: Bool) throws(Failure) {
        guard !path.isEmpty else {
            throw Failure(
                code: "USAGE", element: "the output", message: "expected a name, found an empty word",
                remedy: "name a file or folder", exit: .wrongUsage)
        }
        if FileManager.default.fileExists(atPath: path), !force {
            throw Failure(
                code: "OUTPUT_EXISTS", file: path, message: "expected a name that is free, found an existing file",
                remedy: "choose another name, or give --force to replace it", exit: .outputFailed)
        }
        try refuseSpecialFile(path)
        try refuseForeignFolder(path)
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else { throw .unwritable(path) }
    }

    /// An output is renamed to its place: a device or a pipe would be gone, and nothing have come through it.
    private static func refuseSpecialFile(_ path: String) throws(Failure) {
        var status = stat()
        guard stat(path, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else { return }
        throw Failure(
            code: "CANNOT_WRITE", file: path, message: "expected the name of a file, found a device or a pipe",
            remedy: "name a file; --force does not replace this", exit: .outputFailed)
    }

    /// One of these stands in every folder that is written as a whole.
    private static let marks = [
        "truth.json", "model.json", "network.json", "explanations.json", "matrix.mtx.gz", datasetsFile,
    ]

    /// The list of the folders of several datasets.
    static let datasetsFile = "datasets.json"

    /// Replacing a folder removes all that is in it, so one that holds none of our results is refused even with `--force`.
    static func refuseForeignFolder(_ path: String) throws(Failure) {
        let manager = FileManager.default
        // nil where there is nothing, or a file.
        guard let contents = try? manager.contentsOfDirectory(atPath: path), !contents.isEmpty else { return }
        guard marks.contains(where: contents.contains) else {
            throw Failure(
                code: "OUTPUT_EXISTS", file: path,
                message: "expected a new folder or one of earlier results, found a folder with other files",
                remedy: "choose another name; --force does not remove it", exit: .outputFailed)
        }
    }

    /// `NAME.card.json` for `NAME.safetensors`.
    public static func beside(_ path: String, _ ending: String) -> String {
        URL(fileURLWithPath: path).deletingPathExtension().relativePath + "." + ending
    }

    /// Has `write` fill a file, or a folder, of a scratch name beside `path`, then gives it its name.
    public static func whole(_ path: String, write: (_ scratch: String) throws -> Void) throws {
        let url = URL(fileURLWithPath: path)
        // A folder of its own takes what the writer puts beside its file, too.
        // Its name does not repeat the final one, which may be as long as names may be.
        let folder = url.deletingLastPathComponent().appendingPathComponent(".partial-\(UUID().uuidString)").path
        let scratch = folder.appending(file: url.lastPathComponent)
        try Interruption.guarding(folder) {
            defer { try? FileManager.default.removeItem(atPath: folder) }
            guard mkdir(folder, 0o777) == 0 else { throw Failure.unwritable(path) }
            do {
                try write(scratch)
            } catch let error as FormatError where error.file?.hasPrefix(folder) ?? false {
                throw FormatError(
                    code: error.code, file: path, element: error.element, message: error.message, remedy: error.remedy)
            } catch let failure as Failure where failure.file?.hasPrefix(folder) ?? false {
                throw Failure(
                    code: failure.code, file: path, element: failure.element, message: failure.message,
                    remedy: failure.remedy, exit: failure.exit)
            }
            // A folder takes the place of an empty one only, and of no file.
            if isFolder(scratch), FileManager.default.fileExists(atPath: path) {
                try refuseForeignFolder(path)
                try? FileManager.default.removeItem(atPath: path)
            }
            guard rename(scratch, path) == 0 else { throw Failure.unwritable(path) }
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    public static func write(_ data: Data, to path: String) throws {
        try whole(path) { scratch in try fill(scratch, with: data) }
    }

    public static func write(_ text: String, to path: String) throws { try write(Data(text.utf8), to: path) }

    /// Writes all bytes to a new file; a full disk or a missing permission is an error that names the path.
    static func fill(_ path: String, with data: Data) throws(Failure) {
        do {
            try data.write(to: URL(fileURLWithPath: path))
        } catch {
            throw .unwritable(path)
        }
    }
}

extension Failure {
    /// An output that the system refuses, with the system's reason.
    static func unwritable(_ path: String) -> Failure {
        let reason = String(cString: strerror(errno))
        return Failure(
            code: "CANNOT_WRITE", file: path, message: "expected to write here, found: \(reason)",
            remedy: "check free space and permissions of the folder", exit: .outputFailed)
    }

    static func unreadable(_ path: String) -> Failure {
        let missing = !FileManager.default.fileExists(atPath: path)
        return Failure(
            code: missing ? "NOT_FOUND" : "UNREADABLE", file: path,
            message: "expected a readable file, found \(missing ? "nothing" : "no permission or not a file")",
            remedy: missing ? "check the path" : "check that it is a file and may be read", exit: .inputMissing)
    }
}
