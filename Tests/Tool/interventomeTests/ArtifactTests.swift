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
}
