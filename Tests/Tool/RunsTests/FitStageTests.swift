import Foundation
import Graphs
import Testing

@testable import Runs

/// What the section `fit` of a configuration says beside the options of the methods.
struct FitStageTests {
    private let temporary = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)

    private func stage(network text: String, factor: Double) throws -> RunConfiguration.FitStage {
        try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
        let file = temporary.appendingPathComponent("network.tsv")
        try Data(text.utf8).write(to: file)
        var stage = RunConfiguration.FitStage()
        stage.network = file.path
        stage.networkOddsFactor = factor
        return stage
    }

    /// Odds of 1 : 9 taken times 20 are 20 : 9.
    @Test func edgesOfAKnownNetworkGetHigherOdds() throws {
        defer { try? FileManager.default.removeItem(at: temporary) }
        let beliefs = EdgeBeliefs(genes: ["a", "b", "c"], everyEdge: 0.1)
        let raised = try stage(network: "a\tb\t+\n", factor: 20).raised(beliefs)
        #expect(abs(raised[0, 1] - 20.0 / 29) < 1e-6)
        #expect(raised[1, 0] == 0.1 && raised[1, 2] == 0.1)
        #expect(try RunConfiguration.FitStage().raised(beliefs) == beliefs)
    }

    @Test func aFactorBelowOneIsRefused() throws {
        defer { try? FileManager.default.removeItem(at: temporary) }
        let stage = try stage(network: "a\tb\t+\n", factor: 0.5)
        #expect(throws: Failure.self) { try stage.raised(EdgeBeliefs(genes: ["a", "b"], everyEdge: 0.1)) }
    }
}
