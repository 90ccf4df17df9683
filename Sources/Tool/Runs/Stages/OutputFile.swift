import Foundation

/// Writes results under a scratch name in the folder where they belong and renames them when they are whole.
public enum OutputFile {
    /// Refuses an output that exists, unless `force`, and one whose folder can't be written to.
    public static func claim(_ path: String, force: Bool) throws(Failure) {
        if FileManager.default.fileExists(atPath: path), !force {
            throw Failure(
                code: "OUTPUT_EXISTS", file: path, message: "expected a name that is free, found an existing file",
                remedy: "choose another name, or give --force to replace it", exit: .outputFailed)
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else { throw .unwritable(path) }
    }

    /// Has `write` fill a file of a scratch name beside `path`, then gives it its name.
    public static func whole(_ path: String, write: (_ scratch: String) throws -> Void) throws {
        let url = URL(fileURLWithPath: path)
        let scratch = url.deletingLastPathComponent()
            .appendingPathComponent(".partial-\(ProcessInfo.processInfo.processIdentifier)-\(url.lastPathComponent)")
            .path
        try Interruption.guarding(scratch) {
            do {
                try write(scratch)
                guard rename(scratch, path) == 0 else { throw Failure.unwritable(path) }
            } catch {
                try? FileManager.default.removeItem(atPath: scratch)
                throw error
            }
        }
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
