/// Why a perturbation at a dose moves the genes that it moves. Values are in the scale of the screen.
public struct PerturbationExplanation: Codable, Sendable, Equatable {
    /// One gene that the perturbation is believed to intervene on: a target as attributed by the model, which nobody has
    /// seen a molecule bind.
    public struct Target: Codable, Sendable, Equatable {
        public let gene: String
        /// π: share of the draws of graph and interventions in which the perturbation intervenes on it.
        public let probability: Double
        /// m: where (hard) it is set, or by how much (shift) it is moved, if it is a target.
        public let location: Double
        /// How much of the shift that the causal model makes is gone when this intervention is switched off, root mean
        /// square over genes: its own account, also where predictions are not told from it (`causalShare`).
        public let attributed: Double
        /// The same with its 95 % Monte-Carlo error; 0 where the decomposition is exact.
        public let attributedError: Double
    }

    /// What happens to one gene, and from where.
    public struct GeneShift: Codable, Sendable, Equatable {
        /// Part of a gene's shift that arrives from the intervention on `target`.
        public struct Contribution: Codable, Sendable, Equatable {
            public let target: String
            public let value: Double
            /// Its 95 % Monte-Carlo error; 0 where it is exact.
            public let error: Double
            /// The strongest paths from the target to the gene.
            public let paths: [Path]
        }

        public let gene: String
        public let shift: Double
        public let lower: Double
        public let upper: Double
        /// Part that the intervention on the gene itself makes, with its 95 % Monte-Carlo error.
        public let direct: Double
        public let directError: Double
        /// Part that arrives from interventions on other genes: the sum over all of them.
        public let mediated: Double
        public let mediatedError: Double
        /// Part that no intervention makes, told from treatments that are alike.
        public let residual: Double
        /// shift − direct − mediated − residual: what the targets do together and not one by one.
        public let unexplained: Double
        /// The largest contributions of other genes, by falling size.
        public let from: [Contribution]
    }

    /// A directed path through the network.
    public struct Path: Codable, Sendable, Equatable {
        /// From the target to the gene that is moved.
        public let genes: [String]
        /// The product of the effects of its edges: change of the last gene per unit of the first along this path.
        public let effect: Double
        /// Share of the graphs that have all its edges.
        public let probability: Double
    }

    public let perturbation: String
    public let dose: Double?
    public let isMeasured: Bool
    /// How much of the shift the causal model explains, 0…1, by size over all genes; the rest is told from likeness to
    /// measured treatments.
    public let causalShare: Double
    public let isOutOfSupport: Bool
    public let halfEffectiveDose: Double?
    public let hillSlope: Double?
    /// By falling attributed shift.
    public let targets: [Target]
    /// Genes by falling size of their shift.
    public let genes: [GeneShift]
    public let nearest: [Neighbour]
    public let distanceName: String?
    /// How the parts were found.
    public let method: String

    /// What the prediction rests on, in words.
    public var basis: String {
        if causalShare >= 1 { return "The causal model explains the whole shift." }
        if causalShare <= 0 {
            return
                "Likeness to measured treatments tells the whole shift, since the causal model was not clearly better on "
                + "treatments left out: targets and effects are what that model says by itself, and explain none of it."
        }
        let share = max(1, min(99, Int((100 * causalShare).rounded())))
        return "The causal model explains \(share) % of the shift, likeness to measured treatments tells the rest."
    }

    /// A measured perturbation with similar features.
    public struct Neighbour: Codable, Sendable, Equatable {
        public let perturbation: String
        public let distance: Double
    }
}

/// What is believed of one gene.
public struct GeneExplanation: Codable, Sendable, Equatable {
    public struct Regulator: Codable, Sendable, Equatable {
        public let gene: String
        /// Posterior probability of the edge to the explained gene (from it, for `regulated`).
        public let probability: Double
        /// Change of the target per unit of the source, in the scale of the screen.
        public let effect: Double
        /// Share of the graphs (of their draws, or of the seeds) in which the edge stands.
        public let agreement: Double
    }

    public struct Perturber: Codable, Sendable, Equatable {
        public let perturbation: String
        public let dose: Double?
        /// π of the map.
        public let probability: Double
        public let location: Double
        /// Probability that it is a target, after seeing the cells of the treatment.
        public let posterior: Double
    }

    public let gene: String
    /// By falling probability.
    public let regulators: [Regulator]
    public let regulated: [Regulator]
    /// Measured perturbations that target it, each at the dose of largest location, by falling probability.
    public let perturbations: [Perturber]
}
