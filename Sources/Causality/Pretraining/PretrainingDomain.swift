import Foundation
import Simulators

/// One kind of worlds to train on.
public struct PretrainingDomain: Codable, Sendable, Equatable {
    public var name: String
    /// Of the training worlds, relative to the other domains.
    public var share = 1.0
    /// The first step whose worlds may be of this domain.
    public var fromStep = 0
    /// Mechanisms, graphs and noise; the numbers of genes and cells are drawn by the training.
    public var worlds: TrainingWorldOptions
    /// Whether some cells have interventions.
    public var isInterventional: Bool
    /// Whether cells of structural causal models are seen through counting: molecules drawn at a limited depth, normalised,
    /// ln(1 + x). Gene regulation is counted by its own technology.
    public var isCounted = false
    /// Shares of the genes that have cells labelled with an intervention on them in which nothing happened, as where a
    /// guide does not work; a world draws one of them.
    public var ineffectiveShares = [0.0]
    /// Whether each gene's values are shuffled among the cells: genes keep their distributions, and there are no edges.
    public var isPermuted = false
    /// Share of the genes that are copies of others, with their interventions: which of two equal genes has the edges is
    /// left to chance, so that neither should be believed by more than half.
    public var duplicatedShare = 0.0
    /// Of all genes the share that nobody measured, beside those of the panel: they may be common causes of others, and edges may run through them.
    public var hiddenShare = 0.0

    public init(
        name: String, share: Double = 1, worlds: CausalWorldOptions, isInterventional: Bool, isCounted: Bool = false,
        ineffectiveShares: [Double] = [0], isPermuted: Bool = false, duplicatedShare: Double = 0,
        hiddenShare: Double = 0, fromStep: Int = 0
    ) {
        self.name = name
        self.share = share
        self.fromStep = fromStep
        self.worlds = .causal(worlds)
        self.isInterventional = isInterventional
        self.isCounted = isCounted
        self.ineffectiveShares = ineffectiveShares
        self.isPermuted = isPermuted
        self.duplicatedShare = duplicatedShare
        self.hiddenShare = hiddenShare
    }

    /// Gene regulation, seen as its technology sequences it.
    public init(
        name: String, share: Double = 1, geneRegulation: GeneRegulationOptions, isInterventional: Bool,
        ineffectiveShares: [Double] = [0], isPermuted: Bool = false, duplicatedShare: Double = 0
    ) {
        self.name = name
        self.share = share
        worlds = .geneRegulation(geneRegulation)
        self.isInterventional = isInterventional
        self.ineffectiveShares = ineffectiveShares
        self.isPermuted = isPermuted
        self.duplicatedShare = duplicatedShare
    }

    /// All but name, worlds and whether there are interventions may be left out.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        share = try container.decodeIfPresent(Double.self, forKey: .share) ?? share
        fromStep = try container.decodeIfPresent(Int.self, forKey: .fromStep) ?? fromStep
        worlds = try container.decode(TrainingWorldOptions.self, forKey: .worlds)
        isInterventional = try container.decode(Bool.self, forKey: .isInterventional)
        isCounted = try container.decodeIfPresent(Bool.self, forKey: .isCounted) ?? isCounted
        ineffectiveShares =
            try container.decodeIfPresent([Double].self, forKey: .ineffectiveShares) ?? ineffectiveShares
        isPermuted = try container.decodeIfPresent(Bool.self, forKey: .isPermuted) ?? isPermuted
        duplicatedShare = try container.decodeIfPresent(Double.self, forKey: .duplicatedShare) ?? duplicatedShare
        hiddenShare = try container.decodeIfPresent(Double.self, forKey: .hiddenShare) ?? hiddenShare
    }

    /// Of a world of which so many are measured.
    func allGenes(measuring genes: Int) -> Int { Int((Double(genes) / (1 - hiddenShare)).rounded()) }

    /// Throws `OPTION` where a setting cannot be trained on, the worlds apart.
    func validate() throws(SimulationError) {
        // It stands in a column of a table and in a line of progress.
        try SimulationError.demand(
            !name.isEmpty && name.rangeOfCharacter(from: .controlCharacters.union(.newlines)) == nil, "domains.name",
            "words without tabs, line ends and other control characters", name.debugDescription)
        try SimulationError.demand(fromStep >= 0, "domains.fromStep", "a number of 0 or more", fromStep)
        try SimulationError.demand(
            !ineffectiveShares.isEmpty && ineffectiveShares.allSatisfy((0...1).contains), "domains.ineffectiveShares",
            "shares from 0 to 1", ineffectiveShares)
        try SimulationError.demand(
            (0...1).contains(duplicatedShare), "domains.duplicatedShare", "a share from 0 to 1", duplicatedShare)
        try SimulationError.demand(
            (0...0.9).contains(hiddenShare), "domains.hiddenShare", "a share from 0 to 0.9", hiddenShare)
        if case .geneRegulation = worlds {
            try SimulationError.demand(
                !isCounted, "domains.isCounted", "false, as gene regulation has technologies,", "true")
        }
    }
}
