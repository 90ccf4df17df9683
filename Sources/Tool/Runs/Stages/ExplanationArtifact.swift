import Explanations
import Interventions
import KernelMechanisms

/// What the stage `explain` leaves behind.
struct ExplanationArtifact: Codable, Sendable {
    static let currentSchema = 4
    static let identifiabilityFile = "identifiability.tsv"
    static let counterfactualFile = "counterfactuals.tsv"

    var schema = ExplanationArtifact.currentSchema
    var perturbations: [PerturbationExplanation]
    var genes: [GeneExplanation]
    /// The causes that nobody measured, as they were stated.
    var hidden: [HiddenCause] = []
    /// Which effects can be told from them; empty where none was stated.
    var effects: [EffectIdentifiability] = []
    /// Of each perturbation at its highest dose; empty where they were not asked for.
    var counterfactuals: [CounterfactualExplanation] = []

    init(
        of model: any PerturbationModel, _ predicted: [(PerturbationQuery, PredictedPerturbation)],
        hidden: [HiddenCause], controls: ControlCells, counterfactualGraphs: Int, seed: UInt64,
        report: @Sendable (_ fraction: Double, _ perturbation: String) -> Void
    ) throws {
        let explainer = try Explainer(model: model)
        perturbations = try Workers.map(predicted, report: { report($0, $1.0.perturbation) }) {
            try explainer.explain($0.0, predicted: $0.1, seed: seed)
        }
        genes = try model.genes.map { try explainer.explain(gene: $0) }
        self.hidden = hidden
        counterfactuals = try Self.counterfactuals(
            of: model, predicted, controls: controls, graphs: counterfactualGraphs, seed: seed)
        if !hidden.isEmpty {
            effects = try IdentifiableEffects(model: model, hidden: hidden).findings(perturbations, genes)
        }
    }

    /// Highest doses only, as pages show them.
    private static func counterfactuals(
        of model: any PerturbationModel, _ predicted: [(PerturbationQuery, PredictedPerturbation)],
        controls: ControlCells, graphs: Int, seed: UInt64
    ) throws -> [CounterfactualExplanation] {
        guard graphs > 0 else { return [] }
        var top: [String: Int] = [:]
        for (place, (query, _)) in predicted.enumerated() {
            let best = top[query.perturbation].flatMap { predicted[$0].0.dose } ?? -.infinity
            if top[query.perturbation] == nil || (query.dose ?? -.infinity) > best { top[query.perturbation] = place }
        }
        let chosen = top.values.sorted().map { predicted[$0] }
        let explainer = try CounterfactualExplainer(
            model: model, queries: chosen, controls: controls.values, kinds: controls.kinds,
            reader: AmortisedKernelModel.shipped(),
            graphs: graphs, seed: seed)
        return try Workers.map(Array(chosen.enumerated()), report: { _, _ in }) {
            explainer.explain($0.offset, $0.element.0, $0.element.1)
        }
    }

    /// nil where none were asked for.
    var counterfactualTable: String? {
        guard !counterfactuals.isEmpty else { return nil }
        let header = [
            "perturbation", "dose", "gene", "predicted_shift", "counterfactual_shift", "lower", "upper", "explained",
            "cells_up", "cells_down", "change_q10", "change_q50", "change_q90", "note",
        ]
        var lines = [header.joined(separator: "\t")]
        for one in counterfactuals {
            let name = [one.perturbation.field(), one.dose.map { "\($0)" } ?? ""]
            if let abstention = one.abstention {
                lines.append((name + Array(repeating: "", count: 11) + [abstention.field()]).joined(separator: "\t"))
            }
            for gene in one.genes {
                let numbers = [gene.predicted, gene.shift, gene.lower, gene.upper].map { "\($0)" }
                let cells = ([gene.up, gene.down] + gene.quantiles).map { "\($0)" }
                lines.append(
                    (name + [gene.gene.field()] + numbers + [gene.explained.map { "\($0)" } ?? ""] + cells + [""])
                        .joined(separator: "\t"))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// nil where no hidden cause was stated.
    var identifiabilityTable: String? {
        guard !hidden.isEmpty else { return nil }
        let header = "source\ttarget\tprobability\tevidence\tagreement\texperiments\tmissing\tformula\n"
        return header
            + effects.map { effect in
                [
                    effect.source.field(), effect.target.field(), "\(effect.probability)", effect.evidence.rawValue,
                    "\(effect.agreement)",
                    effect.experiments.map { $0.joined(separator: ",") }.joined(separator: ";").field(),
                    effect.missing.joined(separator: ";").field(),
                    (effect.formula ?? "").field(),
                ].joined(separator: "\t") + "\n"
            }.joined()
    }
}
