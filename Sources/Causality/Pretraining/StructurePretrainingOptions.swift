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

/// How fast the multiplier of the constraint that beliefs are acyclic rises; see `AcyclicityMultiplier`.
public struct AcyclicityOptions: Codable, Sendable, Equatable {
    /// 0: no constraint.
    public var rate = 1e-4
    public var interval = 500
    public var warmupSteps = 50_000
    public var averaging = 1e-4

    public init() {}

    var multiplier: AcyclicityMultiplier {
        AcyclicityMultiplier(rate: rate, interval: interval, warmup: warmupSteps, averaging: averaging)
    }
}

/// How a structure predictor is trained.
public struct StructurePretrainingOptions: Codable, Sendable, Equatable {
    public var network = NetworkKind.pairwise(PairwiseNetworkOptions())
    /// Which statistics the pairwise network reads, by their names in `PairFeatures`; nil for all.
    public var features: [String]?
    public var optimiser = OptimiserOptions.adamW(learningRate: 1e-3, weightDecay: 0.01)
    /// Of the network of AVICI only.
    public var acyclicity = AcyclicityOptions()
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
    /// The last steps, over which the learning rate falls along half a cosine to 2 % of its height; nil: all after those in
    /// which it rises. Until it falls, a training can be extended by resuming with more steps.
    public var decaySteps: Int?
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
    /// Drawn as those of the training's end, once it is done: for calibration, and for telling data that lie elsewhere.
    public var calibrationWorlds = 4000
    public var seed: UInt64 = 0

    public init() {}

    /// The defaults for a network of either kind: that of AVICI is trained as Lorch et al. 2022 do, by LAMB with a rate of
    /// 3 × 10⁻⁵ times the square root of the worlds of a step, but on fewer of them, and on small panels of few cells.
    public init(network: NetworkKind) {
        self.network = network
        guard case .avici = network else { return }
        optimiser = .lamb(learningRate: 3e-5 * Double(worldsPerStep).squareRoot())
        genes = 5...30
        cells = 50...200
        validationCells = 200
    }

    /// The share of the learning rate at each step.
    var schedule: Schedule {
        decaySteps.map { .warmupStableCosine(warmup: warmupSteps, total: steps, decay: $0) }
            ?? .warmupCosine(warmup: warmupSteps, total: steps)
    }

    /// Of the domains at each step: those that have not begun have none.
    func shares(atStep step: Int) -> [Double] { domains.map { step < $0.fromStep ? 0 : $0.share } }

    /// From what the sizes of a step's worlds are drawn.
    func sizes(atStep step: Int) -> (genes: ClosedRange<Int>, cells: ClosedRange<Int>) {
        curriculum.first { step < $0.untilStep }.map { ($0.genes, $0.cells) } ?? (genes, cells)
    }
}
