import Foundation
import Testing

/// `structure --method`: the classical methods on the command line.
@Suite struct StructureMethodsTests {
    private let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    private static let names = ["correlation", "partial-correlation", "mean-shift", "hill-climb", "cam", "lingam"]

    private func simulated() throws -> String {
        let small = ["genes=6", "observationalCells=200", "interventionalCells=60", "targets=[100%]"]
        let result = try Binary.run(
            ["simulate", "scm", "-o", temporary.path("world"), "--preset", "linear"] + small.flatMap { ["--set", $0] })
        #expect(result.status == 0, "\(result.error)")
        return temporary.path("world/data.h5ad")
    }

    @Test func everyMethodWritesTheTable() throws {
        let input = try simulated()
        for name in Self.names {
            let output = temporary.path(name + ".tsv")
            let result = try Binary.run(["structure", input, "-o", output, "--method", name, "--json"])
            #expect(result.status == 0, "\(result.error)")
            #expect(result.output.contains("\"method\":\"\(name)\""))
            #expect(result.output.contains("SCORES") && result.output.contains("no calibrated probabilities"))
            let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
            #expect(lines.first == "source\ttarget\tprobability" && lines.count == 1 + 6 * 5)
            let scores = lines.dropFirst().compactMap { Double($0.split(separator: "\t")[2]) }
            #expect(scores == scores.sorted(by: >) && scores[0] > 0.1 && scores[0] <= 1)
            let again = temporary.path("again.tsv")
            let call = ["structure", input, "-o", again, "--force", "--method", name, "-@", "1"]
            #expect(try Binary.run(call).status == 0)
            #expect(FileManager.default.contents(atPath: again) == FileManager.default.contents(atPath: output))
        }
        // The greedy search has seeds, and the linear world's edges.
        let planted = try String(contentsOfFile: temporary.path("world/edges.tsv"), encoding: .utf8)
            .split(separator: "\n").dropFirst().map { $0.split(separator: "\t").prefix(2).joined(separator: " ") }
        let found = try String(contentsOfFile: temporary.path("hill-climb.tsv"), encoding: .utf8)
            .split(separator: "\n").dropFirst().map { $0.split(separator: "\t").prefix(2).joined(separator: " ") }
        #expect(Set(found.prefix(planted.count)).intersection(planted).count >= planted.count * 2 / 3)
    }

    @Test func wrongUsage() throws {
        let input = try simulated()
        let unknown = try Binary.run(["structure", input, "-o", temporary.path("e.tsv"), "--method", "notears"])
        #expect(unknown.status == 64 && (["amortised"] + Self.names).allSatisfy(unknown.error.contains))
        let both = try Binary.run([
            "structure", input, "-o", temporary.path("e.tsv"), "--method", "cam", "--weights", "pairwise",
        ])
        #expect(both.status == 64 && both.error.contains("--weights"))
        for option in ["graphml", "sif", "dag", "h5ad", "samples", "resamples"] {
            let ignored = try Binary.run([
                "structure", input, "-o", temporary.path("e.tsv"), "--method", "cam", "--\(option)", "30",
            ])
            #expect(ignored.status == 64 && ignored.error.contains("--\(option)"), "\(ignored.error)")
        }
        #expect(!FileManager.default.fileExists(atPath: temporary.path("e.tsv")))
    }

    @Test func shiftsNeedInterventions() throws {
        let input = temporary.path("cells.csv")
        let rows = (0..<40).map { "cell\($0),\($0 % 7).5,\($0 % 11).25" }
        try Data((["cell,a,b"] + rows).joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: input))
        let result = try Binary.run([
            "structure", input, "-o", temporary.path("e.tsv"), "--method", "mean-shift", "--set",
            "preprocess.scale=scaled", "--set", "preprocess.minGenesPerCell=0", "--set", "preprocess.minCellsPerGene=0",
        ])
        expectFourLines(result, status: 65, code: "NO_INTERVENTIONS", says: "screen.targetColumn")
    }
}
