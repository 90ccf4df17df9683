/// A cause that nobody measured, such as a batch or the state of a cell, and the genes on which it is suspected to act.
public struct HiddenCause: Codable, Sendable, Equatable {
    public let name: String
    /// Empty: all genes.
    public let genes: [String]

    public init(name: String, genes: [String] = []) {
        self.name = name
        self.genes = genes
    }
}

/// Whether the effect of one gene on another follows from the cells at hand in spite of hidden causes, given the graphs of a
/// model: of all those of its graphs on which the source leads to the target, what most of them say.
public struct EffectIdentifiability: Codable, Sendable, Equatable {
    public enum Evidence: String, Codable, Sendable {
        /// Cells on which nothing was done suffice.
        case observation
        /// It takes the cells in which known targets were set.
        case experiment
        /// No number of such cells suffices.
        case none
    }

    public let source: String
    public let target: String
    /// Share of the graphs on which the source leads to the target.
    public let probability: Double
    public let evidence: Evidence
    /// Of the graphs on which the source leads to the target, the share that say the same.
    public let agreement: Double
    /// The sets of genes of which the cells are needed where they were set.
    public let experiments: [[String]]
    /// What gives the effect; nil where nothing does.
    public let formula: String?
    /// Hidden causes that, measured together, would give the effect, none of them to spare; empty where it is given.
    public let missing: [String]
}
