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
        #expect(inspected.contains("mean_lower") && inspected.contains("mean_upper"))
    }

    @Test func fittedMechanismsAnswerForOtherCells() throws {
        let model = temporary.path("model.safetensors")
        let fitted = try Binary.run([
            "mechanisms", "fit", cells(), "--graph", graph(), "--method", "linear", "-o", model, "-q", "--json",
        ])
        #expect(fitted.status == 0, "\(fitted.error)")
        #expect(fitted.output.contains(#""genes":["a","b","c"]"#))
        let genes = try String(contentsOfFile: temporary.path("model.genes.tsv"), encoding: .utf8).split(
            separator: "\n")
        #expect(genes[0] == "gene\tparents\texplained\tnoise")
        let explained = genes[2].split(separator: "\t")
        #expect(explained[0] == "b" && explained[1] == "1")
        // b is exactly a line of a, in single precision.
        #expect(abs((Double(explained[2]) ?? 0) - 1) < 1e-6)
        // Other genes in between, and one cell only.
        let other = try file("other.csv", "cell,d,c,b,a\ncell0,9,1,7,3\n")
        let result = try Binary.run([
            "mechanisms", "counterfactual", other, "--model", model, "--do", "a=2", "-o", temporary.path("out.csv"),
            "-q",
        ])
        #expect(result.status == 0, "\(result.error)")
        // Noise of b is 7 − 7 = 0 and that of c 1 + 7 = 8, so a = 2 gives b = 5 and c = −5 + 8.
        let (header, rows) = try table("out.csv")
        #expect(header.hasSuffix("a,b,c"))
        for (found, expected) in zip(rows[0], [2.0, 5, 3]) { #expect(abs(found - expected) < 1e-3) }

        let missing = try file("missing.csv", "cell,a,b\ncell0,1,2\n")
        expectFourLines(
            try Binary.run(["mechanisms", "noise", missing, "--model", model, "-o", temporary.path("no.csv")]),
            status: 65, code: "GRAPH_MISMATCH", in: "c")
        expectFourLines(
            try Binary.run(["mechanisms", "noise", other, "--model", other, "-o", temporary.path("no.csv")]),
            status: 65,
            code: "MALFORMED", in: "other.csv")
        for extra in [["--graph", try graph()], ["--method", "linear"], ["--graph-samples", "3"]] {
            let refused = try Binary.run(
                ["mechanisms", "noise", other, "--model", model, "-o", temporary.path("no.csv")] + extra)
            #expect(refused.status == 64 && refused.error.contains("--model"), "\(refused.error)")
        }
    }

    @Test func readKernelsAreKept() throws {
        let model = temporary.path("model.safetensors")
        let fitted = try Binary.run(["mechanisms", "fit", cells(), "--graph", graph(), "-o", model, "-q"])
        #expect(fitted.status == 0, "\(fitted.error)")
        for (arguments, name) in [(["--graph", try graph()], "once.csv"), (["--model", model], "kept.csv")] {
            let result = try Binary.run(
                ["mechanisms", "noise", try cells(), "-o", temporary.path(name), "-q"] + arguments)
            #expect(result.status == 0, "\(result.error)")
        }
        for (once, kept) in zip(try table("once.csv").rows, try table("kept.csv").rows) {
            // Hyperparameters in single precision, for values up to 8.
            for (a, b) in zip(once, kept) { #expect(abs(a - b) < 1e-3) }
        }
    }

    @Test func weightsOfMechanismsShowTheirCard() throws {
        let list = try Binary.run(["weights", "list"])
        #expect(list.output.split(separator: "\n").contains { $0.hasPrefix("kernels  ") && $0.contains("mechanisms") })
        #expect(list.output.contains("pairwise"))
        let shown = try Binary.run(["weights", "show", "kernels"])
        #expect(shown.status == 0, "\(shown.error)")
        for word in ["trained on", "least squares", "intended use", "limits"] { #expect(shown.output.contains(word)) }
        let card = try Binary.run(["weights", "show", "kernels", "--json"])
        #expect(card.output.contains(#""regressionsSeen""#))
        let all =
            try JSONSerialization.jsonObject(
                with: Data(try Binary.run(["weights", "list", "--json"]).output.utf8)) as? [[String: Any]]
        #expect((all?.count ?? 0) >= 2)
        // They are no structure predictor.
        let kernels = Binary.package.appending(path: "Reference/Mechanisms/kernels.safetensors").path
        let refused = try Binary.run(
            ["structure", cells(), "--weights", kernels, "-o", temporary.path("edges.tsv"), "-q"])
        #expect(refused.status == 65, "\(refused.error)")
    }

    @Test func whatCannotBeAnsweredIsRefused() throws {
        let cells = try cells()
        let graph = try graph()
        let cycle = try file("cycle.tsv", "source\ttarget\na\tb\nb\tc\nc\ta\n")
        let loop = try file("loop.tsv", "source\ttarget\na\ta\n")
        let stranger = try file("stranger.tsv", "source\ttarget\na\tq\n")
        let hidden = try file("hidden.json", #"{"nodes": ["a", "b"], "directed": [], "bidirected": [["a", "b"]]}"#)
        let few = try file("few.csv", "cell,a,b,c\n" + (0..<9).map { "cell\($0),\($0),\($0 % 2),1\n" }.joined())
        let gap = try file(
            "gap.csv", "cell,a,b,c\n" + (0..<12).map { "cell\($0),\($0),\($0 == 4 ? "nan" : "1"),1\n" }.joined())
        for (arguments, status, code, place, words) in [
            (["noise", cells, "--graph", cycle], 65, "CYCLIC_GRAPH", "cycle.tsv, b -> c -> a -> b", "edges"),
            (["noise", cells, "--graph", loop], 65, "CYCLIC_GRAPH", "loop.tsv, a -> a", "edge"),
            (["noise", cells, "--graph", stranger], 65, "GRAPH_MISMATCH", "q", "genes of the data"),
            (["noise", cells, "--graph", hidden], 65, "UNMEASURED_CAUSES", "hidden.json", "not measured"),
            (["intervene", cells, "--graph", graph, "--do", "q=1"], 65, "UNKNOWN_NODE", "q", "--do"),
            (["counterfactual", cells, "--graph", graph, "--do", "d=1"], 65, "UNKNOWN_NODE", "d", "gene of the graph"),
            (["intervene", cells, "--graph", graph, "--do", "a"], 64, "USAGE", "", "GENE=VALUE"),
            (["intervene", cells, "--graph", graph, "--do", "a=nan"], 64, "USAGE", "", "GENE=VALUE"),
            (["noise", few, "--graph", graph], 65, "TOO_FEW_ROWS", "few.csv", "at least 10"),
            (["noise", gap, "--graph", graph], 65, "CSV_VALUE", "gap.csv, line 6", "nan"),
            (["noise", temporary.path("none.csv"), "--graph", graph], 66, "NOT_FOUND", "none.csv", "path"),
            (["noise", cells, "--graph", graph, "--context", "kind=control"], 64, "USAGE", "", "COLUMN=LABEL"),
        ] as [([String], Int32, String, String, String)] {
            let result = try Binary.run(
                ["mechanisms"] + arguments + ["--method", "linear", "-o", temporary.path("refused.csv")])
            expectFourLines(result, status: status, code: code, in: place, says: words)
            #expect(!FileManager.default.fileExists(atPath: temporary.path("refused.csv")))
        }
        for arguments in [["intervene", cells, "--graph", graph], ["noise", cells]] {
            let result = try Binary.run(["mechanisms"] + arguments + ["-o", temporary.path("refused.csv")])
            #expect(result.status == 64 && result.error.contains("is missing"), "\(result.error)")
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
        for ending in ["safetensors", "card.json", "history.tsv", "learning.svg"] {
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
        let shown = try Binary.run(["weights", "show", weights])
        #expect(shown.output.contains("fixed points") && shown.output.contains("validation"), "\(shown.error)")
        // A fit keeps regressions, which such a network has none of.
        let fit = try Binary.run([
            "mechanisms", "fit", cells(), "--graph", graph(), "--weights", weights, "-o",
            temporary.path("fit.safetensors"), "-q",
        ])
        #expect(fit.status == 64, "\(fit.status): \(fit.error)")
        let other = try Binary.run([
            "pretrain", "mechanisms", "-o", temporary.path("other.safetensors"), "-q", "--set", "network=transformer",
        ])
        #expect(other.status == 78)
        #expect(other.error.contains("fixedPoints"), "\(other.error)")
    }
}
