import Foundation
import Testing

/// `preprocess` as a user calls it.
struct PreprocessVerbTests {
    private let screen: SmallScreen
    private let temporary: TemporaryFolder

    init() throws {
        screen = try SmallScreen.shared.get()
        temporary = try TemporaryFolder()
    }

    private func preprocess(_ options: [String]) throws -> Binary.Result {
        try Binary.run(
            [
                "preprocess", screen.path("screen.h5ad"), "-o", temporary.path("out.h5ad"), "--pseudobulk",
                temporary.path("bulk.tsv"), "--set", "preprocess.scale=counts", "--top-genes", "5", "--hvg", "seuratV3",
                "--hvg", "seurat", "--json",
            ] + options)
    }

    @Test func bytesDoNotDependOnThreads() throws {
        let two = try preprocess(["-@", "2"])
        try #require(two.status == 0, "\(two.error)")
        expectNothingHalfWritten(in: temporary.url.path)
        let before = try Snapshot(temporary.url.path)
        #expect(try preprocess(["--force", "-@", "1"]).status == 0)
        #expect(try Snapshot(temporary.url.path) == before)
    }

    @Test func whatWasKeptAndDroppedIsTold() throws {
        let result = try preprocess(["--min-counts", "1000000", "--force"])
        #expect(result.status == 65 && result.error.contains("NO_CELLS"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.url.path).isEmpty)
        let done = try preprocess([])
        let said = try #require(try JSONSerialization.jsonObject(with: Data(done.output.utf8)) as? [String: Any])
        #expect(said["genes"] as? Int == 5 && said["scaleBefore"] as? String == "counts")
        #expect((said["droppedGenes"] as? [[String: Any]])?.last?["option"] as? String == "topGenes")
    }

    /// A 10x folder of 40 cells: 30 carry one of two guides, 5 both, 5 none; 4 of the 30 carry the control's.
    private func guideFolder() throws -> String {
        let folder = temporary.url.appendingPathComponent("guides")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let genes = (1...6).map { "ENSG0000000000\($0)\tGENE\($0)\tGene Expression" }
        let guides = ["TP53_1", "MYC_1", "non-targeting_1"].map { "\($0)\t\($0)\tCRISPR Guide Capture" }
        var entries: [String] = []
        for cell in 0..<240 {
            for gene in 1...6 { entries.append("\(gene) \(cell + 1) \((cell * 7 + gene * gene * 5) % 11)") }
            let carried: [Int] =
                switch cell {
                case 0..<84: [7]
                case 84..<156: [8]
                case 156..<180: [9]
                case 180..<210: [7, 8]
                default: []
                }
            entries += carried.map { "\($0) \(cell + 1) 12" }
        }
        let matrix =
            ["%%MatrixMarket matrix coordinate integer general", "9 240 \(entries.count)"] + entries
        let files = [
            "features.tsv": genes + guides, "barcodes.tsv": (0..<240).map { "CELL\($0)-1" }, "matrix.mtx": matrix,
        ]
        for (name, lines) in files {
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.appendingPathComponent(name))
        }
        return folder.path
    }

    private func object(_ result: Binary.Result) throws -> [String: Any] {
        try #require(result.status == 0, "\(result.error)")
        return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    }

    @Test func guidesBecomeLabels() throws {
        let (input, output) = (try guideFolder(), temporary.path("assigned.h5ad"))
        let seen = try object(Binary.run(["inspect", input, "--json"]))
        #expect(seen["guides"] as? Int == 3)
        #expect((seen["featureTypes"] as? [[String: Any]])?.compactMap { $0["count"] as? Int } == [6, 3])
        let problems = try Binary.run(["check", input])
        #expect(problems.status == 1 && problems.output.contains("preprocess --guides"))
        let assigned = try Binary.run(["check", input, "--set", "guides.method=threshold"])
        #expect(!assigned.output.contains("GUIDE_FEATURES") && assigned.output.contains("180 cells assigned"))
        let said = try object(
            Binary.run(
                [
                    "preprocess", input, "-o", output, "--guides", "threshold", "--guide-naming",
                    "beforeLastUnderscore", "--components", "2", "--json",
                ]))
        let guides = try #require(said["guides"] as? [String: Any])
        #expect(["assigned", "controls", "multiple", "unassigned"].map { guides[$0] as? Int } == [180, 24, 30, 30])
        #expect(said["genes"] as? Int == 6 && said["cells"] as? Int == 180 && said["components"] as? Int == 2)
        let written = try object(Binary.run(["inspect", output, "--json"]))
        let labels = try #require(written["perturbation"] as? [String: Any])
        #expect(labels["labels"] as? [String] == ["MYC", "TP53"] && labels["control"] as? [String] == ["control"])
        // Its output is a screen as any other.
        let edges = try Binary.run(["structure", output, "-o", temporary.path("edges.tsv")])
        #expect(edges.status == 0, "\(edges.error)")
        // Other verbs assign guides, too, where the configuration says so.
        let direct = try Binary.run([
            "structure", input, "-o", temporary.path("direct.tsv"), "--set", "guides.method=threshold", "--set",
            "guides.naming=beforeLastUnderscore",
        ])
        #expect(
            direct.status == 0 && direct.error.contains("180 cells assigned, 24 of them controls"), "\(direct.error)")
        let tables = try ["edges.tsv", "direct.tsv"].map {
            try String(contentsOfFile: temporary.path($0), encoding: .utf8)
        }
        #expect(Set(tables[0].split(separator: "\n").map { $0.split(separator: "\t")[0] }).count == 7)
        #expect(tables[0].split(separator: "\n").count == tables[1].split(separator: "\n").count)
    }

    @Test func guidesByNameAndTable() throws {
        let (input, output) = (try guideFolder(), temporary.path("assigned.h5ad"))
        let (list, table) = (temporary.path("guides.txt"), temporary.path("targets.tsv"))
        try Data("TP53_1\nMYC_1\n".utf8).write(to: URL(fileURLWithPath: list))
        try Data("guide\ttarget\nTP53_1\tGENE1\nMYC_1\tGENE2\n".utf8).write(to: URL(fileURLWithPath: table))
        let call = ["preprocess", input, "-o", output, "--force", "--guides", "maximum", "--json", "--guide-keep-all"]
        let said = try object(Binary.run(call + ["--guide-list", list, "--guide-targets", table]))
        #expect(said["cells"] as? Int == 240 && said["genes"] as? Int == 7)
        let written = try object(Binary.run(["inspect", output, "--json", "--set", "screen.requireControls=false"]))
        #expect(
            (written["perturbation"] as? [String: Any])?["labels"] as? [String] == ["GENE1", "GENE2", "unassigned"])
        #expect((written["targets"] as? [String: Any])?["column"] as? String == "perturbation")
        let pattern = try object(Binary.run(call + ["--guide-pattern", "(TP53|MYC)_[0-9]"]))
        #expect((pattern["guides"] as? [String: Any])?["guides"] as? Int == 2)
    }

    @Test func guidesThatCannotBe() throws {
        let (input, output) = (try guideFolder(), temporary.path("assigned.h5ad"))
        let call = ["preprocess", input, "-o", output]
        expectFourLines(
            try Binary.run(call + ["--guides", "threshold", "--guide-pattern", "sg"]), status: 65,
            code: "MISSING_ELEMENT", in: "var", says: "guides.featurePattern")
        expectFourLines(
            try Binary.run(call + ["--guides", "threshold", "--guide-list", temporary.path("no.txt")]), status: 66,
            code: "NOT_FOUND")
        #expect(try Binary.run(call + ["--guides", "guess"]).status == 78)
        #expect(try Binary.run(call + ["--guide-pattern", "sg"]).status == 64)
        #expect(try Binary.run(call + ["--fit-on", "batch"]).status == 64)
        #expect(!FileManager.default.fileExists(atPath: output))
    }

    @Test(arguments: [
        "--target-sum=nan", "--target-sum=-1", "--top-genes=9223372036854775807", "--min-genes=-1", "--percent-top=0",
        "--min-counts=nan", "--max-mt=-1",
    ])
    func aNumberOutOfRange(option: String) throws {
        let result = try Binary.run(
            ["preprocess", screen.path("screen.h5ad"), "-o", temporary.path("out.h5ad"), option])
        expectFourLines(result, status: 78, code: "BAD_CONFIGURATION")
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.url.path).isEmpty)
    }

    @Test(arguments: [["--pseudobulk-by", "dose_value"], ["--pseudobulk", "b.xyz"], ["--pseudobulk", "out.h5ad"]])
    func outputsThatCannotBe(options: [String]) throws {
        let result = try Binary.run(
            ["preprocess", screen.path("screen.h5ad"), "-o", "out.h5ad"] + options, in: temporary.url)
        expectFourLines(result, status: 64, code: "USAGE", says: "--pseudobulk")
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.url.path).isEmpty)
    }
}
