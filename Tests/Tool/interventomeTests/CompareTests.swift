import Foundation
import Testing

/// The verb `compare` from the command line: tables, scales, and what it refuses.
struct CompareTests {
    private let screen: SmallScreen
    private let temporary: TemporaryFolder

    init() throws {
        screen = try SmallScreen.shared.get()
        temporary = try TemporaryFolder()
    }

    private func compare(_ arguments: [String], reference: String = "control", to name: String = "t.tsv") throws
        -> Binary.Result
    {
        try Binary.run(
            [
                "compare", screen.path("screen.h5ad"), "--groupby", "perturbation", "--reference", reference, "-o",
                temporary.path(name),
            ] + arguments)
    }

    private func rows(_ name: String) throws -> [[String]] {
        try String(contentsOfFile: temporary.path(name), encoding: .utf8).split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }

    @Test func bothTablesAndTheSummary() throws {
        let result = try compare([
            "--scale", "counts", "--distances", "all", "--permutations", "99", "--json", "--components", "5",
        ])
        #expect(result.status == 0, "\(result.error)")
        let genes = try rows("t.tsv")
        #expect(
            genes[0] == [
                "group", "gene", "score", "log2_fold_change", "p_value", "p_adjusted", "mean_group", "mean_reference",
                "fraction_group", "fraction_reference",
            ])
        // 6 drugs × 28 genes, each group by falling score.
        #expect(genes.count == 1 + 6 * 28)
        for drug in 1...6 {
            let own = genes.filter { $0[0] == "drug\(drug)" }
            let scores = own.compactMap { Double($0[2]) }
            #expect(scores.count == 28 && scores == scores.sorted(by: >))
            for row in own {
                let (p, adjusted) = (try #require(Double(row[4])), try #require(Double(row[5])))
                #expect(p >= 0 && p <= adjusted && adjusted <= 1)
            }
        }
        let distances = try rows("t.distances.tsv")
        #expect(distances[0] == ["group", "metric", "variant", "value", "p_value", "p_adjusted", "cells"])
        #expect(distances.count == 1 + 6 * 11)
        #expect(distances.dropFirst().allSatisfy { $0[2].hasSuffix("5 principal components of 28 genes") })
        // Drugs that move cells: none of 99 permutations reaches them.
        #expect(distances.contains { $0[1] == "E-distance" && $0[4] == "0.01" })
        #expect(distances.dropFirst().allSatisfy { $0[6] == "30" })
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        let summary = try #require(object)
        #expect(summary["cells"] as? Int == 260 && summary["genes"] as? Int == 28)
        #expect(summary["scale"] as? String == "counts" && summary["reference"] as? String == "control")
        #expect((summary["groups"] as? [[String: Any]])?.count == 6)
        let codes = (summary["notes"] as? [[String: Any]])?.compactMap { $0["code"] as? String } ?? []
        #expect(codes.contains("NORMALISED"))
        #expect(result.error.contains("note: Counts were normalised to "))
    }

    @Test func sameBytesAtAnyNumberOfThreads() throws {
        let options = ["--scale", "counts", "--distances", "e-distance,energy-distance", "--permutations", "50"]
        for (name, others) in [
            ("one.tsv", ["--threads", "1"]), ("two.tsv", ["--threads", "2"]), ("seed.tsv", ["--seed", "1"]),
        ] { #expect(try compare(options + others + ["-q", "--cells-at-most", "20"], to: name).status == 0) }
        #expect(try rows("one.tsv") == rows("two.tsv") && rows("one.tsv") == rows("seed.tsv"))
        #expect(try rows("one.distances.tsv") == rows("two.distances.tsv"))
        // Another seed draws other cells and permutations.
        #expect(try rows("one.distances.tsv") != rows("seed.distances.tsv"))
        #expect(try rows("one.distances.tsv").dropFirst().allSatisfy { $0[6] == "20" })
    }

    @Test func someGroupsByAnyMethodAgainstTheRest() throws {
        for (place, method) in [["--tie-correct"], ["--method", "t-test"], ["--method", "t-test-overestim-var"]]
            .enumerated()
        {
            let result = try compare(
                ["--scale", "counts", "--groups", "drug2", "drug5", "--distances", "none", "-q"] + method,
                reference: "rest", to: "\(place).tsv")
            #expect(result.status == 0, "\(result.error)")
            #expect(try Set(rows("\(place).tsv").dropFirst().map { $0[0] }) == ["drug2", "drug5"])
            #expect(!FileManager.default.fileExists(atPath: temporary.path("\(place).distances.tsv")))
        }
        #expect(try rows("0.tsv") != rows("1.tsv") && rows("1.tsv") != rows("2.tsv"))
    }

    /// Intensities are compared as they are, and their fold changes are quotients.
    @Test func intensities() throws {
        let sachs = Binary.package.appendingPathComponent("Reference/Screens/sachs.h5ad").path
        let result = try Binary.run([
            "compare", sachs, "--groupby", "condition", "--reference", "cd3cd28", "--groups", "pma", "-o",
            temporary.path("t.tsv"), "--space", "genes", "--permutations", "19", "--cells-at-most", "200",
        ])
        #expect(result.status == 0, "\(result.error)")
        for row in try rows("t.tsv").dropFirst() {
            let numbers = row.dropFirst(2).compactMap(Double.init)
            #expect(abs(numbers[1] - log2(numbers[4] / numbers[5])) < 1e-4, "\(row)")
        }
        #expect(try rows("t.distances.tsv").last?[2] == "squared Euclidean, corrected (n − 1), 11 genes")
    }

    // MARK: What it refuses

    @Test func aScaleThatTheDataDoNotTell() throws {
        expectFourLines(try compare([]), status: 65, code: "AMBIGUOUS", in: "/X", says: "--scale")
        expectNothingHalfWritten(in: temporary.url.path)
        #expect(!FileManager.default.fileExists(atPath: temporary.path("t.tsv")))
    }

    @Test func whatIsNotThere() throws {
        let input = screen.path("screen.h5ad")
        let output = ["-o", temporary.path("t.tsv")]
        expectFourLines(
            try Binary.run(["compare", input, "--groupby", "drug", "--reference", "control"] + output), status: 65,
            code: "MISSING_ELEMENT", in: "/obs/drug", says: "perturbation")
        expectFourLines(
            try compare([], reference: "vehicle"), status: 65, code: "MISSING_ELEMENT", in: "/obs/perturbation",
            says: "vehicle")
        expectFourLines(
            try compare(["--groups", "drug1", "drug9"]), status: 65, code: "MISSING_ELEMENT", says: "drug9")
        expectFourLines(
            try compare(["--layer", "spliced"]), status: 65, code: "MISSING_ELEMENT", in: "/layers/spliced")
        expectFourLines(
            try compare(["--scale", "counts", "--space", "X_umap"]), status: 65, code: "MISSING_ELEMENT",
            in: "/obsm/X_umap")
        expectFourLines(
            try compare(["--minimum-cells", "1000"]), status: 65, code: "NO_CELLS", in: "/obs/perturbation")
    }

    @Test func wrongUsage() throws {
        for arguments in [
            ["--distances", "euclid"], ["--distances", "mmd,mmd"], ["--method", "logreg"], ["--permutations", "-1"],
            ["--method", "t-test", "--tie-correct"], ["--minimum-cells", "1"], ["--components", "0"],
        ] { expectFourLines(try compare(arguments), status: 64, code: "USAGE") }
        expectFourLines(try compare(["--scale", "feet"]), status: 78, code: "BAD_CONFIGURATION", says: "counts")
    }

    @Test(arguments: ["t.tsv", "t.distances.tsv"])
    func anOutputThatExistsIsKept(name: String) throws {
        try Data("mine".utf8).write(to: temporary.url.appendingPathComponent(name))
        let result = try compare(["--scale", "counts"])
        expectFourLines(result, status: 73, code: "OUTPUT_EXISTS", in: name)
        #expect(try String(contentsOfFile: temporary.path(name), encoding: .utf8) == "mine")
        #expect(try compare(["--scale", "counts", "--force", "-q", "--permutations", "0"]).status == 0)
        #expect(try rows(name).count > 1)
    }
}
