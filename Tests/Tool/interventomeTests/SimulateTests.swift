import Foundation
import Testing

/// `simulate scm` end to end: presets, settings and their limits, many datasets, and what `structure` makes of the file.
struct SimulateTests {
    private let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    private func simulate(_ folder: String, _ arguments: [String]) throws -> Binary.Result {
        try Binary.run(["simulate", "scm", "-o", temporary.path(folder)] + arguments)
    }

    private func truth(_ folder: String) throws -> [String: Any] {
        let data = try Data(contentsOf: URL(fileURLWithPath: temporary.path(folder + "/truth.json")))
        return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private static let small = [
        "--set", "genes=6", "--set", "observationalCells=40", "--set", "interventionalCells=30",
    ]

    @Test func presetsAreOverlaid() throws {
        let config = temporary.path("own.yaml")
        try Data("graphs:\n- family: erdosRenyi\n  edgesPerNode: [2]\ntargets: [3]\ninterventions: shift\n".utf8).write(
            to: URL(fileURLWithPath: config))
        let result = try simulate("own", ["--preset", "rff-ood", "--config", config] + Self.small)
        #expect(result.status == 0, "\(result.error)")
        let truth = try truth("own")
        #expect(truth["graph"] as? String == "erdosRenyi" && truth["mechanism"] as? String == "randomFourier")
        #expect(["laplace", "cauchy"].contains(truth["noise"] as? String))
        #expect(truth["interventions"] as? String == "shift")
        let targets = try #require(truth["targets"] as? [[String: Any]])
        // 30 cells take turns over 3 genes; shifts of ±U(1, 5) are those of the preset.
        #expect(targets.count == 3 && targets.allSatisfy { $0["cells"] as? Int == 10 })
        #expect(targets.allSatisfy { (1...5).contains(abs($0["shift"] as? Double ?? 0)) })
        let inspected = try Binary.run(["inspect", temporary.path("own/data.h5ad"), "--json"])
        #expect(inspected.output.contains(#""cells":70"#) && inspected.output.contains("interventions"))
    }

    @Test func structureReadsWhatIsWritten() throws {
        #expect(try simulate("scm", ["--preset", "linear"] + Self.small).status == 0)
        let edges = temporary.path("found.tsv")
        let result = try Binary.run(["structure", temporary.path("scm/data.h5ad"), "-o", edges])
        #expect(result.status == 0, "\(result.error)")
        let lines = try String(contentsOfFile: edges, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 1 + 6 * 5)
        let planted = try String(contentsOfFile: temporary.path("scm/edges.tsv"), encoding: .utf8)
        #expect(planted.hasPrefix("source\ttarget\tweight\n"))
    }

    @Test func aDatasetDoesNotDependOnTheirNumber() throws {
        #expect(try simulate("one", Self.small).status == 0)
        let several = try simulate("several", ["--datasets", "11", "--json"] + Self.small)
        #expect(several.status == 0 && several.output.hasPrefix(#"{"datasets":11,"secondsADataset":"#))
        func bytes(_ path: String) -> Data? { FileManager.default.contents(atPath: temporary.path(path)) }
        for file in ["data.h5ad", "truth.json", "edges.tsv"] {
            #expect(bytes("one/" + file) != nil)
            #expect(bytes("several/dataset01/" + file) == bytes("one/" + file))
            #expect(bytes("several/dataset11/" + file) != nil)
        }
        #expect(bytes("several/dataset11/data.h5ad") != bytes("several/dataset01/data.h5ad"))
        #expect(try simulate("several", ["--force", "--datasets", "2"] + Self.small).status == 0)
    }

    @Test func knownNetworksGiveModules() throws {
        let file = temporary.path("own.tsv")
        try Data("r\ta\t+\nr\tb\t-\na\tc\t?\nr\td\nd\te\nd\tf\n".utf8).write(to: URL(fileURLWithPath: file))
        for name in ["ecoli", file] {
            let result = try simulate(
                "module", ["--force", "--set", "graphs=[{family: geneNetwork, networks: ['\(name)']}]"] + Self.small)
            #expect(result.status == 0, "\(result.error)")
            #expect(try truth("module")["graph"] as? String == "geneNetwork")
        }
        try Data("r a\n".utf8).write(to: URL(fileURLWithPath: file))
        let setting = "graphs=[{family: geneNetwork, networks: ['\(file)']}]"
        expectFourLines(
            try simulate("module", ["--force", "--set", setting]), status: 65, code: "CSV_RAGGED", in: file)
    }

    /// Each refusal names the setting, and nothing is left behind.
    @Test(arguments: [
        ("genes=0", "OPTION", "genes"), ("genes=5001", "OPTION", "genes"),
        ("observationalCells=-1", "OPTION", "observationalCells"), ("targets=[half]", "BAD_CONFIGURATION", "targets"),
        ("targets=[0]", "BAD_CONFIGURATION", "targets"), ("targets=[200%]", "BAD_CONFIGURATION", "targets"),
        ("interventionValues=[[1, .inf]]", "BAD_CONFIGURATION", "interventionValues"),
        ("interventionValues=[[1, 1e9]]", "OPTION", "interventionValues"),
        ("graphs=[smallWorld]", "BAD_CONFIGURATION", "graphs"),
        ("graphs=[{family: erdosRenyi, powers: [1]}]", "BAD_CONFIGURATION", "graphs"),
        ("graphs=[{family: scaleFree, edgesPerNode: [0.5]}]", "OPTION", "graphs.edgesPerNode"),
        ("graphs=[{family: wattsStrogatz, rewirings: [2]}]", "OPTION", "graphs.rewirings"),
        ("graphs=[{family: stochasticBlock, blocks: [0]}]", "OPTION", "graphs.blocks"),
        ("graphs=[{family: geometric, radii: []}]", "OPTION", "graphs.radii"),
        ("graphs=[{family: geneNetwork, networks: [fly]}]", "OPTION", "graphs.networks"),
        ("mechanisms=[{family: linear, weights: [[1, 1e300]]}]", "OPTION", "mechanisms.weights"),
        ("mechanisms=[{family: linear, noiseScales: [large]}]", "BAD_CONFIGURATION", "mechanisms"),
        ("mechanisms=[{family: randomFourier, lengthScales: [[0, 1]]}]", "OPTION", "mechanisms.lengthScales"),
        ("interventions=soft", "BAD_CONFIGURATION", "interventions"),
    ]) func settingsOutOfRange(_ setting: String, _ code: String, _ name: String) throws {
        let result = try simulate("bad", ["--set", setting])
        expectFourLines(result, status: 78, code: code, says: name)
        #expect(!FileManager.default.fileExists(atPath: temporary.path("bad")))
    }

    /// A folder takes the place of a file with --force, and its name may be as long as names may be.
    @Test func foldersTakeTheirPlace() throws {
        let file = temporary.path("file")
        try Data("kept".utf8).write(to: URL(fileURLWithPath: file))
        expectFourLines(try simulate("file", Self.small), status: 73, code: "OUTPUT_EXISTS")
        #expect(FileManager.default.contents(atPath: file) == Data("kept".utf8))
        let long = String(repeating: "x", count: 255)
        for name in ["file", long] {
            #expect(try simulate(name, ["--force"] + Self.small).status == 0)
            #expect(FileManager.default.fileExists(atPath: temporary.path(name + "/truth.json")))
        }
        #expect(Set(try FileManager.default.contentsOfDirectory(atPath: temporary.url.path)) == ["file", long])
    }

    @Test func wrongUsage() throws {
        for arguments in [["--preset", "linear-odd"], ["--datasets", "0"]] {
            let result = try simulate("bad", arguments)
            #expect(result.status == 64 && result.error.contains(arguments[0]))
        }
    }
}
