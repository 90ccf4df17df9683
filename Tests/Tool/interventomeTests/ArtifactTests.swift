import Foundation
import Testing

/// What a run leaves behind, as the contract of the command line has it.
struct ArtifactTests {
    private let screen: SmallScreen

    init() throws { screen = try SmallScreen.shared.get() }

    private func header(_ name: String) throws -> [String] { try rows(name).first ?? [] }

    private func rows(_ name: String) throws -> [[String]] {
        let text = String(
            decoding: try Data(contentsOf: URL(fileURLWithPath: screen.path("run/" + name))), as: UTF8.self)
        #expect(text.hasSuffix("\n"))
        return text.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }

    private func inspect(_ name: String) throws -> [String: Any] {
        let result = try Binary.run(["inspect", "--json", screen.path("run/" + name)])
        #expect(result.status == 0, "\(result.error)")
        return try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    }

    @Test func everyJSONArtifactSaysItsSchema() throws {
        let names = Snapshot.names(in: screen.path("run")).filter { $0.hasSuffix(".json") }
        #expect(names.contains("read.json") && names.contains("model/model.json") && names.contains("stages/fit.json"))
        for name in names {
            let data = try Data(contentsOf: URL(fileURLWithPath: screen.path("run/" + name)))
            let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
            #expect(object?["schema"] is Int, "\(name) has no schema")
        }
    }

    @Test func theCellsCanBeReadBack() throws {
        let cells = try inspect("screen.h5ad")
        #expect(cells["format"] as? String == "h5ad")
        #expect(cells["cells"] as? Int == 260)
        #expect(cells["genes"] as? Int == 12)
        #expect((cells["perturbation"] as? [String: Any])?["column"] as? String == "perturbation")
        #expect((cells["perturbation"] as? [String: Any])?["control"] as? [String] == ["control"])
        let predictions = try inspect("predictions.h5ad")
        // 6 drugs × 3 doses × 10 cells, and the controls that trained the model: some of the 80.
        #expect((181...260).contains(predictions["cells"] as? Int ?? 0))
        #expect(predictions["genes"] as? Int == 12)
        let columns = (predictions["obs"] as? [[String: Any]])?.compactMap { $0["name"] as? String } ?? []
        #expect(Set(columns).isSuperset(of: ["perturbation", "dose", "is_predicted", "is_control"]))
    }

    @Test func theTablesHaveTheirColumns() throws {
        let edges = try rows("edges.tsv")
        #expect(edges.first == ["source", "target", "probability"])
        #expect(edges.count == 1 + 12 * 11)
        let probabilities = edges.dropFirst().compactMap { Double($0[2]) }
        #expect(probabilities.count == 12 * 11)
        #expect(probabilities == probabilities.sorted(by: >))
        let shifts = try rows("predictions.shifts.tsv")
        #expect(
            shifts.first == [
                "perturbation", "dose", "gene", "control_mean", "predicted_mean", "shift", "lower", "upper",
                "target_probability", "direct_effect", "from_likeness",
            ])
        #expect(shifts.count == 1 + 18 * 12)
        #expect(shifts.allSatisfy { $0.count == 11 })
        #expect(
            try header("evaluation.tsv").prefix(6) == ["perturbation", "metric", "variant", "value", "lower", "upper"])
        #expect(
            try header("evaluation.summary.tsv").prefix(6) == [
                "metric", "variant", "model", "baseline", "value", "verdict",
            ])
        let verdicts = Set(try rows("evaluation.summary.tsv").dropFirst().map { $0[5] })
        #expect(verdicts.isSubset(of: ["beats", "ties", "loses"]))
        // The evaluation is of what was held out only.
        #expect(Set(try rows("evaluation.tsv").dropFirst().map { $0[0] }) == ["drug2", "mean over all"])
    }

    @Test func theModelIsWhole() throws {
        for name in ["model.safetensors", "model.json", "edges.tsv", "targets.tsv"] {
            #expect(FileManager.default.fileExists(atPath: screen.path("run/model/" + name)), "\(name)")
        }
    }

    @Test func theReportStandsAlone() throws {
        let page = String(
            decoding: try Data(contentsOf: URL(fileURLWithPath: screen.path("run/report.html"))), as: UTF8.self)
        #expect(page.contains("<svg"))
        #expect(!page.contains("src=\"http") && !page.contains("<link") && !page.contains("@import"))
        for drug in 1...6 { #expect(page.contains("drug\(drug)")) }
        #expect(!page.contains(screen.folder.path), "the report holds paths of the file system")
        // Every drug has a card, and in it a word on how its prediction stands to the baselines.
        let standings = page.matches(of: /<dt>beside the baselines<\/dt><dd>(beats|ties|loses)/).count
        #expect(standings == 6)
        // No metric of the evaluation is left out of the page, and the headline names those that may disagree with it.
        for metric in Set(try rows("evaluation.summary.tsv").dropFirst().map { $0[0] }) {
            #expect(page.contains(metric.replacing("'", with: "&#39;")), "\(metric) is not in the report")
        }
        #expect(page.contains("by sign accuracy, 50 genes of largest true shift it"))
    }

    private func object(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: URL(fileURLWithPath: screen.path("run/" + name)))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// Every figure of the page links to a table, and every table has its two files with the same rows.
    @Test func everyFigureHasItsTable() throws {
        let page = String(
            decoding: try Data(contentsOf: URL(fileURLWithPath: screen.path("run/report.html"))), as: UTF8.self)
        let figures = page.components(separatedBy: "<figure").dropFirst()
        #expect(figures.count > 40)
        var linked: Set<String> = []
        for figure in figures {
            let link = figure.firstMatch(of: /href="tables\/([a-z_]+)\.tsv"/)
            let title = figure.firstMatch(of: /<strong>([^<]*)/)?.1 ?? ""
            #expect(link != nil, "no table behind \(title)")
            if let link { linked.insert(String(link.1)) }
        }
        #expect(linked.isSuperset(of: ["shifts", "targets", "dose_responses", "parts", "edges", "quality", "cells"]))
        let files = try FileManager.default.contentsOfDirectory(atPath: screen.path("run/tables"))
        #expect(linked.isSubset(of: Set(files.filter { $0.hasSuffix(".tsv") }.map { String($0.dropLast(4)) })))
        for name in files where name.hasSuffix(".tsv") {
            let lines = try rows("tables/" + name)
            let columns = try #require(lines.first)
            #expect(Set(columns).count == columns.count && lines.allSatisfy { $0.count == columns.count }, "\(name)")
            let table = try object("tables/" + name.replacing(".tsv", with: ".json"))
            #expect(table["columns"] as? [String] == columns)
            #expect((table["rows"] as? [Any])?.count == lines.count - 1, "\(name)")
        }
        // 6 drugs at 3 doses and the controls; the medians are of all cells.
        #expect(try rows("tables/treatment_quality.tsv").count == 1 + 19)
        // 12 × 11 pairs of genes; a Hill fit for each of 6 genes of 6 drugs.
        #expect(try rows("tables/edges.tsv").count == 1 + 12 * 11)
        #expect(try rows("tables/hill_fits.tsv").count == 1 + 36)
        #expect(try rows("tables/tests.tsv").count == 1 + 6 * 12)
    }

    /// The methods tell this run's numbers, and the references are those of what it used.
    @Test func methodsAndReferencesAreOfThisRun() throws {
        func text(_ name: String) throws -> String {
            String(decoding: try Data(contentsOf: URL(fileURLWithPath: screen.path("run/" + name))), as: UTF8.self)
        }
        let methods = try text("methods.md")
        for part in [
            "260 cells and 28 genes", "Of 28 genes 12 were chosen", "80 of them controls",
            "drug2 (named in the configuration)",
            "weights pairwise", "4 graphs with mechanisms", "Welch's t-test", "Hill curves", "seed 0",
        ] { #expect(methods.contains(part), "\(part) is not told") }
        let references = try text("references.bib")
        let keys = references.matches(of: /@[a-z]+\{([a-z0-9]+),/).map { String($0.1) }
        #expect(
            keys == [
                "lorch2022avici", "schneider2025gim", "wolf2018scanpy", "satija2015seurat", "benjamini1995fdr",
                "hill1910",
            ])
        let page = try text("report.html")
        #expect(page.contains("260 cells and 28 genes") && page.contains("satija2015seurat"))
        // All of them are known to `info`, too.
        let all = try Binary.run(["info", "--bibtex"]).output
        for key in keys { #expect(all.contains(key)) }
    }

    /// What MultiQC reads: the shared table, and sections with their plots under one parent.
    @Test func multiQCFindsTheRun() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: screen.path("run/multiqc")).sorted()
        #expect(names.allSatisfy { $0.hasSuffix("_mqc.json") })
        #expect(names.count >= 5)
        let shared = try object("multiqc/interventome_general_mqc.json")
        #expect(shared["plot_type"] as? String == "generalstats")
        let values = try #require((shared["data"] as? [String: [String: Any]])?.values.first)
        #expect(values["cells_read"] as? Int == 260 && values["genes"] as? Int == 12)
        #expect(values["perturbations"] as? Int == 6)
        let columns = (shared["headers"] as? [[String: Any]])?.flatMap(\.keys) ?? []
        #expect(Set(columns) == Set(values.keys))
        for name in names where !name.hasPrefix("interventome_general") {
            let section = try object("multiqc/" + name)
            #expect(section["parent_id"] as? String == "interventome")
            #expect(["bargraph", "linegraph"].contains(section["plot_type"] as? String), "\(name)")
            #expect((section["data"] as? [String: Any])?.isEmpty == false, "\(name)")
            #expect(name == "\(section["id"] as? String ?? "")_mqc.json")
        }
        let bars = try object("multiqc/interventome_filters_mqc.json")["data"] as? [String: [String: Double]]
        #expect(bars?.values.first?.values.reduce(0, +) == 260)
    }
}
