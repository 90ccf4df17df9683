import Explanations
import Interventions

/// What the stage `explain` leaves behind.
struct ExplanationArtifact: Codable, Sendable {
    static let currentSchema = 4
    static let identifiabilityFile = "identifiability.tsv"

    var schema = ExplanationArtifact.currentSchema
    var perturbations: [PerturbationExplanation]
    var genes: [GeneExplanation]
    /// The causes that nobody measured, as they were stated.
    var hidden: [HiddenCause] = []
    /// Which effects can be told from them; empty where none was stated.
    var effects: [EffectIdentifiability] = []

    init(
        of model: any PerturbationModel, _ predicted: [(PerturbationQuery, PredictedPerturbation)],
        hidden: [HiddenCause],
        seed: UInt64, report: @Sendable (_ fraction: Double, _ perturbation: String) -> Void
    ) throws {
        let explainer = try Explainer(model: model)
        perturbations = try Workers.map(predicted, report: { report($0, $1.0.perturbation) }) {
            try explainer.explain($0.0, predicted: $0.1, seed: seed)
        }
        genes = try model.genes.map { try explainer.explain(gene: $0) }
        self.hidden = hidden
        if !hidden.isEmpty {
            effects = try IdentifiableEffects(model: model, hidden: hidden).findings(perturbations, genes)
        }
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
