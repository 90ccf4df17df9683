import Networks
import Simulators
import Structure

/// One kind of worlds to train on.
public struct PretrainingDomain: Codable, Sendable, Equatable {
    public var name: String
    /// Of the training worlds, relative to the other domains.
    public var share: Double
    /// Mechanisms, graphs and noise; the numbers of genes and cells are drawn by the training.
    public var worlds: TrainingWorldOptions
    /// Whether some cells have interventions.
    public var isInterventional: Bool
    /// Whether cells of structural causal models are seen through counting: molecules drawn at a limited depth, normalised,
    /// ln(1 + x). Gene regulation is counted by its own technology.
    public var isCounted: Bool
    /// Share of the genes that have cells labelled with an intervention on them in which nothing happened, as where a
    /// guide does not work.
    public var ineffectiveShare: Double

    public init(
        name: String, share: Double = 1, worlds: CausalWorldOptions, isInterventional: Bool, isCounted: Bool = false,
        ineffectiveShare: Double = 0
    ) {
        self.name = name
        self.share = share
        self.worlds = .causal(worlds)
        self.isInterventional = isInterventional
        self.isCounted = isCounted
        self.ineffectiveShare = ineffectiveShare
    }

    /// Gene regulation, seen as its technology sequences it.
    public init(
        name: String, share: Double = 1, geneRegulation: GeneRegulationOptions, isInterventional: Bool,
        ineffectiveShare: Double = 0
    ) {
        self.name = name
        self.share = share
        worlds = .geneRegulation(geneRegulation)
        self.isInterventional = isInterventional
        isCounted = false
        self.ineffectiveShare = ineffectiveShare
    }

    /// The published training ranges of linear and random Fourier worlds with and without interventions, wider ranges of
    /// both, and the wider ones seen through counting, with interventions of which some do not work.
    public static let standard: [PretrainingDomain] = {
        func graphs(edgesPerGene: [Double]) -> [GraphChoice] {
            let powers = [0.7, 1, 1.2, 1.5]
            let wholes = edgesPerGene.map { $0.rounded() }
            // As often as each of the others, which have four powers.
            return Array(repeating: .erdosRenyi(edgesPerNode: edgesPerGene), count: powers.count) + [
                .scaleFree(edgesPerNode: wholes, powers: powers),
                .scaleFree(edgesPerNode: wholes, powers: powers, transposed: true),
            ]
        }
        let noises: [NoiseFamily] = [.gaussian, .gaussian, .gaussian, .laplace]
        let constant = NoiseScaleChoice.constant(0.2...2)
        let scales = [constant, constant, constant, .heteroscedastic]
        var broad = CausalWorldOptions()
        broad.graphs = graphs(edgesPerGene: [1, 2, 3])
        broad.mechanisms = [
            .linear(weights: [0.25...4], noises: noises, noiseScales: scales),
            .randomFourier(lengthScales: [5...12], outputScales: [8...22], noises: noises, noiseScales: scales),
        ]
        broad.targets = [.percent(20), .percent(50), .all]
        broad.interventionValues = [1...5]
        var sparse = broad
        sparse.graphs = graphs(edgesPerGene: [0, 0.5, 1, 2, 3])
        let linear = CausalWorldOptions.preset(.linear)
        let randomFourier = CausalWorldOptions.preset(.randomFourier)
        return [
            PretrainingDomain(name: "linear", worlds: linear, isInterventional: false),
            PretrainingDomain(name: "linear, interventional", worlds: linear, isInterventional: true),
            PretrainingDomain(name: "random Fourier", worlds: randomFourier, isInterventional: false),
            PretrainingDomain(name: "random Fourier, interventional", worlds: randomFourier, isInterventional: true),
            PretrainingDomain(name: "broad", worlds: broad, isInterventional: false),
            PretrainingDomain(name: "broad, interventional", worlds: broad, isInterventional: true),
            PretrainingDomain(name: "counted", share: 0.5, worlds: sparse, isInterventional: false, isCounted: true),
            PretrainingDomain(
                name: "counted, interventional", share: 0.5, worlds: sparse, isInterventional: true, isCounted: true,
                ineffectiveShare: 0.3),
        ]
    }()
}

/// How a structure predictor is trained.
public struct StructurePretrainingOptions: Codable, Sendable, Equatable {
    public var network = PairwiseNetworkOptions()
    public var optimiser = OptimiserOptions.adamW(learningRate: 1e-3, weightDecay: 0.01)
    public var domains = PretrainingDomain.standard
    /// Panels and cells of the training worlds, drawn uniformly on a logarithmic scale.
    public var genes: ClosedRange<Int> = 5...40
    public var cells: ClosedRange<Int> = 100...2000
    /// Share of the cells with interventions, where there are any.
    public var interventionalShare: ClosedRange<Double> = 0.1...0.8

    public var steps = 7000
    public var warmupSteps = 200
    public var worldsPerStep = 8
    /// Largest Euclidean norm of a gradient.
    public var gradientNorm = 1.0
    public var averageDecay = 0.999

    /// Steps between validations, and between checkpoints.
    public var validationInterval = 1000
    public var checkpointInterval = 500
    /// For each domain; fixed.
    public var validationWorlds = 16
    public var validationGenes = 30
    public var validationCells = 1000
    public var seed: UInt64 = 0

    public init() {}

    /// Throws `OPTION` where a setting is outside of what can be trained.
    public func validate() throws(SimulationError) {
        for (name, value, limits) in [
            ("network.width", network.width, 1...512), ("network.blocks", network.blocks, 1...32),
            ("network.heads", network.heads, 1...512), ("network.triangleWidth", network.triangleWidth, 1...512),
            ("network.feedForwardFactor", network.feedForwardFactor, 1...8), ("genes", genes.lowerBound, 2...1000),
            ("genes", genes.upperBound, 2...1000), ("cells", cells.lowerBound, 10...1_000_000),
            ("cells", cells.upperBound, 10...1_000_000), ("steps", steps, 1...1_000_000_000),
            ("warmupSteps", warmupSteps, 0...1_000_000_000), ("worldsPerStep", worldsPerStep, 1...10_000),
            ("validationInterval", validationInterval, 1...1_000_000_000),
            ("checkpointInterval", checkpointInterval, 1...1_000_000_000),
            ("validationWorlds", validationWorlds, 1...10_000), ("validationGenes", validationGenes, 2...1000),
            ("validationCells", validationCells, 10...1_000_000), ("domains", domains.count, 1...1000),
        ] as [(String, Int, ClosedRange<Int>)] {
            try SimulationError.demand(
                limits.contains(value), name, "\(limits.lowerBound) to \(limits.upperBound)", value)
        }
        try SimulationError.demand(
            network.width % network.heads == 0, "network.width", "a multiple of \(network.heads) heads", network.width)
        try SimulationError.demand(
            interventionalShare.lowerBound >= 0 && interventionalShare.upperBound <= 1, "interventionalShare",
            "shares from 0 to 1", interventionalShare)
        try SimulationError.demand(gradientNorm > 0, "gradientNorm", "a positive number", gradientNorm)
        try SimulationError.demand(
            (0...1).contains(averageDecay), "averageDecay", "a number from 0 to 1", averageDecay)
        let shares = domains.map(\.share)
        try SimulationError.demand(
            shares.allSatisfy { (0...1e6).contains($0) } && shares.contains { $0 > 0 }, "domains.share",
            "numbers of 0 or more, not all 0", shares)
        for domain in domains {
            try SimulationError.demand(
                (0...1).contains(domain.ineffectiveShare), "domains.ineffectiveShare", "a share from 0 to 1",
                domain.ineffectiveShare)
            if case .geneRegulation = domain.worlds {
                try SimulationError.demand(
                    !domain.isCounted, "domains.isCounted", "false, as gene regulation has technologies,", "true")
            }
            for (genes, cells) in [(genes.upperBound, cells.upperBound), (validationGenes, validationCells)] {
                // Memory follows the sum of both.
                let interventional = domain.isInterventional ? cells / 2 : 0
                try domain.worlds.sized(
                    genes: genes, observationalCells: cells - interventional, interventionalCells: interventional
                ).validate()
            }
        }
    }
}
