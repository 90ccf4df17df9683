/// Settings of a fit of the generative intervention model.
public struct FitOptions: Codable, Sendable, Equatable {
    public var mechanisms: MechanismKind = .linear
    /// Hidden units of a gene's mechanism, where mechanisms are `mlp`.
    public var mechanismUnits: Int = 8
    public var intervention: InterventionKind = .shift
    public var targetDraw: TargetDraw = .context
    public var targetEstimator: TargetEstimator = .exact
    /// Relaxed samples of the targets a step, where they are `relaxed`.
    public var targetSamples: Int = 1
    /// Temperature of the relaxed targets.
    public var targetTemperature: Double = 0.5
    public var doseHead: DoseHead = .automatic
    public var covariates: CovariateUse = .strata
    /// Models fitted from different seeds; they share nothing but the data.
    public var ensembleSize: Int = 3
    /// Adam steps in which graph, mechanisms and map are found together.
    public var structureSteps: Int = 2000
    /// Adam steps in which the mechanisms and the map are refined on the final graph.
    public var refinementSteps: Int = 1000
    /// Adam's step size at the start; it falls to a tenth along half a cosine in each phase.
    public var learningRate: Double = 0.01
    /// Linear mechanisms alone can learn from the expectation.
    public var graphGradient: GraphGradient = .expected
    /// Graphs sampled a step, where they are.
    public var graphSamples: Int = 1
    /// Temperature of the Gumbel–sigmoid relaxation.
    public var graphTemperature: Double = 1
    public var acyclicity: AcyclicityKind = .logDeterminant
    /// Prior probability of an edge where no beliefs are given; nil: 2 / genes, at most 0.2.
    public var edgeProbability: Double?
    /// How far given edge beliefs q are trusted: the prior is q to this power; 0 ignores them.
    public var beliefTrust: Double = 1
    /// Prior probability that a perturbation targets a gene; nil: 2 / genes, at most 0.1.
    public var targetProbability: Double?
    /// Weight of the prior on targets while the graph is sought, in contexts. High: what a drug does to many genes is to
    /// arrive along edges, wherever it can.
    public var structureTargetSparsity: Double = 10
    /// Weight of the prior on targets when the map is refined on the final graph, in contexts. Low: a target that the cells
    /// show is not to be half believed.
    public var targetSparsity: Double = 0.1
    /// Prior standard deviation of the effect of one gene on another, in control standard deviations.
    public var effectDeviation: Double = 1
    /// Prior standard deviation of an intervention's location, in control standard deviations.
    public var locationDeviation: Double = 4
    /// Width of the encoder of perturbation features.
    public var hiddenUnits: Int = 32
    /// How much a measured perturbation may deviate from what its features say, as a share of `locationDeviation`; 0
    /// makes features say everything.
    public var individuality: Double = 0.15
    /// The controls count for at most this share of the likelihood, so that they do not swamp the rest.
    public var controlShare: Double = 0.5
    /// Cells of each sampled context in a step; 0 takes all cells of all contexts. Linear mechanisms with targets drawn once
    /// a context need no cells and always take all.
    public var batchCells: Int = 0
    /// Contexts sampled a step, in proportion to the cells that they count for; matters where `batchCells` is not 0.
    public var batchContexts: Int = 16
    /// Share of perturbations, doses or cells kept aside by each model of the ensemble for early stopping.
    public var validationShare: Double = 0.1
    /// Refinement stops after this many validations (every 20 steps) without improvement.
    public var patience: Int = 10
    /// Targets that the screen names are taken as given instead of being learnt.
    public var useKnownTargets: Bool = true

    public init() {}

    static let mostHiddenUnits = 4096
}
