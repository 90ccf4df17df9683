import Foundation
import Testing

/// The same seed gives the same bytes; what is done and unchanged is not done again.
struct ReproducibilityTests {
    private let screen: SmallScreen
    private let temporary: TemporaryFolder

    init() throws {
        screen = try SmallScreen.shared.get()
        temporary = try TemporaryFolder()
    }

    private func run(into output: String, _ arguments: [String] = []) throws -> Binary.Result {
        let result = try Binary.run(
            ["run", screen.path("config.yaml"), "-o", output, "--progress", "jsonl"] + arguments)
        #expect(result.status == 0, "\(result.error)")
        return result
    }

    /// The stages that a run did, not those it found done.
    private func stagesDone(_ result: Binary.Result) throws -> [String] {
        try ProgressTests.events(result.error).filter {
            $0["event"] as? String == "end" && $0["outcome"] as? String != "done already"
        }.compactMap { $0["stage"] as? String }
    }

    @Test(arguments: ["1", "2"])
    func sameBytesAtAnyNumberOfThreads(threads: String) throws {
        _ = try run(into: temporary.path("run"), ["--threads", threads])
        let differences = Snapshot.differences(
            try Snapshot(temporary.path("run")), try Snapshot(screen.path("run")))
        #expect(differences.isEmpty)
    }

    @Test func anotherSeedGivesOtherBytes() throws {
        _ = try run(into: temporary.path("run"), ["--seed", "1"])
        let differences = Snapshot.differences(
            try Snapshot(temporary.path("run")), try Snapshot(screen.path("run")))
        #expect(differences.contains("model/model.safetensors"))
        #expect(differences.contains("predictions.h5ad"))
        // What depends on no random choice stays as it is.
        #expect(!differences.contains("read.json"))
    }

    @Test func theSameSimulation() throws {
        for (name, seed) in [("same", "0"), ("other", "1")] {
            let result = try Binary.run(
                ["simulate", "screen", "-o", temporary.path(name), "--seed", seed, "--threads", "1"] + SmallScreen.size)
            #expect(result.status == 0)
        }
        let (same, other) = (try Snapshot(temporary.path("same")), try Snapshot(temporary.path("other")))
        #expect(Set(same.files.keys) == ["screen.h5ad", "features.tsv", "truth.json", "edges.tsv"])
        for (name, bytes) in same.files {
            let first = try Data(contentsOf: URL(fileURLWithPath: screen.path(name)))
            #expect(bytes == first, "\(name)")
            #expect(other.files[name] != bytes, "\(name)")
        }
    }

    @Test func aSecondRunDoesNothing() throws {
        let output = try screen.copyOfRun(in: temporary)
        let started = Date()
        #expect(try stagesDone(try run(into: output)) == [])
        #expect(Date().timeIntervalSince(started) < 5)
        #expect(try stagesDone(try run(into: output, ["--resume", "--threads", "1"])) == [])
        let differences = Snapshot.differences(try Snapshot(output), try Snapshot(screen.path("run")))
        #expect(differences.isEmpty)
        let plan = try Binary.run(["run", screen.path("config.yaml"), "-o", output, "--dry-run"])
        #expect(plan.output.split(separator: "\n").allSatisfy { $0.hasSuffix(": done") })
    }

    @Test func forceRepeatsEverything() throws {
        let output = try screen.copyOfRun(in: temporary)
        #expect(try stagesDone(try run(into: output, ["--force"])).count == 7)
        #expect(try differences(output).isEmpty)
    }

    @Test func anOptionRepeatsOnlyWhatItTouches() throws {
        let output = try screen.copyOfRun(in: temporary)
        let changed = try run(into: output, ["--set", "fit.responses.interventionDraws=6"])
        #expect(try stagesDone(changed) == ["fit", "predict", "explain", "report"])
        // And back again, to the bytes of before.
        #expect(try stagesDone(try run(into: output)) == ["fit", "predict", "explain", "report"])
        #expect(try differences(output).isEmpty)
        #expect(try stagesDone(try run(into: output, ["--set", "title=Another title"])) == ["report"])
    }

    @Test(arguments: [("screen.h5ad", "preprocess"), ("edges.tsv", "structure"), ("model/model.json", "fit")])
    func aTamperedArtifactIsMadeAnew(name: String, stage: String) throws {
        let output = try screen.copyOfRun(in: temporary)
        let url = URL(fileURLWithPath: output + "/" + name)
        var bytes = try Data(contentsOf: url)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: url)
        #expect(try stagesDone(try run(into: output)) == [stage])
        #expect(try differences(output).isEmpty)
    }

    @Test func aDryRunMakesNothing() throws {
        let result = try Binary.run(
            ["run", screen.path("config.yaml"), "-o", temporary.path("run"), "--dry-run"])
        #expect(result.status == 0)
        #expect(
            result.output.split(separator: "\n") == [
                "read: to do", "preprocess: to do", "structure: to do", "fit: to do", "predict: to do",
                "explain: to do", "report: to do",
            ])
        #expect(!FileManager.default.fileExists(atPath: temporary.path("run")))
    }

    /// Artifacts in which a run differs from the first one.
    private func differences(_ output: String) throws -> [String] {
        Snapshot.differences(try Snapshot(output), try Snapshot(screen.path("run")))
    }
}
