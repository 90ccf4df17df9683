/// What measured control cells would have been under a perturbation: each keeps its own noise, the interventions that the
/// model attributes are applied, and mechanisms read off the controls carry them on. Values are in the scale of the screen.
public struct CounterfactualExplanation: Codable, Sendable, Equatable {
    /// An intervention that was applied, mean over the draws.
    public struct Intervention: Codable, Sendable, Equatable {
        public let gene: String
        /// Share of the draws that intervene on it.
        public let probability: Double
        /// What it is moved by, or set to, where it is a target.
        public let value: Double
        public let isSet: Bool
    }

    /// What becomes of one gene.
    public struct Gene: Codable, Sendable, Equatable {
        public let gene: String
        /// Change of the mean of the cells, with the central 90 % of what draws of graph, mechanisms and interventions give.
        public let shift: Double
        public let lower: Double
        public let upper: Double
        /// Shift that the model predicts.
        public let predicted: Double
        /// `shift` over `predicted`; nil where the predicted interval holds 0, whose share of anything means nothing.
        public let explained: Double?
        /// Share of the cells that move up, and down, by more than `CounterfactualExplanation.leastChange`.
        public let up: Double
        public let down: Double
        /// The change below which a tenth, half and nine tenths of the cells lie.
        public let quantiles: [Double]
    }

    /// A cell counts as moved beyond this, in control standard deviations of the gene.
    public static let leastChange = 0.1
    /// At which `Gene.quantiles` stand.
    public static let levels = [0.1, 0.5, 0.9]

    public let perturbation: String
    public let dose: Double?
    /// Why nothing is said; nil where something is.
    public let abstention: String?
    /// Control cells that were followed, graphs and draws.
    public let cells: Int
    public let graphs: Int
    public let draws: Int
    /// By falling probability.
    public let interventions: [Intervention]
    /// Those that an intervention reaches, by falling size of their shift.
    public let genes: [Gene]
    /// How much of the predicted shift is there, over all genes: 1 − Σ (predicted − shift)² / Σ predicted², 0 at least; nil
    /// where nothing is predicted.
    public let explained: Double?
}
