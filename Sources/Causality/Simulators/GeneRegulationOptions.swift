import Graphs

/// From what gene regulatory networks and their cells are drawn. A list is drawn from uniformly (a value named twice
/// counts twice; of graphs all combinations are equally likely), a range uniformly; one draw serves a whole world unless
/// said otherwise.
///
/// Source of ranges: Lorch et al. 2022, "Amortized Inference for Causal Structure Learning", domain GRN; the defaults are
/// its training distribution.
public struct GeneRegulationOptions: Codable, Sendable, Equatable {
    public static let mostGenes = 5000

    public var genes = 30
    /// Cells of the wild type, and with one gene knocked out.
    public var observationalCells = 600
    public var interventionalCells = 200

    public var graphs: [GraphChoice] = [
        .scaleFree(edgesPerNode: [1, 2, 3], powers: [0.5, 0.8, 1, 1.2, 1.5], transposed: true),
        .erdosRenyi(edgesPerNode: [1, 2, 3]),
    ]

    /// Cell types: they differ in how fast master regulators are produced.
    public var cellTypes = [5]
    /// Production of master regulators, a draw for each gene and cell type; per unit of time.
    public var basalRates: [ClosedRange<Double>] = [1...3]
    /// Largest production that a regulator brings about, a draw for each edge; per unit of time.
    public var strengths: [ClosedRange<Double>] = [1...5]
    /// A regulator activates a share of its targets, drawn from a beta distribution, and represses the others.
    public var activationShares = [BetaShape(1, 1), BetaShape(0.5, 0.5)]
    /// Exponents of the Hill functions.
    public var hillCoefficients = [1.9, 2, 2.1]
    /// Decay of expression, per unit of time.
    public var decays = [0.7, 0.8, 0.9]
    /// Amplitudes of the noise of production and decay.
    public var noiseScales = [0.9, 1, 1.1]

    /// Genes that are intervened on in some cell.
    public var targets: [TargetCount] = [.all]
    /// Production that an intervention leaves: 0 for a knock-out, 0.5 for the knock-down of SERGIO.
    public var remainingProductions = [0.0]
    public var technologies = [SequencingTechnology.tenXChromium]

    public init() {}
}

/// The two shapes of a beta distribution on shares: of what is, and of what is not.
public struct BetaShape: Codable, Sendable, Equatable {
    public var alpha: Double
    public var beta: Double

    public init(_ alpha: Double, _ beta: Double) {
        self.alpha = alpha
        self.beta = beta
    }
}

/// A published distribution of gene regulation, by name.
public enum GeneRegulationPreset: String, Sendable, CaseIterable {
    /// The training distribution GRN.
    case train
    /// Networks, kinetics and technologies that training has not seen.
    case ood
    /// The example `gene-ecoli` of the package `avici` 1.0.7.
    case ecoli
}

extension GeneRegulationOptions {
    /// Source: Lorch et al. 2022, table of ranges in the appendix; 600 + 200 cells of 30 genes.
    public static func preset(_ preset: GeneRegulationPreset) -> GeneRegulationOptions {
        var options = GeneRegulationOptions()
        guard preset != .train else { return options }
        options.cellTypes = [10]
        options.technologies = [.illumina, .dropSeq, .smartSeq]
        switch preset {
        case .train: break
        case .ood:
            options.graphs = [.geneNetwork(["ecoli", "yeast"])]
            options.basalRates = [0.5...2, 2...4]
            options.strengths = [1...3, 3...7]
            options.activationShares = [BetaShape(0.2588, 0.2499)]
            options.hillCoefficients = [1.5, 2.5]
            options.decays = [0.5, 1.5]
            options.noiseScales = [0.5, 1.5]
        case .ecoli:
            options.graphs = [.geneNetwork(["ecoli"])]
            options.activationShares = [BetaShape(0.5, 0.5)]
            options.hillCoefficients = [2]
            options.decays = [1]
            options.noiseScales = [1]
        }
        return options
    }

    /// Throws `OPTION` where a setting is outside of what can be drawn.
    /// - Parameter networks: The known networks by name.
    public func validate(networks: [String: RegulatoryNetwork] = [:]) throws(SimulationError) {
        try SimulationError.demand(
            (1...Self.mostGenes).contains(genes), "genes", "1 to \(Self.mostGenes)", genes)
        try SimulationError.demand(
            observationalCells: observationalCells, interventionalCells: interventionalCells)
        try SimulationError.demand(!graphs.isEmpty, "graphs", "at least one family", "none")
        for choice in graphs { try choice.validate(genes: genes, networks: networks) }
        try TargetCount.validate(targets)
        try SimulationError.demand(!technologies.isEmpty, "technologies", "at least one", "none")
        try SimulationError.demand(
            !cellTypes.isEmpty && cellTypes.allSatisfy((1...1000).contains), "cellTypes", "numbers from 1 to 1000",
            cellTypes)
        // Every cell stands for a stretch of its genes' courses, which are kept until the genes that they drive are done.
        try SimulationError.demand(
            cells: simulatedCells, genes: Double(genes),
            largest: SimulationError.mostValues / Double(GeneRegulationWorld.stepsPerCell), "observationalCells")
        for (name, values, limits) in [
            ("hillCoefficients", hillCoefficients, 0.01...20), ("decays", decays, 0.001...50),
            ("noiseScales", noiseScales, 0...100), ("remainingProductions", remainingProductions, 0...100),
            ("activationShares", activationShares.flatMap { [$0.alpha, $0.beta] }, 0.001...1000),
        ] as [(String, [Double], ClosedRange<Double>)] {
            try SimulationError.demand(
                !values.isEmpty && values.allSatisfy(limits.contains), name,
                "numbers from \(limits.lowerBound) to \(limits.upperBound)", values)
        }
        for (name, ranges) in [("basalRates", basalRates), ("strengths", strengths)] {
            try SimulationError.demand(!ranges.isEmpty, name, "at least one range", "none")
            for range in ranges { try SimulationError.demand(range, name, within: 0...1e4) }
        }
    }

    /// Cells at most, as many of each type and for each target.
    private var simulatedCells: Double {
        let types = cellTypes.max() ?? 1
        func whole(_ cells: Int, _ parts: Int) -> Double { Double((cells + parts - 1) / parts) * Double(parts) }
        let intervened = targets.map { target in
            let count = min(target.targets(of: genes), interventionalCells)
            return count == 0 ? 0 : whole(interventionalCells, types * count)
        }
        return whole(observationalCells, types) + (intervened.max() ?? 0)
    }
}
