import Foundation
import Testing

/// Input that can't be used: the right exit code, four lines that say what and where, and nothing left behind.
struct BadInputTests {
    private let screen: SmallScreen
    private let temporary: TemporaryFolder

    init() throws {
        screen = try SmallScreen.shared.get()
        temporary = try TemporaryFolder()
    }

    private func file(_ name: String, _ data: Data) throws -> String {
        try data.write(to: temporary.url.appendingPathComponent(name))
        return temporary.path(name)
    }

    private func file(_ name: String, _ text: String) throws -> String { try file(name, Data(text.utf8)) }

    /// Runs a configuration and looks at what it left.
    private func run(_ configuration: String, _ arguments: [String] = []) throws -> Binary.Result {
        let output = temporary.path("out")
        let result = try Binary.run(["run", configuration, "-o", output] + arguments)
        expectNothingHalfWritten(in: temporary.url.path)
        return result
    }

    // MARK: Files that are not what they should be

    @Test func aMissingFile() throws {
        let missing = temporary.path("missing.h5ad")
        expectFourLines(try Binary.run(["inspect", missing]), status: 66, code: "NOT_FOUND", in: missing)
        try expectJSONError(try Binary.run(["inspect", missing, "--json"]), status: 66, code: "NOT_FOUND")
        let configuration = try file("config.yaml", "input: missing.h5ad\n")
        expectFourLines(try run(configuration), status: 66, code: "NOT_FOUND", in: missing)
        #expect(!FileManager.default.fileExists(atPath: temporary.path("out")), "a folder was made for nothing")
    }

    @Test func aMissingConfiguration() throws {
        let missing = temporary.path("missing.yaml")
        expectFourLines(try run(missing), status: 66, code: "NOT_FOUND", in: missing)
    }

    @Test func aFolderGivenAsFile() throws {
        _ = try file("notes.txt", "nothing of ours")
        let folder = temporary.url.path
        expectFourLines(try Binary.run(["inspect", folder]), status: 66, code: "IS_DIRECTORY", in: folder)
        expectFourLines(try run(folder), status: 66, code: "UNREADABLE", in: folder)
        let configuration = try file("config.yaml", "input: .\n")
        expectFourLines(try run(configuration), status: 66, code: "IS_DIRECTORY", in: folder)
    }

    @Test func aWebPageNamedH5AD() throws {
        let page = try file("page.h5ad", "<!DOCTYPE html>\n<html><body>Not found</body></html>\n")
        expectFourLines(
            try Binary.run(["inspect", page]), status: 65, code: "NOT_HDF5", in: page, says: "HTML page")
        let configuration = try file("config.yaml", "input: page.h5ad\n")
        expectFourLines(try run(configuration), status: 65, code: "NOT_HDF5", in: page)
    }

    @Test func anEmptyFile() throws {
        for name in ["empty.h5ad", "empty.csv"] {
            let empty = temporary.path(name)
            _ = FileManager.default.createFile(atPath: empty, contents: nil)
            expectFourLines(try Binary.run(["inspect", empty]), status: 65, code: "EMPTY_FILE", in: empty)
        }
    }

    @Test func aTruncatedH5AD() throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: screen.path("screen.h5ad")))
        for length in [100, whole.count / 2, whole.count - 1] {
            let short = try file("short.h5ad", whole.prefix(length))
            expectFourLines(try Binary.run(["inspect", short]), status: 65, code: "TRUNCATED", in: short)
        }
        try expectJSONError(
            try Binary.run(["inspect", "--json", temporary.path("short.h5ad")]), status: 65, code: "TRUNCATED")
    }

    @Test func aScreenWithoutControls() throws {
        let without = screen.path("config.yaml")
        expectFourLines(
            try run(without, ["--set", "screen.where={perturbation: [drug1, drug2, drug3]}"]), status: 65,
            code: "NO_CONTROLS", in: "perturbation", says: "drug1")
        expectFourLines(
            try run(without, ["--set", "screen.controlLabels=[vehicle]"]), status: 65, code: "NO_CONTROLS",
            says: "vehicle")
    }

    // MARK: Configurations

    @Test func anUnknownKeyIsNamedWithItsLineAndTheKnownOnes() throws {
        let configuration = try screen.configuration("unknown.yaml", replacing: "heldOut", by: "heldout")
        let result = try run(configuration)
        expectFourLines(
            result, status: 78, code: "BAD_CONFIGURATION", in: "unknown.yaml, line 5", says: "'split.heldout'")
        #expect(result.error.contains("known keys here: division, file, fold, fraction, heldOut, heldOutCells, seed"))
        #expect(!FileManager.default.fileExists(atPath: temporary.path("out")))
        try expectJSONError(try run(configuration, ["--json"]), status: 78, code: "BAD_CONFIGURATION")
    }

    @Test(arguments: [
        ("{draws: 4,", "{draws: many,", "whole number"),
        ("fit: {responses", "fit: {method: magic, responses", "responses, published"),
        (
            "fit: {responses", "fit: {ensembleSize: 5, responses",
            "method, network, networkOddsFactor, priorMechanisms, published, responses"
        ),
        ("predict: {cells: 10}", "predict: 10", "section of keys"),
        ("heldOut: [drug2]", "heldOut: {drug: 2}", "a list"),
        ("scale: counts", "scale: feet", "counts, log1p"),
        ("  topGenes: 12", " topGenes 12", ""),
    ])
    func aValueOfTheWrongKind(text: String, replacement: String, expected: String) throws {
        let name = "kind-\(replacement.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }).yaml"
        let configuration = try screen.configuration(name, replacing: text, by: replacement)
        expectFourLines(
            try run(configuration), status: 78, code: "BAD_CONFIGURATION", in: "\(name), line ", says: expected)
    }

    @Test(arguments: [
        "fit.responses.draws=0", "fit.responses.particles=1", "predict.cells=-1", "predict.cells=1000000000000",
        "preprocess.topGenes=-1", "structure.coverage=0", "structure.genesAtOnce=-1",
        "split.heldOut=[nobody]",
    ])
    func aSettingOutOfRange(setting: String) throws {
        let result = try run(screen.path("config.yaml"), ["--set", setting])
        #expect(result.status == 78)
        let lines = result.error.split(separator: "\n").suffix(4)
        #expect(lines.first?.hasPrefix("error: the configuration can't be used (") == true)
        #expect(lines.dropFirst().first?.contains("config.yaml") == true, "\(result.error)")
    }

    @Test func anUnknownPerturbationHeldOut() throws {
        let configuration = try screen.configuration("nobody.yaml", replacing: "[drug2]", by: "[drug2, nobody]")
        expectFourLines(
            try run(configuration), status: 78, code: "UNKNOWN_PERTURBATIONS", in: "nobody.yaml", says: "nobody")
    }

    @Test func wrongUsage() throws {
        expectFourLines(try Binary.run(["run"]), status: 64, code: "USAGE")
        expectFourLines(try Binary.run(["run", screen.path("config.yaml")]), status: 64, code: "USAGE")
        expectFourLines(try Binary.run(["inspect", "a", "--threads", "0"]), status: 64, code: "USAGE")
        expectFourLines(try Binary.run(["inspect", "a", "--nonsense"]), status: 64, code: "USAGE")
        expectFourLines(try run(screen.path("config.yaml"), ["--resume"]), status: 66, code: "NOT_FOUND")
    }

    // MARK: Features

    @Test func aMissingFeatureTable() throws {
        let configuration = try screen.configuration("nofeatures.yaml", replacing: "features.tsv", by: "none.tsv")
        expectFourLines(try run(configuration), status: 66, code: "NOT_FOUND", in: "none.tsv")
    }

    @Test func aFeatureTableThatMatchesNothing() throws {
        let table = try file("other.tsv", "perturbation\tfeature\nthis\t1\nthat\t2\n")
        let configuration = try screen.configuration("other.yaml", replacing: "features.tsv", by: table)
        let result = try run(configuration)
        #expect(result.status == 65)
        expectFourLines(result, status: 65, code: "NO_FEATURES_MATCH", in: table)
    }

    @Test func aFeatureTableWithAWordForANumber() throws {
        let table = try file("words.tsv", "perturbation\n")
        let configuration = try screen.configuration("words.yaml", replacing: "features.tsv", by: table)
        let result = try run(configuration)
        #expect(result.status == 65)
        #expect(result.error.contains("\n  try: "))
    }

    /// With RDKit they give fingerprints, and a drug whose structure is nonsense is left out, which is said; without it,
    /// an error that says so.
    @Test func structuresAsSMILES() throws {
        let smiles = ["CCO", "c1ccccc1", "CC(=O)O", "CCN", "CC(C)O", "C1(("]
        let rows = smiles.enumerated().map { "drug\($0 + 1)\t\($1)\n" }.joined()
        let table = try file("smiles.tsv", "perturbation\tsmiles\n" + rows)
        let configuration = try screen.configuration("smiles.yaml", replacing: "features.tsv", by: table)
        let result = try run(configuration)
        if result.error.contains("RDKIT_UNAVAILABLE") {
            expectFourLines(result, status: 65, code: "RDKIT_UNAVAILABLE", in: table, says: "RDKit")
        } else {
            #expect(result.status == 0, "\(result.error)")
            #expect(FileManager.default.fileExists(atPath: temporary.path("out/report.html")))
            let notes = result.error.split(separator: "\n").filter { $0.hasPrefix("note: ") }
            #expect(notes.contains { $0.contains("drug6") }, "\(result.error)")
        }
    }
}
