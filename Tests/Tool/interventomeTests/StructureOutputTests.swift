import Foundation
import Testing

/// What `structure` writes beside its table, from the same weights and cells as its other tests.
@Suite struct StructureOutputTests {
    private let panel: StructurePanel

    init() throws { panel = try StructurePanel() }

    private func text(_ name: String) throws -> String { try String(contentsOfFile: panel.path(name), encoding: .utf8) }

    private func rows(_ name: String) throws -> [[String]] {
        try text(name).split(separator: "\n").dropFirst().map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }

    private func all(_ prefix: String) -> [String] {
        [
            "-o", panel.path(prefix + ".tsv"), "--graphml", panel.path(prefix + ".graphml"), "--sif",
            panel.path(prefix + ".sif"), "--dag", panel.path(prefix + ".dag.tsv"), "--h5ad",
            panel.path(prefix + ".h5ad"), "--samples", "40", "--threshold", "0.3",
        ]
    }

    @Test func everyFileSaysTheSame() throws {
        let input = try panel.table(panel.cells(60))
        let result = try panel.structure(input, all("one") + ["--json"])
        #expect(result.status == 0, "\(result.error)")
        expectNothingHalfWritten(in: panel.folder)
        let edges = try rows("one.tsv")
        #expect(edges.count == 12)
        let likely = edges.filter { Double($0[2])! > 0.5 }

        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(
            Set(object.keys) == ["edges", "weights", "seconds", "notes", "acyclic", "files"], "\(object.keys)")
        let acyclic = try #require(object["acyclic"] as? [String: Any])
        let dropped = try #require(acyclic["dropped"] as? [[String: Any]])
        let kept = try #require(acyclic["edges"] as? Int)
        #expect(kept + dropped.count == likely.count)
        #expect(acyclic["isMostProbable"] as? Bool == true)
        let files = try #require(object["files"] as? [String: Any])
        #expect(Set(files.keys) == ["dag", "graphml", "sif", "h5ad", "samples"])
        let drawn = edges.count { Double($0[2])! >= 0.3 }
        #expect((files["graphml"] as? [String: Any])?["edges"] as? Int == drawn)
        #expect(result.error.contains("holds \(drawn) edges of probability 0.3 or more"))
        #expect(try text("one.graphml").components(separatedBy: "<edge ").count == drawn + 1)

        let decisions = try rows("one.dag.tsv")
        #expect(decisions.map { Array($0[..<3]) } == likely)
        #expect(decisions.count { $0[3] == "kept" } == kept && decisions.count { $0[3] == "dropped" } == dropped.count)
        let sif = try text("one.sif").split(separator: "\n").filter { $0.contains("\t") }
        #expect(
            Set(sif.map(String.init))
                == Set(decisions.filter { $0[3] == "kept" }.map { "\($0[0])\tcauses\t\($0[1])" }))

        let samples = try rows("one.samples.tsv")
        #expect(Set(samples.map { $0[0] }) == Set((1...40).map(String.init)))
        #expect(samples.allSatisfy { $0.count == 3 })

        let inspected = try Binary.run(["inspect", panel.path("one.h5ad"), "--json"])
        #expect(inspected.status == 0, "\(inspected.error)")
        let file = try #require(try JSONSerialization.jsonObject(with: Data(inspected.output.utf8)) as? [String: Any])
        #expect(file["cells"] as? Int == 60 && file["genes"] as? Int == 4)
    }

    /// Columns that are named give what the same columns, found, give.
    @Test func namedColumnsAreRead() throws {
        let sachs = Binary.package.appending(path: "Reference/Screens/sachs.h5ad").path
        let named = ["--set", "screen.perturbationColumn=condition", "--set", "screen.targetColumn=target"]
        for (file, settings) in [("found.tsv", []), ("named.tsv", named)] {
            let result = try Binary.run(["structure", sachs, "-o", panel.path(file), "-q"] + settings)
            #expect(result.status == 0, "\(result.error)")
        }
        #expect(try text("found.tsv") == text("named.tsv"))
    }

    @Test func theSameBytesAtAnyNumberOfThreads() throws {
        let input = try panel.table(panel.cells(60))
        #expect(try panel.structure(input, all("one")).status == 0)
        #expect(try panel.structure(input, all("other") + ["-@", "1"]).status == 0)
        #expect(try panel.structure(input, all("third") + ["--seed", "5"]).status == 0)
        for name in ["tsv", "graphml", "sif", "dag.tsv", "h5ad", "samples.tsv"] {
            let bytes = try ["one", "other", "third"].map {
                try Data(contentsOf: URL(fileURLWithPath: panel.path("\($0).\(name)")))
            }
            #expect(bytes[0] == bytes[1], "\(name)")
            #expect((bytes[0] == bytes[2]) == (name != "samples.tsv"), "\(name)")
        }
    }

    @Test func whatExistsIsNotReplaced() throws {
        let input = try panel.table(panel.cells(60))
        for option in ["--graphml", "--sif", "--dag", "--h5ad"] {
            let mine = panel.path("mine\(option)")
            try Data("mine".utf8).write(to: URL(fileURLWithPath: mine))
            let call = ["-o", panel.path("edges.tsv"), option, mine]
            expectFourLines(try panel.structure(input, call), status: 73, code: "OUTPUT_EXISTS", in: mine)
            #expect(try text("mine\(option)") == "mine")
            #expect(!FileManager.default.fileExists(atPath: panel.path("edges.tsv")))
            #expect(try panel.structure(input, call + ["--force", "-q"]).status == 0)
            #expect(try Data(contentsOf: URL(fileURLWithPath: mine)) != Data("mine".utf8))
            try FileManager.default.removeItem(atPath: panel.path("edges.tsv"))
        }
        let samples = panel.path("edges.samples.tsv")
        try Data("mine".utf8).write(to: URL(fileURLWithPath: samples))
        let call = ["-o", panel.path("edges.tsv"), "--samples", "3"]
        expectFourLines(try panel.structure(input, call), status: 73, code: "OUTPUT_EXISTS", in: samples)
    }

    @Test func theInputIsNotReplaced() throws {
        let input = try panel.table(panel.cells(60))
        let before = try text("cells.csv")
        let link = panel.path("link.csv")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: input)
        let edges = panel.path("edges.tsv")
        for (read, outputs) in [
            (input, ["-o", input]), (link, ["-o", input]), (input, ["-o", edges, "--sif", input]),
            (input, ["-o", edges, "--h5ad", panel.path("./cells.csv")]),
        ] {
            let result = try panel.structure(read, outputs + ["--force"])
            expectFourLines(result, status: 64, code: "USAGE", in: "cells.csv", says: "the input")
            #expect(try text("cells.csv") == before)
        }
        #expect(!FileManager.default.fileExists(atPath: edges))
    }

    @Test func optionsThatCantBeMeantAreRefused() throws {
        let input = try panel.table(panel.cells(60))
        let edges = panel.path("edges.tsv")
        for call in [
            ["--threshold", "0.4"], ["--graphml", panel.path("x"), "--threshold", "1.5"], ["--samples", "0"],
            ["--samples", "100001"], ["--sif", edges],
            ["--sif", panel.path("x"), "--dag", panel.path("./x")],
        ] {
            expectFourLines(try panel.structure(input, ["-o", edges] + call), status: 64, code: "USAGE")
        }
        #expect(!FileManager.default.fileExists(atPath: edges))
    }
}
