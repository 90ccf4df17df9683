/// A number that says how a fit went, beside its outcomes and curves.
public struct FitDiagnostic: Codable, Sendable, Equatable {
    /// In a few words, such as `gain of nonlinear mechanisms`.
    public var name: String
    public var value: Double
    /// Its unit, and what it means.
    public var note: String

    public init(name: String, value: Double, note: String) {
        self.name = name
        self.value = value
        self.note = note
    }
}

/// How often the intervals of predicted shifts held what was measured, where treatments were predicted as if their cells
/// had not been seen.
public struct IntervalCoverage: Codable, Sendable, Equatable {
    /// What of a treatment is new to the model.
    public enum Novelty: String, Codable, Sendable, CaseIterable {
        case measured
        case dose
        case stratum
        case combination
        case perturbation
    }

    public var novelty: Novelty
    /// The share that intervals are to hold.
    public var level: Double
    /// The share that the model's own intervals held, and that those widened or narrowed hold.
    public var before: Double
    public var after: Double
    /// The model's own half widths are taken times this.
    public var scale: Double
    /// Share of the causal model in the prediction; the rest is told from treatments that are alike.
    public var causalWeight: Double
    /// Treatments × genes that were predicted.
    public var trials: Int

    public init(
        novelty: Novelty, level: Double, before: Double, after: Double, scale: Double, causalWeight: Double, trials: Int
    ) {
        self.novelty = novelty
        self.level = level
        self.before = before
        self.after = after
        self.scale = scale
        self.causalWeight = causalWeight
        self.trials = trials
    }
}
