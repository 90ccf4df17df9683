import Networks
import Simulators
import Structure

/// Sizes of worlds for the first part of a training.
public struct CurriculumStage: Codable, Sendable, Equatable {
    /// Up to this step, which itself has the sizes of what follows. Not a share of all steps: a training that is extended
    /// must not find that it should have begun otherwise.
    public var untilStep: Int
    public var genes: ClosedRange<Int>
    public var cells: ClosedRange<Int>

    public init(untilStep: Int, genes: ClosedRange<Int>, cells: ClosedRange<Int>) {
        self.untilStep = untilStep
        self.genes = genes
        self.cells = cells
    }
}

/// How a structure predictor is trained.
public struct StructurePretrainingOptions: Codable, Sendable, Equatable {
    public var network = PairwiseNetworkOptions()
    public var optimiser = OptimiserOptions.adamW(learningRate: 1e-3, weightDecay: 0.01)
    public var domains = PretrainingDomain.standard
    /// Panels of the training worlds. The density of a size is proportional to its power −`genesPower`: at 1 every doubling
    /// is as frequent as the next, at 3 it takes as much of the time, which grows with the square of the genes.
    public var genes: ClosedRange<Int> = 5...40
    public var genesPower = 1.0
    /// Cells of the training worlds, uniform on a logarithmic scale.
    public var cells: ClosedRange<Int> = 100...2000
    /// Other panels and cells for the beginning, by rising steps.
    public var curriculum: [CurriculumStage] = []
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

    /// From what the sizes of a step's worlds are drawn.
    func sizes(atStep step: Int) -> (genes: ClosedRange<Int>, cells: ClosedRange<Int>) {
        curriculum.first { step < $0.untilStep }.map { ($0.genes, $0.cells) } ?? (genes, cells)
    }

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
        try SimulationError.demand((0...10).contains(genesPower), "genesPower", "a number from 0 to 10", genesPower)
        try SimulationError.demand(
            zip(curriculum, curriculum.dropFirst()).allSatisfy { $0.untilStep < $1.untilStep }
                && curriculum.allSatisfy { $0.untilStep > 0 }, "curriculum.untilStep", "rising numbers of steps",
            curriculum.map(\.untilStep))
        for stage in curriculum {
            for (name, range, limits) in [
                ("genes", stage.genes, 2...1000), ("cells", stage.cells, 10...1_000_000),
            ] {
                try SimulationError.demand(
                    limits.contains(range.lowerBound) && limits.contains(range.upperBound), "curriculum.\(name)",
                    "\(limits.lowerBound) to \(limits.upperBound)", range)
            }
        }
        let shares = domains.map(\.share)
        try SimulationError.demand(
            shares.allSatisfy { (0...1e6).contains($0) } && shares.contains { $0 > 0 }, "domains.share",
            "numbers of 0 or more, not all 0", shares)
        for domain in domains {
            try domain.validate()
            let sizes = [(genes, cells)] + curriculum.map { ($0.genes, $0.cells) }
            for (genes, cells) in sizes.map({ ($0.upperBound, $1.upperBound) }) + [(validationGenes, validationCells)] {
                // Memory follows the sum of both.
                let interventional = domain.isInterventional ? cells / 2 : 0
                try domain.worlds.sized(
                    genes: genes, observationalCells: cells - interventional, interventionalCells: interventional
                ).validate()
            }
        }
    }
}
