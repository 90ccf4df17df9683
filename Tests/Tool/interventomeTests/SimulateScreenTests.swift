import Foundation
import Testing

/// `simulate screen --preset gim`: its files, their bytes, and that the other verbs take them.
struct SimulateScreenTests {
    private let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    private static let small = [
        "drugs=6", "heldOutDrugs=2", "controlCells=80", "cellsPerCondition=10", "testCellsPerCondition=4",
        "causalGenes=8", "heldOutDoses=[0.75]", "features=6",
    ].flatMap { ["--set", $0] }

    private func simulate(_ output: String, _ arguments: [String] = []) throws -> Binary.Result {
        try Binary.run(
            ["simulate", "screen", "--preset", "gim", "-o", temporary.path(output)] + Self.small + arguments)
    }

    @Test(arguments: ["linear", "perceptron"]) func theSameSeedTheSameBytes(_ mechanism: String) throws {
        for (name, arguments) in [("a", ["--threads", "1"]), ("b", ["--threads", "2"]), ("c", ["--seed", "1"])] {
            let result = try simulate(name, ["--set", "mechanism=\(mechanism)"] + arguments)
            #expect(result.status == 0, "\(result.error)")
        }
        let (a, b, c) = (
            try Snapshot(temporary.path("a")), try Snapshot(temporary.path("b")), try Snapshot(temporary.path("c"))
        )
        #expect(
            Set(a.files.keys)
                == ["screen.h5ad", "features.tsv", "test.h5ad", "test.tsv", "truth.json", "edges.tsv"])
        #expect(Snapshot.differences(a, b).isEmpty)
        #expect(Set(Snapshot.differences(a, c)) == Set(a.files.keys))
        let truth = String(decoding: try #require(a.files["truth.json"]), as: UTF8.self)
        #expect(truth.contains(#""hidden""#) == (mechanism == "perceptron"))
    }

    /// Fitted on values as they are; every treatment of the test can be asked for, also of drugs that were never seen.
    @Test func fitAndPredictTakeIt() throws {
        #expect(try simulate("world").status == 0)
        let fitted = try Binary.run(
            [
                "fit", temporary.path("world/screen.h5ad"), "--features", temporary.path("world/features.tsv"), "-o",
                temporary.path("model"),
            ]
                + ["draws=4", "particles=100"].flatMap { ["--set", "fit.responses.\($0)"] })
        #expect(fitted.status == 0, "\(fitted.error)")
        let predicted = try Binary.run([
            "predict", temporary.path("model"), "--perturbations", temporary.path("world/test.tsv"), "-o",
            temporary.path("predicted.h5ad"),
        ])
        #expect(predicted.status == 0, "\(predicted.error)")
        let lines = try String(contentsOfFile: temporary.path("predicted.shifts.tsv"), encoding: .utf8)
            .split(separator: "\n").dropFirst()
        // 6 drugs at one other dose, 2 other drugs at 4 doses; 8 genes each.
        let asked = Set(lines.map { $0.split(separator: "\t").prefix(2).joined(separator: " ") })
        #expect(asked.count == 6 + 2 * 4 && lines.count == asked.count * 8)
        #expect(asked.contains("drug1 0.75") && asked.contains("drug8 2.0"))
    }

    /// With the published form of the model.
    @Test func runTakesIt() throws {
        #expect(try simulate("world").status == 0)
        let yaml = """
            input: world/screen.h5ad
            features: world/features.tsv
            truth: world/truth.json
            split: {heldOut: [drug3]}
            fit: {method: published, published: {ensembleSize: 1, structureSteps: 40, refinementSteps: 20}}
            predict: {cells: 10}

            """
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: temporary.path("config.yaml")))
        let result = try Binary.run(["run", temporary.path("config.yaml"), "-o", temporary.path("run")])
        #expect(result.status == 0, "\(result.error)")
        #expect(FileManager.default.fileExists(atPath: temporary.path("run/recovery.json")))
    }

    /// Each refusal names the setting, and nothing is left behind.
    @Test(arguments: [
        ("heldOutDoses=[0.5]", "OPTION", "heldOutDoses"), ("heldOutDoses=[-1]", "OPTION", "heldOutDoses"),
        ("heldOutDrugs=-1", "OPTION", "heldOutDrugs"), ("testCellsPerCondition=-1", "OPTION", "testCellsPerCondition"),
        ("testCellsPerCondition=9000000", "OPTION", "testCellsPerCondition"),
        ("measurement=reads", "BAD_CONFIGURATION", "measurement"),
        ("targetSharing=some", "BAD_CONFIGURATION", "targetSharing"), ("graph=geometric", "OPTION", "graph"),
    ]) func settingsOutOfRange(_ setting: String, _ code: String, _ name: String) throws {
        expectFourLines(try simulate("bad", ["--set", setting]), status: 78, code: code, says: name)
        #expect(!FileManager.default.fileExists(atPath: temporary.path("bad")))
    }

    /// Of 400 genes with 20 regulators each many lie more than 30 in a row, each with a weight of 100/√20 = 22: 1e40 is
    /// beyond a Float.
    @Test func valuesThatOverflow() throws {
        let result = try simulate(
            "bad",
            ["standardised=false", "weights=[100, 100]", "causalGenes=400", "edgesPerGene=20"]
                .flatMap { ["--set", $0] })
        expectFourLines(result, status: 78, code: "OPTION", says: "weights")
        #expect(!FileManager.default.fileExists(atPath: temporary.path("bad")))
    }

    @Test func unknownPresets() throws {
        let result = try Binary.run(["simulate", "screen", "--preset", "gin", "-o", temporary.path("bad")])
        #expect(result.status == 64 && result.error.contains("--preset"))
    }
}
