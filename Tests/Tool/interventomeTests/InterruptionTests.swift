import Foundation
import Testing

/// A run that is stopped and goes on ends with the bytes of one that was not.
@Suite(.serialized)
struct InterruptionTests {
    /// Steps enough that the fit can be met at work.
    static let longFit = [
        "fit.method=published", "fit.published.ensembleSize=1", "fit.published.structureSteps=400",
        "fit.published.refinementSteps=100",
    ].flatMap { ["--set", $0] }

    /// The files of a run with the long fit that nobody stopped.
    static let undisturbed = Result {
        let temporary = try TemporaryFolder()
        let screen = try SmallScreen.shared.get()
        let result = try Binary.run(["run", screen.path("config.yaml"), "-o", temporary.path("run")] + longFit)
        try #require(result.status == 0, "\(result.error)")
        return try Snapshot(temporary.path("run"))
    }

    private let temporary: TemporaryFolder
    private let configuration: String
    private var output: String { temporary.path("run") }

    init() throws {
        temporary = try TemporaryFolder()
        configuration = try SmallScreen.shared.get().path("config.yaml")
    }

    /// Starts a run, sends `signal` as soon as `stage` is done and the next one has begun, and waits for the end.
    private func stop(with signal: Int32, after stage: String, _ arguments: [String] = []) throws -> (
        result: Binary.Result, wasKilled: Bool
    ) {
        let (process, out, error) = try Binary.start(
            ["run", configuration, "-o", output, "--quiet"] + Self.longFit + arguments)
        let record = output + "/stages/\(stage).json"
        let deadline = Date().addingTimeInterval(60)
        while !FileManager.default.fileExists(atPath: record), process.isRunning, Date() < deadline { usleep(1000) }
        usleep(20_000)
        kill(process.processIdentifier, signal)
        let result = Binary.wait(for: process, out, error)
        return (result, process.terminationReason == .uncaughtSignal)
    }

    private func expectSameBytes(_ arguments: [String] = []) throws {
        let result = try Binary.run(["run", configuration, "-o", output] + Self.longFit + arguments)
        #expect(result.status == 0, "\(result.error)")
        #expect(result.error.contains("read: done already"))
        let differences = Snapshot.differences(try Snapshot(output), try Self.undisturbed.get())
        #expect(differences.isEmpty)
        expectNothingHalfWritten(in: output)
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func aSignalDuringTheFit(signal: Int32) throws {
        let stopped = try stop(with: signal, after: "structure")
        expectFourLines(stopped.result, status: 75, code: "INTERRUPTED", says: "again")
        expectNothingHalfWritten(in: output)
        #expect(!FileManager.default.fileExists(atPath: output + "/stages/fit.json"))
        #expect(!FileManager.default.fileExists(atPath: output + "/model"))
        try expectSameBytes(signal == SIGTERM ? ["--resume"] : [])
    }

    @Test func theWordsOfAnInterruptionAsJSON() throws {
        let stopped = try stop(with: SIGINT, after: "structure", ["--json"])
        try expectJSONError(stopped.result, status: 75, code: "INTERRUPTED")
    }

    @Test(arguments: ["structure", "explain"])
    func aKillAfterTheStage(stage: String) throws {
        let stopped = try stop(with: SIGKILL, after: stage)
        #expect(stopped.wasKilled || stopped.result.status == 0)
        #expect(stage != "structure" || stopped.wasKilled, "the fit ended too early to be met at work")
        // What was written under its own name while the process died is no different from this.
        try Data("half".utf8).write(to: URL(fileURLWithPath: output + "/.partial-1-configuration.json"))
        try Data("half".utf8).write(to: URL(fileURLWithPath: output + "/stages/.partial-1-fit.json"))
        try expectSameBytes()
    }

    @Test func aFolderIsForOneRunAtATime() throws {
        let (process, out, error) = try Binary.start(
            ["run", configuration, "-o", output, "--quiet"] + Self.longFit)
        let record = output + "/stages/structure.json"
        while !FileManager.default.fileExists(atPath: record), process.isRunning { usleep(1000) }
        let second = try Binary.run(["run", configuration, "-o", output, "--quiet"] + Self.longFit)
        expectFourLines(second, status: 73, code: "IN_USE", in: output)
        #expect(Binary.wait(for: process, out, error).status == 0)
        let differences = Snapshot.differences(try Snapshot(output), try Self.undisturbed.get())
        #expect(differences.isEmpty)
    }

    @Test func aSimulationLeavesNothing() throws {
        let (process, out, error) = try Binary.start(
            ["simulate", "screen", "-o", temporary.path("sim"), "--set", "cellsPerCondition=2000"])
        usleep(200_000)
        kill(process.processIdentifier, SIGTERM)
        let result = Binary.wait(for: process, out, error)
        if result.status != 0 {
            expectFourLines(result, status: 75, code: "INTERRUPTED")
            #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.url.path).isEmpty)
        }
    }
}
