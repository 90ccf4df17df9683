import Foundation
import Testing

/// `mechanisms` and `pretrain mechanisms` as a user calls them.
struct MechanismsVerbTests {
    private let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    private func file(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: temporary.url.appendingPathComponent(name))
        return temporary.path(name)
    }

    /// b = 2 a + 1 and c = −b exactly; d by itself.
    private func cells() throws -> String {
        let rows = (0..<24).map { row in
            let a = Double(row % 8) - 3.5
            return "cell\(row),\(a),\(2 * a + 1),\(-2 * a - 1),\(row % 5)"
        }
        return try file("cells.csv", (["cell,a,b,c,d"] + rows).joined(separator: "\n") + "\n")
    }

    private func graph() throws -> String { try file("graph.tsv", "source\ttarget\na\tb\nb\tc\n") }

    /// Rows of a table without its header and names.
    private func table(_ name: String) throws -> (header: String, rows: [[Double]]) {
        let lines = try String(contentsOfFile: temporary.path(name), encoding: .utf8).split(separator: "\n")
        return (
            String(lines[0]),
            lines.dropFirst().map { $0.split(separator: ",").dropFirst().compactMap { Double($0) } }
        )
    }

    @Test func aCounterfactualFollowsTheGraph() throws {
        let result = try Binary.run([
            "mechanisms", "counterfactual", cells(), "--graph", graph(), "--do", "a=2", "--method", "linear", "-o",
            temporary.path("out.csv"), "--json", "-q",
        ])
        #expect(result.status == 0, "\(result.error)")
        let (header, rows) = try table("out.csv")
        // d is no node of the graph.
        #expect(header.hasSuffix("a,b,c"))
        #expect(rows.count == 24)
        for row in rows {
            // Slopes in single precision.
            #expect(abs(row[0] - 2) < 1e-4 && abs(row[1] - 5) < 1e-3 && abs(row[2] + 5) < 1e-3)
        }
        let summary = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(summary["edges"] as? Int == 2)
        #expect(summary["genes"] as? [String] == ["a", "b", "c"])
    }

    @Test func noiseOfWhatParentsSayIsNone() throws {
        let result = try Binary.run([
            "mechanisms", "noise", cells(), "--graph", graph(), "--method", "linear", "-o", temporary.path("out.csv"),
            "-q",
        ])
        #expect(result.status == 0, "\(result.error)")
        for row in try table("out.csv").rows { #expect(abs(row[1]) < 1e-3 && abs(row[2]) < 1e-3) }
    }

    @Test func theSameSeedDrawsTheSameCells() throws {
        let texts = try [("1", "3"), ("2", "3"), ("1", "4")].map { threads, seed in
            let result = try Binary.run([
                "mechanisms", "intervene", cells(), "--graph", graph(), "--do", "b=0", "-n", "7", "--method",
                "evidence", "-o", temporary.path("out.tsv"), "-q", "--force", "-@", threads, "--seed", seed,
            ])
            #expect(result.status == 0, "\(result.error)")
            return try String(contentsOfFile: temporary.path("out.tsv"), encoding: .utf8)
        }
        #expect(texts[0] == texts[1])
        #expect(texts[0] != texts[2])
        #expect(texts[0].split(separator: "\n").count == 8)
    }

    @Test func graphsAreDrawnFromProbabilities() throws {
        let beliefs = try file("beliefs.tsv", "source\ttarget\tprobability\na\tb\t0.5\nb\ta\t0.5\nb\tc\t0.9\n")
        let result = try Binary.run([
            "mechanisms", "generate", cells(), "--graph", beliefs, "--graph-samples", "4", "-n", "6", "--method",
            "linear", "-o", temporary.path("out.h5ad"), "-q", "--json",
        ])
        #expect(result.status == 0, "\(result.error)")
        let inspected = try Binary.run(["inspect", temporary.path("out.h5ad"), "--json"]).output
        #expect(inspected.contains("lower") && inspected.contains("upper"))
    }

    @Test func whatCannotBeAnsweredIsRefused() throws {
        let cycle = try file("cycle.tsv", "source\ttarget\na\tb\nb\tc\nc\ta\n")
        let stranger = try file("stranger.tsv", "source\ttarget\na\tq\n")
        let hidden = try file("hidden.json", #"{"nodes": ["a", "b"], "directed": [], "bidirected": [["a", "b"]]}"#)
        for (arguments, status, words) in [
            (["noise", try cells(), "--graph", cycle], 65, "b"),
            (["noise", try cells(), "--graph", stranger], 65, "q"),
            (["noise", try cells(), "--graph", hidden], 65, "not measured"),
            (["intervene", try cells(), "--graph", try graph(), "--do", "q=1"], 65, "q"),
            (["intervene", try cells(), "--graph", try graph(), "--do", "a"], 64, "GENE=VALUE"),
            (["intervene", try cells(), "--graph", try graph()], 64, "--do"),
            (["noise", temporary.path("none.csv"), "--graph", try graph()], 66, "none.csv"),
            (["noise", try cells(), "--graph", try graph(), "--context", "kind=control"], 64, "COLUMN=LABEL"),
        ] as [([String], Int32, String)] {
            let result = try Binary.run(
                ["mechanisms"] + arguments + ["--method", "linear", "-o", temporary.path("refused.csv"), "-q"])
            #expect(result.status == status, "\(arguments): \(result.error)")
            #expect(result.error.contains(words), "\(result.error)")
            #expect(!FileManager.default.fileExists(atPath: temporary.path("refused.csv")))
        }
    }

    @Test func aTrainingEndsInWeightsThatAreRead() throws {
        let weights = temporary.path("small.safetensors")
        let trained = try Binary.run([
            "pretrain", "mechanisms", "-o", weights, "-q", "--set", "steps=3", "--set", "warmupSteps=1", "--set",
            "decaySteps=1", "--set", "worldsPerStep=2", "--set", "nodes=[4, 5]", "--set", "rows=[20, 30]", "--set",
            "validationWorlds=1", "--set", "validationNodes=4", "--set", "validationRows=20", "--set",
            "reader.width=6",
        ])
        #expect(trained.status == 0, "\(trained.error)")
        for ending in ["safetensors", "card.json", "history.tsv"] {
            #expect(FileManager.default.fileExists(atPath: temporary.path("small.\(ending)")))
        }
        let result = try Binary.run([
            "mechanisms", "noise", cells(), "--graph", graph(), "--weights", weights, "-o", temporary.path("out.csv"),
            "-q",
        ])
        #expect(result.status == 0, "\(result.error)")
        #expect(try table("out.csv").rows.count == 24)
    }

    @Test func aTrainingOfThePublishedNetworkEndsInWeightsThatAreRead() throws {
        let weights = temporary.path("published.safetensors")
        let sizes = ["encoder", "decoder"].flatMap { part in
            ["width=8", "heads=2", "keySize=4", "hidden=8", "layers=1"].flatMap { ["--set", "size.\(part).\($0)"] }
        }
        let trained = try Binary.run(
            [
                "pretrain", "mechanisms", "-o", weights, "-q", "--set", "network=fixedPoints", "--set",
                "encoderSteps=2", "--set", "decoderSteps=2", "--set", "warmupSteps=1", "--set", "worldsPerStep=2",
                "--set", "nodes=[4, 5]", "--set", "rows=[20, 30]", "--set", "validationWorlds=1", "--set",
                "validationNodes=4", "--set", "validationRows=20", "--set", "size.headWidth=8",
            ] + sizes)
        #expect(trained.status == 0, "\(trained.error)")
        for ending in ["safetensors", "card.json", "history.tsv"] {
            #expect(FileManager.default.fileExists(atPath: temporary.path("published.\(ending)")))
        }
        for (question, settings) in [("noise", []), ("counterfactual", ["--do", "b=1"])] as [(String, [String])] {
            let result = try Binary.run(
                ["mechanisms", question, try cells(), "--graph", try graph(), "--weights", weights] + settings
                    + ["-o", temporary.path("\(question).csv"), "-q"])
            #expect(result.status == 0, "\(result.error)")
            #expect(try table("\(question).csv").rows.count == 24)
        }
        let other = try Binary.run([
            "pretrain", "mechanisms", "-o", temporary.path("other.safetensors"), "-q", "--set", "network=transformer",
        ])
        #expect(other.status == 78)
        #expect(other.error.contains("fixedPoints"), "\(other.error)")
    }
}
