import Simulators

/// One kind of worlds to train on.
public struct PretrainingDomain: Codable, Sendable, Equatable {
    public var name: String
    /// Of the training worlds, relative to the other domains.
    public var share = 1.0
    /// Mechanisms, graphs and noise; the numbers of genes and cells are drawn by the training.
    public var worlds: TrainingWorldOptions
    /// Whether some cells have interventions.
    public var isInterventional: Bool
    /// Whether cells of structural causal models are seen through counting: molecules drawn at a limited depth, normalised,
    /// ln(1 + x). Gene regulation is counted by its own technology.
    public var isCounted = false
    /// Share of the genes that have cells labelled with an intervention on them in which nothing happened, as where a
    /// guide does not work.
    public var ineffectiveShare = 0.0
    /// Whether each gene's values are shuffled among the cells: genes keep their distributions, and there are no edges.
    public var isPermuted = false
    /// Share of the genes that are copies of others, with their interventions: which of two equal genes has the edges is
    /// left to chance, so that neither should be believed by more than half.
    public var duplicatedShare = 0.0

    public init(
        name: String, share: Double = 1, worlds: CausalWorldOptions, isInterventional: Bool, isCounted: Bool = false,
        ineffectiveShare: Double = 0, isPermuted: Bool = false, duplicatedShare: Double = 0
    ) {
        self.name = name
        self.share = share
        self.worlds = .causal(worlds)
        self.isInterventional = isInterventional
        self.isCounted = isCounted
        self.ineffectiveShare = ineffectiveShare
        self.isPermuted = isPermuted
        self.duplicatedShare = duplicatedShare
    }

    /// Gene regulation, seen as its technology sequences it.
    public init(
        name: String, share: Double = 1, geneRegulation: GeneRegulationOptions, isInterventional: Bool,
        ineffectiveShare: Double = 0, isPermuted: Bool = false, duplicatedShare: Double = 0
    ) {
        self.name = name
        self.share = share
        worlds = .geneRegulation(geneRegulation)
        self.isInterventional = isInterventional
        self.ineffectiveShare = ineffectiveShare
        self.isPermuted = isPermuted
        self.duplicatedShare = duplicatedShare
    }

    /// All but name, worlds and whether there are interventions may be left out.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        share = try container.decodeIfPresent(Double.self, forKey: .share) ?? share
        worlds = try container.decode(TrainingWorldOptions.self, forKey: .worlds)
        isInterventional = try container.decode(Bool.self, forKey: .isInterventional)
        isCounted = try container.decodeIfPresent(Bool.self, forKey: .isCounted) ?? isCounted
        ineffectiveShare = try container.decodeIfPresent(Double.self, forKey: .ineffectiveShare) ?? ineffectiveShare
        isPermuted = try container.decodeIfPresent(Bool.self, forKey: .isPermuted) ?? isPermuted
        duplicatedShare = try container.decodeIfPresent(Double.self, forKey: .duplicatedShare) ?? duplicatedShare
    }

    /// Throws `OPTION` where a setting cannot be trained on, the worlds apart.
    func validate() throws(SimulationError) {
        for (name, value) in [("ineffectiveShare", ineffectiveShare), ("duplicatedShare", duplicatedShare)] {
            try SimulationError.demand((0...1).contains(value), "domains.\(name)", "a share from 0 to 1", value)
        }
        if case .geneRegulation = worlds {
            try SimulationError.demand(
                !isCounted, "domains.isCounted", "false, as gene regulation has technologies,", "true")
        }
    }
}
