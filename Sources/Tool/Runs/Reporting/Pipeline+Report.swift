import Evaluations
import Foundation
import Interventions
import Reports
import Screens

extension Pipeline {
    func reportStage() throws -> Stage {
        var inputs =
            modelInputs() + [
                artifact("read.json"), artifact("edges.tsv"), artifact("structure.json"), artifact("evaluation.json"),
                artifact("predictions.shifts.tsv"), artifact("explanations.json"), "title \(configuration.title)",
            ]
        if let truth = configuration.truth { inputs.append(try Fingerprint.ofFile(truth)) }
        return Stage(name: "report", inputs: inputs) { scratch in
            let results = try loadResults()
            try ReportFiles(ReportAssembly(results)).fill(scratch)
            if let recovery = results.recovery {
                try OutputFile.fill(
                    scratch.appending(file: "recovery.json"), with: CanonicalJSON.encode(recovery, pretty: true))
            }
            return "report.html"
        }
    }

    private func loadResults() throws -> RunResults {
        let model = try loadModel()
        let screen = try loadScreen().whole
        let beliefs = try EdgeTable.read(folder.file("edges.tsv"), genes: model.genes)
        let truth = try configuration.truth.map { try KnownTruth(file: $0) }
        let read = try decode(ReadArtifact.self, from: "read.json")
        return RunResults(
            title: configuration.title.isEmpty ? read.file : configuration.title, model: model,
            shifts: try ShiftTable(file: folder.file("predictions.shifts.tsv")),
            explanations: try decode(ExplanationArtifact.self, from: "explanations.json"),
            run: .init(
                configuration: configuration, read: read,
                quality: try decode(QualityArtifact.self, from: "quality.json"),
                structure: try decode(StructureArtifact.self, from: "structure.json"), screen: screen,
                evaluation: try decode(PredictionEvaluation.self, from: "evaluation.json")),
            truth: truth,
            recovery: try truth.map {
                try Recovery($0, amortised: beliefs, model: model, queries: screen.queries(for: model))
            })
    }
}

/// Everything that a report is made of.
struct RunResults {
    var title: String
    var model: any PerturbationModel
    var shifts: ShiftTable
    var explanations: ExplanationArtifact
    /// What only a whole run knows; nil where a model is explained on its own.
    var run: Run?
    var truth: KnownTruth?
    var recovery: Recovery?

    struct Run {
        var configuration: RunConfiguration
        var read: ReadArtifact
        var quality: QualityArtifact
        var structure: StructureArtifact
        var screen: PerturbationScreen
        var evaluation: PredictionEvaluation
    }
}
