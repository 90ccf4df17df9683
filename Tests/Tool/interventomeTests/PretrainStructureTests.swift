import Foundation
import Testing

/// `pretrain structure` from configuration to weights, in trainings of a moment.
@Suite(.serialized)
struct PretrainStructureTests {
    /// Two domains: one with edges, one without.
    private static let configuration = """
        network: {kind: KIND}
        genes: [3, 4]
        cells: [30, 40]
        steps: 6
        warmupSteps: 1
        worldsPerStep: 2
        validationInterval: 3
        validationWorlds: 2
        validationGenes: 4
        validationCells: 30
        calibrationWorlds: 8
        domains:
          - {name: linear, worlds: WORLDS, isInterventional: true}
          - {name: shuffled, worlds: WORLDS, isInterventional: false, isPermuted: true}

        """

    /// Settings of worlds in full, as a domain of a configuration gives them.
    private static let worlds = """
        {genes: 4, observationalCells: 20, interventionalCells: 20, graphs: [erdosRenyi], mechanisms: [linear], \
        interventions: hard, targets: [all], interventionValues: [[1, 3]]}
        """

    private let temporary: TemporaryFolder
    private var output: String { temporary.path("net.safetensors") }

    init() throws { temporary = try TemporaryFolder() }

    private func call(kind: String, _ settings: [String] = []) throws -> [String] {
        let file = temporary.path("\(kind).yaml")
        let text = Self.configuration.replacingOccurrences(of: "KIND", with: kind)
            .replacingOccurrences(of: "WORLDS", with: Self.worlds)
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return ["pretrain", "structure", "--config", file, "-o", output] + settings.flatMap { ["--set", $0] }
    }

    private func files() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: temporary.url.path))
    }

    /// Each kind with small sizes: weights that can be shown and used, and how the training went.
    @Test(arguments: [
        ("pairwise", ["network.width=8", "network.blocks=1", "network.heads=2", "network.triangleWidth=4"]),
        (
            "avici",
            ["network.layers=1", "network.width=8", "network.heads=2", "network.keySize=4", "network.outputs=8"]
        ),
    ])
    func weightsHistoryAndCurve(kind: String, sizes: [String]) throws {
        let result = try Binary.run(call(kind: kind, sizes) + ["--progress", "jsonl"])
        #expect(result.status == 0, "\(result.error)")
        #expect(
            try files() == [
                "\(kind).yaml", "net.safetensors", "net.card.json", "net.history.tsv", "net.learning.svg",
            ])
        let lines = try String(contentsOfFile: temporary.path("net.history.tsv"), encoding: .utf8)
            .split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        #expect(lines[0] == TrainingTable.columns)
        #expect(lines.dropFirst().map { $0[0] + $0[4] } == ["3linear", "3shuffled", "6linear", "6shuffled"])
        #expect(lines[4][6] == "0.0" && Double(lines[4][7]) ?? 0 > 0)
        let events = try ProgressTests.events(result.error)
        let words = events.compactMap { $0["message"] as? String } + events.compactMap { $0["outcome"] as? String }
        for part in ["worlds/s", "loss", "left", "simulation", "waiting", "linear 0.", "shuffled cross-entropy"] {
            #expect(words.contains { $0.contains(part) }, "\(part)")
        }
        let shown = try Binary.run(["weights", "show", output])
        #expect(shown.status == 0 && shown.output.contains("network       \(kind), 1 "), "\(shown.error)")
        for part in [
            "12 worlds, 6 steps", "linear 50 %", "shuffled: no edges", "expected calibration error", "limits ",
        ] {
            #expect(shown.output.contains(part), "\(part) in \(shown.output)")
        }
    }

    @Test func configurationsThatCannotBe() throws {
        for (settings, element, says) in [
            (["network.kind=perceptron"], "--set network.kind", "pairwise, avici"),
            (["network.layers=2"], "--set network.layers", "network.layers"),
            (["curriculum=[{untilStep: 3, genes: [3, 4]}]"], "--set curriculum", "cells"),
            (["decaySteps=6"], "decaySteps", "0 to 5 expected, found 6"),
            (["genesPower=-1"], "genesPower", "found -1"),
            (["optimiser.learningRate=-0.1"], "optimiser.learningRate", "found -0.1"),
            (["optimiser.epsilon=.nan"], "--set optimiser.epsilon", "found '.nan'"),
        ] {
            expectFourLines(
                try Binary.run(call(kind: "pairwise", settings)), status: 78,
                code: element.hasPrefix("--set") ? "BAD_CONFIGURATION" : "OPTION", in: element, says: says)
        }
        #expect(try files() == ["pairwise.yaml"])
    }

    /// Hours of training may lie in the checkpoint; what stands beside the weights is replaced no more than they are.
    @Test(arguments: ["net.safetensors.checkpoint", "net.card.json", "net.history.tsv", "net.learning.svg"])
    func whatIsThereIsKept(name: String) throws {
        try Data("mine".utf8).write(to: URL(fileURLWithPath: temporary.path(name)))
        let result = try Binary.run(call(kind: "pairwise") + ["-q"])
        expectFourLines(
            result, status: 73, code: "OUTPUT_EXISTS", in: name,
            says: name.hasSuffix("checkpoint") ? "--resume to go on from it" : "--force to replace it")
        #expect(try String(contentsOfFile: temporary.path(name), encoding: .utf8) == "mine")
        #expect(try files() == ["pairwise.yaml", name])
    }

    /// A signal writes a checkpoint; the training goes on from it to the bytes of one that was not stopped.
    @Test func aSignalWritesACheckpoint() throws {
        let settings = ["network.width=8", "network.blocks=1", "network.heads=2", "steps=400", "calibrationWorlds=0"]
        let call = try call(kind: "pairwise", settings)
        let whole = try Binary.run(call + ["--quiet", "--force"])
        #expect(whole.status == 0, "\(whole.error)")
        let expected = try weightBytes()
        let curve = temporary.path("net.history.tsv")
        try FileManager.default.removeItem(atPath: curve)
        let (process, out, error) = try Binary.start(call + ["--quiet", "--force"])
        let deadline = Date().addingTimeInterval(60)
        while !FileManager.default.fileExists(atPath: curve), process.isRunning, Date() < deadline { usleep(1000) }
        kill(process.processIdentifier, SIGTERM)
        let stopped = Binary.wait(for: process, out, error)
        expectFourLines(stopped, status: 75, code: "INTERRUPTED", in: ".checkpoint", says: "--resume")
        #expect(try files().contains("net.safetensors.checkpoint"))
        let resumed = try Binary.run(call + ["--quiet", "--force", "--resume"])
        #expect(resumed.status == 0, "\(resumed.error)")
        #expect(try weightBytes() == expected)
        #expect(try !files().contains("net.safetensors.checkpoint"))
    }

    /// Of the tensors: the card has the seconds that training took.
    private func weightBytes() throws -> Data {
        let data = try Data(contentsOf: URL(fileURLWithPath: output))
        let header = data.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
        return data.dropFirst(8 + header)
    }

    private enum TrainingTable {
        static let columns = [
            "step", "worlds", "seconds", "loss", "domain", "average_precision", "prevalence", "cross_entropy",
        ]
    }
}
