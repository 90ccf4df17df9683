import Foundation
import Screens

/// The main job: read → preprocess → structure → fit → predict → explain → report.
///
/// Each stage reads the artifacts of earlier stages from the run folder and nothing else, so a run that was interrupted
/// and goes on makes the same bytes as one that was not.
public struct Pipeline {
    let configuration: RunConfiguration
    let folder: RunFolder
    let console: Console

    /// A stage with what decides its outcome.
    struct Stage {
        var name: String
        /// Digests of options, input files and earlier artifacts.
        var inputs: [String]
        /// Fills the scratch folder; says in a few words what came of it.
        var body: (_ scratch: String) throws -> String
    }

    /// - Parameter forgetting: Runs every stage anew, even those that are done.
    public init(_ configuration: RunConfiguration, output: String, console: Console, forgetting: Bool = false) throws {
        try configuration.checkRanges()
        self.configuration = configuration
        self.console = console
        folder = try RunFolder(path: output)
        if forgetting { folder.forget() }
    }

    /// Whether the folder holds a run that can be gone on with.
    public static func canResume(_ output: String) -> Bool {
        FileManager.default.fileExists(atPath: output + "/stages")
    }

    /// What a run would do, stage by stage, without doing it: finished stages are named as such up to the first that is
    /// not.
    public func plan() throws -> [String] {
        var isFinished = true
        return try stages().map { stage in
            isFinished = isFinished && (try? key(of: stage)).flatMap { folder.finished(stage.name, key: $0) } != nil
            return "\(stage.name): \(isFinished ? "done" : "to do")"
        }
    }

    /// Runs what is not done yet and returns the path of the report.
    @discardableResult
    public func run() throws -> String {
        // Missing inputs are told before anything is made.
        let stages = try stages()
        return try folder.holding { try run(stages) }
    }

    private func run(_ stages: [Stage]) throws -> String {
        try OutputFile.write(
            CanonicalJSON.encode(Artifact(schema: 1, content: configuration), pretty: true),
            to: folder.file("configuration.json"))
        for stage in stages {
            console.begin(stage.name)
            let key = try key(of: stage)
            if folder.finished(stage.name, key: key) != nil {
                console.end("done already")
                continue
            }
            var outcome = ""
            do {
                _ = try folder.perform(stage.name, key: key) { outcome = try stage.body($0) }
            } catch {
                throw Failure(reporting: error, file: configuration.input)
            }
            console.end(outcome)
        }
        try OutputFile.write(console.log, to: folder.file("run.log"))
        return folder.file("report.html")
    }

    private func stages() throws -> [Stage] {
        [
            try readStage(), try preprocessStage(), try structureStage(), try fitStage(), try predictStage(),
            try explainStage(), try reportStage(),
        ]
    }

    /// Depends on the version, the stage's own inputs, and the artifacts it reads, as they are now.
    private func key(of stage: Stage) throws -> String {
        Fingerprint.of([Build.version, stage.name, try key(ofInputs: stage.inputs)].joined(separator: "\n"))
    }

    func key(ofInputs inputs: [String]) throws -> String {
        Fingerprint.of(
            try inputs.map { input in
                input.hasPrefix(Self.artifactMark)
                    ? try Fingerprint.ofFile(folder.file(String(input.dropFirst(Self.artifactMark.count)))) : input
            }.joined(separator: "\n"))
    }

    private static let artifactMark = "artifact:"

    /// An input that an earlier stage makes.
    func artifact(_ name: String) -> String { Self.artifactMark + name }

    // MARK: Artifacts

    func decode<Value: Decodable>(_ type: Value.Type, from name: String) throws -> Value {
        let path = folder.file(name)
        guard let data = FileManager.default.contents(atPath: path) else { throw Failure.unreadable(path) }
        do {
            return try CanonicalJSON.decode(type, from: data)
        } catch {
            throw Failure(
                code: "BAD_ARTIFACT", file: path, message: "expected an artifact of this version, found: \(error)",
                remedy: "remove the run folder and run again", exit: .badData)
        }
    }
}

extension String {
    /// A file of this folder.
    func appending(file name: String) -> String { self + "/" + name }
}
