import Foundation

/// The folder of one run: its artifacts, and a record for each stage by which an unchanged stage is skipped.
///
/// A stage writes into a scratch folder. When it is through, its record is removed, the outputs are renamed into the run
/// folder, and the new record is written: a stage without a record is not done, whenever the process was stopped.
struct RunFolder {
    let path: String

    /// What a finished stage leaves behind in `stages/NAME.json`.
    struct Record: Codable, Equatable {
        static let currentSchema = 1
        var schema = Record.currentSchema
        var stage: String
        /// SHA-256 over everything the stage depends on.
        var key: String
        /// SHA-256 of each output by its path in the run folder.
        var outputs: [String: String]
    }

    /// The folder, which need not be there yet. One that holds something else is refused.
    init(path: String) throws(Failure) {
        self.path = path
        var isDirectory: ObjCBool = false
        let manager = FileManager.default
        if manager.fileExists(atPath: path, isDirectory: &isDirectory) {
            let contents = (try? manager.contentsOfDirectory(atPath: path)) ?? []
            let isOurs = contents.contains("stages") || contents.allSatisfy { $0.hasPrefix(".") }
            guard isDirectory.boolValue, isOurs else {
                throw Failure(
                    code: "OUTPUT_EXISTS", file: path,
                    message: "expected a new folder or one of an earlier run, found "
                        + (isDirectory.boolValue ? "a folder with other files" : "a file"),
                    remedy: "choose another folder", exit: .outputFailed)
            }
        }
    }

    /// Makes the folder where it is missing, keeps other runs out of it while `body` works, and removes what one that was
    /// killed left behind.
    func holding<Result>(_ body: () throws -> Result) throws -> Result {
        let manager = FileManager.default
        do {
            try manager.createDirectory(atPath: file("stages"), withIntermediateDirectories: true)
        } catch {
            throw Failure.unwritable(path)
        }
        guard access(path, W_OK) == 0 else { throw Failure.unwritable(path) }
        let lock = open(file("stages"), O_RDONLY)
        defer { close(lock) }
        // Not every file system knows locks; only one that is taken stops us.
        if flock(lock, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            throw Failure(
                code: "IN_USE", file: path, message: "expected a folder for this run alone, found another run at work",
                remedy: "wait until it has ended, or choose another folder", exit: .outputFailed)
        }
        for folder in [path, file("stages")] {
            for name in (try? manager.contentsOfDirectory(atPath: folder)) ?? [] where name.hasPrefix(".partial-") {
                try? manager.removeItem(atPath: folder.appending(file: name))
            }
        }
        return try body()
    }

    /// Removes the records of all stages, so that none counts as done.
    func forget() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: file("stages"))) ?? [] {
            try? FileManager.default.removeItem(atPath: file("stages/\(name)"))
        }
    }

    func file(_ name: String) -> String { path + "/" + name }

    private func recordFile(_ stage: String) -> String { file("stages/\(stage).json") }

    /// The record of a stage that is done with this key and whose outputs are all there unchanged.
    func finished(_ stage: String, key: String) -> Record? {
        guard
            let data = FileManager.default.contents(atPath: recordFile(stage)),
            let record = try? CanonicalJSON.decode(Record.self, from: data),
            record.schema == Record.currentSchema, record.key == key,
            record.outputs.allSatisfy({ (try? Fingerprint.ofFile(file($0.key))) == $0.value })
        else { return nil }
        return record
    }

    /// Runs a stage: `body` fills the scratch folder with what shall stand in the run folder.
    func perform(_ stage: String, key: String, body: (_ scratch: String) throws -> Void) throws -> Record {
        let manager = FileManager.default
        let scratch = file(".partial-\(stage)")
        return try Interruption.guarding(scratch) {
            try? manager.removeItem(atPath: scratch)
            do {
                try manager.createDirectory(atPath: scratch, withIntermediateDirectories: true)
            } catch {
                throw Failure.unwritable(scratch)
            }
            defer { try? manager.removeItem(atPath: scratch) }
            try body(scratch)
            Interruption.waitIfUnderway()
            try? manager.removeItem(atPath: recordFile(stage))
            var outputs: [String: String] = [:]
            let files = (manager.enumerator(atPath: scratch)?.allObjects as? [String] ?? []).sorted()
            for name in files {
                var isDirectory: ObjCBool = false
                _ = manager.fileExists(atPath: scratch + "/" + name, isDirectory: &isDirectory)
                if !isDirectory.boolValue { outputs[name] = try Fingerprint.ofFile(scratch + "/" + name) }
            }
            for entry in (try? manager.contentsOfDirectory(atPath: scratch)) ?? [] {
                try? manager.removeItem(atPath: file(entry))
                guard rename(scratch + "/" + entry, file(entry)) == 0 else { throw Failure.unwritable(file(entry)) }
            }
            let record = Record(stage: stage, key: key, outputs: outputs)
            try OutputFile.write(CanonicalJSON.encode(record, pretty: true), to: recordFile(stage))
            return record
        }
    }
}
