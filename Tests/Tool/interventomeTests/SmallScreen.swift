import Foundation
import Testing

/// A drug screen that is simulated once for all tests (6 drugs of 3 classes × 3 doses, 260 cells, 28 genes), with a
/// configuration of few draws and one run of it.
final class SmallScreen: Sendable {
    static let shared = Result { try SmallScreen() }

    /// Holds `screen.h5ad`, `features.tsv`, `truth.json`, `edges.tsv`, `config.yaml` and the finished run `run`.
    let folder: URL

    static let yaml = """
        input: screen.h5ad
        features: features.tsv
        truth: truth.json
        split:
          heldOut: [drug2]
        preprocess:
          topGenes: 12
          scale: counts
        fit: {responses: {draws: 4, restarts: 1}}
        predict: {cells: 10}

        """

    static let size = [
        "drugs=6", "classes=3", "cellsPerCondition=10", "controlCells=80", "backgroundGenes=20", "causalGenes=8",
    ].flatMap { ["--set", $0] }

    private init() throws {
        let parent = FileManager.default.temporaryDirectory
        folder = parent.appendingPathComponent("interventome-screen-\(ProcessInfo.processInfo.processIdentifier)")
        let simulated = try Binary.run(["simulate", "screen", "-o", folder.path, "--force"] + Self.size)
        try #require(simulated.status == 0, "\(simulated.error)")
        try Data(Self.yaml.utf8).write(to: folder.appendingPathComponent("config.yaml"))
        let finished = try Binary.run(["run", path("config.yaml"), "-o", path("run")])
        try #require(finished.status == 0, "\(finished.error)")
        // The tests' process ends without removing what it shares.
        atexit {
            if let screen = try? SmallScreen.shared.get() { try? FileManager.default.removeItem(at: screen.folder) }
        }
    }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// A configuration beside the screen: the usual one with `text` replaced.
    func configuration(_ name: String, replacing text: String, by replacement: String) throws -> String {
        try #require(Self.yaml.contains(text))
        let changed = Self.yaml.replacingOccurrences(of: text, with: replacement)
        try Data(changed.utf8).write(to: folder.appendingPathComponent(name))
        return path(name)
    }

    /// A copy of the finished run, to be changed.
    func copyOfRun(in temporary: TemporaryFolder) throws -> String {
        try FileManager.default.copyItem(atPath: path("run"), toPath: temporary.path("run"))
        return temporary.path("run")
    }
}

/// The bytes of every file below a folder by its path there.
struct Snapshot: Equatable {
    private(set) var files: [String: Data] = [:]

    /// - Parameter excluded: Names of files to leave out; `run.log` holds times.
    init(_ folder: String, excluding excluded: Set<String> = ["run.log"]) throws {
        for name in Self.names(in: folder) where !excluded.contains((name as NSString).lastPathComponent) {
            files[name] = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
        }
    }

    /// All files and folders below `folder`, sorted; folders end in `/`.
    static func names(in folder: String, foldersToo: Bool = false) -> [String] {
        let names = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
        return names.compactMap { name in
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: folder + "/" + name, isDirectory: &isDirectory)
            return isDirectory.boolValue ? (foldersToo ? name + "/" : nil) : name
        }.sorted()
    }

    /// The files in which two snapshots differ.
    static func differences(_ one: Snapshot, _ other: Snapshot) -> [String] {
        Set(one.files.keys).union(other.files.keys).filter { one.files[$0] != other.files[$0] }.sorted()
    }
}

/// Nothing half-written below a folder: no scratch files and no empty files.
func expectNothingHalfWritten(in folder: String, sourceLocation: SourceLocation = #_sourceLocation) {
    for name in Snapshot.names(in: folder, foldersToo: true) {
        #expect(!name.contains(".partial"), sourceLocation: sourceLocation)
        let size = (try? FileManager.default.attributesOfItem(atPath: folder + "/" + name))?[.size] as? Int
        #expect(name.hasSuffix("/") || size != 0, "\(name) is empty", sourceLocation: sourceLocation)
    }
}

/// The four lines of an error, and nothing else behind its first line.
func expectFourLines(
    _ result: Binary.Result, status: Int32, code: String, in place: String = "", says: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(result.status == status, "\(result.error)", sourceLocation: sourceLocation)
    #expect(result.output.isEmpty, sourceLocation: sourceLocation)
    // Progress and notes may stand before the error.
    let lines = result.error.split(separator: "\n", omittingEmptySubsequences: false).dropLast().suffix(4).map(
        String.init)
    #expect(result.error.hasSuffix("\n"), sourceLocation: sourceLocation)
    guard lines.count == 4 else {
        Issue.record("expected four lines, found \(result.error)", sourceLocation: sourceLocation)
        return
    }
    for (line, start) in zip(lines, ["error: ", "  in: ", "  because: ", "  try: "]) {
        #expect(line.hasPrefix(start) && line.count > start.count, "\(result.error)", sourceLocation: sourceLocation)
    }
    #expect(lines[0].hasSuffix("(\(code))"), "\(result.error)", sourceLocation: sourceLocation)
    #expect(place.isEmpty || lines[1].contains(place), "\(result.error)", sourceLocation: sourceLocation)
    #expect(says.isEmpty || lines[2...].joined().contains(says), "\(result.error)", sourceLocation: sourceLocation)
    #expect(result.error.components(separatedBy: "error: ").count == 2, sourceLocation: sourceLocation)
}

/// The same as one JSON object.
func expectJSONError(
    _ result: Binary.Result, status: Int32, code: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    #expect(result.status == status, "\(result.error)", sourceLocation: sourceLocation)
    #expect(result.output.isEmpty, sourceLocation: sourceLocation)
    let last = try #require(result.error.split(separator: "\n").last)
    let object = try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: [String: Any]]
    let fields = try #require(object?["error"], sourceLocation: sourceLocation)
    #expect(
        Set(fields.keys) == ["code", "file", "element", "message", "remedy"], sourceLocation: sourceLocation)
    #expect(fields["code"] as? String == code, sourceLocation: sourceLocation)
    #expect((fields["message"] as? String)?.isEmpty == false, sourceLocation: sourceLocation)
    #expect((fields["remedy"] as? String)?.isEmpty == false, sourceLocation: sourceLocation)
}
