/// A published distribution of drug screens, by name.
public enum DrugScreenPreset: String, Sendable, CaseIterable {
    /// The synthetic experiment of generative intervention models.
    case gim
}

extension DrugScreenOptions {
    /// Source: Schneider et al. 2025, "Generative Intervention Models for Causal Perturbation Modeling", synthetic
    /// experiment: 20 genes, 800 undisturbed cells, 40 drugs with targets of their own × 4 doses × 50 cells; for the test
    /// the same drugs at five other doses, and 20 new drugs. Linear mechanisms on an Erdős–Rényi graph; `mechanism` and
    /// `graph` give the others.
    ///
    /// Deviation from the paper: ranges of weights, noise, effects and Hill parameters, and the descriptors, are ours.
    public static func preset(_ preset: DrugScreenPreset) -> DrugScreenOptions {
        var options = DrugScreenOptions()
        switch preset {
        case .gim:
            options.measurement = .values
            options.causalGenes = 20
            options.backgroundGenes = 0
            options.graph = .erdosRenyi
            options.weights = 0.5...1.5
            options.standardised = true
            options.noiseScales = 0.5...1

            options.drugs = 40
            options.targetSharing = .none
            options.doses = [0.5, 1, 1.5, 2]
            options.maximumEffects = 2...5
            options.effectSpread = 0
            options.halfMaximalDoses = 0.3...2
            options.hillCoefficients = 1...3

            options.cellsPerCondition = 50
            options.controlCells = 800
            options.heldOutDrugs = 20
            options.heldOutDoses = [0.25, 0.75, 1.25, 1.75, 2.25]
        }
        return options
    }
}
