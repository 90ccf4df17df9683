import AnnotatedData
import Explanations
import Formats
import Foundation
import Interventions
import Reports
import Screens

/// The verbs that take a fitted model: `predict` and `explain`.
public struct ModelJob {
    private let folder: String
    private let model: any PerturbationModel
    private let seed: UInt64
    private let console: Console

    public init(model folder: String, seed: UInt64, console: Console) throws {
        self.folder = folder
        self.seed = seed
        self.console = console
        model = try reading(folder) { try ModelFolder.readModel(folder) }
    }

    /// Predicts the rows of a table: cells into an h5ad, shifts into `NAME.shifts.tsv` beside it.
    ///
    /// - Parameters:
    ///   - table: csv or tsv as `TreatmentRequests` reads it, and for perturbations not seen in training their features
    ///     or `smiles`; nil predicts every treatment of the training.
    public func predict(table: String?, cells: Int, to output: String) throws {
        console.begin("predict")
        let queries =
            try table.map(queries)
            ?? model.contexts.compactMap { model.query(for: $0, features: nil) }
        let predictions = try reading(table ?? folder) {
            try Predictions(model: model, queries: queries, cells: queries.map { _ in cells }, seed: seed) {
                [console] in
                console.advance(to: $0, $1)
            }
        }
        let controls = try ModelFolder.readControls(folder, genes: model.genes)
        try OutputFile.whole(output) { try predictions.write(toH5AD: $0, controls: controls) }
        try OutputFile.write(predictions.shiftTable, to: Self.shiftFile(beside: output))
        for name in Set(predictions.shifts.filter(\.isOutOfSupport).map(\.perturbation)).sorted() {
            console.note("\(name) is farther from every measured perturbation than these are from each other.")
        }
        console.end("\(queries.count) treatments, \(cells) cells each")
    }

    /// `OUT.shifts.tsv` for `OUT.h5ad`.
    public static func shiftFile(beside output: String) -> String {
        (output.hasSuffix(".h5ad") ? String(output.dropLast(".h5ad".count)) : output) + ".shifts.tsv"
    }

    /// The explanations of every treatment and gene, as JSON and as a page, into a folder.
    /// - Parameter hidden: causes from which effects are to be told apart, each a name or `name=gene,gene`.
    public func explain(hidden: [String] = [], to output: String) throws {
        console.begin("explain")
        let queries = model.contexts.compactMap { model.query(for: $0, features: nil) }
        let predictions = try Predictions(
            model: model, queries: queries, cells: queries.map { _ in 0 }, seed: seed
        ) { _, _ in }
        let explanations = try ExplanationArtifact(
            of: model, Array(zip(queries, predictions.shifts)), hidden: hidden.map(HiddenCause.init(text:)),
            controls: ModelFolder.readControlCells(folder, genes: model.genes),
            counterfactualGraphs: RunConfiguration.ExplanationStage().counterfactualGraphs, seed: seed
        ) { [console] in console.advance(to: $0, $1) }
        try Simulation.filling(output) { scratch in
            try OutputFile.fill(
                scratch.appending(file: "explanations.json"), with: CanonicalJSON.encode(explanations, pretty: true))
            if let table = explanations.counterfactualTable {
                try OutputFile.fill(
                    scratch.appending(file: ExplanationArtifact.counterfactualFile), with: Data(table.utf8))
            }
            if let table = explanations.identifiabilityTable {
                try OutputFile.fill(
                    scratch.appending(file: ExplanationArtifact.identifiabilityFile), with: Data(table.utf8))
            }
            let shifts = scratch.appending(file: "shifts.tsv")
            try OutputFile.fill(shifts, with: Data(predictions.shiftTable.utf8))
            try ReportFiles(
                ReportAssembly(
                    RunResults(
                        title: URL(fileURLWithPath: folder).lastPathComponent, model: model,
                        shifts: try ShiftTable(file: shifts), explanations: explanations))
            ).fill(scratch)
        }
        console.end("\(queries.count) treatments, \(model.genes.count) genes")
    }

    private func queries(_ path: String) throws -> [PerturbationQuery] {
        try reading(path) {
            let table = try readTable(path)
            let asked = try TreatmentRequests(table, of: model.contexts, combinations: model.combinations)
            for notice in asked.notices { console.note(notice.message) }
            let names = asked.requests.flatMap { $0.parts ?? [$0.context.perturbation] }
            // Features are read only where a row asks for a perturbation that the model has not seen.
            let known = Set(model.perturbations + model.parts)
            let isAsked = names.contains { !known.contains($0) }
            let wanted = Set(model.features)
            let isGiven = table.columns.contains { column in
                let name = column.name.lowercased()
                return wanted.contains(column.name) || name == "smiles" || name.hasPrefix("morgan")
            }
            let features =
                isAsked && isGiven && model.canPredictUnseen
                ? try FeatureTable.reading(table).features.aligned(to: model.features) : nil
            return asked.requests.map { request in
                // Where nothing is known of a perturbation the model says so, and what it would need.
                model.query(for: request.context, features: features, combinations: request.combinations)
                    ?? PerturbationQuery(request.context, parts: request.parts)
            }
        }
    }
}

extension HiddenCause {
    /// `name`, or `name=gene,gene`.
    init(text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        self.init(name: parts[0], genes: parts.count > 1 ? parts[1].split(separator: ",").map(String.init) : [])
    }
}
