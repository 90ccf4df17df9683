/// What an atomic intervention does to the mechanism of its target.
public enum InterventionKind: String, Codable, Sendable, CaseIterable {
    /// The parents no longer matter: x ~ N(m, s²), in control standard deviations.
    case hard
    /// The mechanism stays and is moved: x ~ N(f(parents) + m, (σ s)²).
    case shift
}

/// How often the targets of a perturbation are drawn.
public enum TargetDraw: String, Codable, Sendable, CaseIterable {
    /// Once a context: every cell of a treatment has the same targets.
    case context
    /// Once a cell: responders and non-responders (incomplete penetrance).
    case cell
}

/// How the dose enters.
public enum DoseHead: String, Codable, Sendable, CaseIterable {
    /// Hill where every treated context has a dose and there are at least two doses, else free.
    case automatic
    /// The encoder sees log(1 + dose / median dose) beside the features.
    case free
    /// Locations follow m · doseʰ / (EC50ʰ + doseʰ): monotone, nothing at dose 0.
    case hill
}

/// How the fit learns from a graph that is not yet certain.
public enum GraphGradient: String, Codable, Sendable, CaseIterable {
    /// The expected log-likelihood over all graphs, bounded from below in closed form: exact for linear mechanisms but for
    /// the bound, and without noise.
    case expected
    /// Straight-through Gumbel–sigmoid samples, as in the paper.
    case sampled
}

/// Settings of a fit of the generative intervention model.
public struct FitOptions: Codable, Sendable, Equatable {
    public var intervention: InterventionKind = .shift
    public var targetDraw: TargetDraw = .context
    public var doseHead: DoseHead = .automatic
    /// Models fitted from different seeds; they share nothing but the data.
    public var ensembleSize: Int = 3
    /// Adam steps in which graph, mechanisms and map are found together.
    public var structureSteps: Int = 2000
    /// Adam steps in which the mechanisms and the map are refined on the final graph.
    public var refinementSteps: Int = 1000
    /// Adam's step size at the start; it falls to a tenth along half a cosine in each phase.
    public var learningRate: Double = 0.01
    public var graphGradient: GraphGradient = .expected
    /// Graphs sampled a step, where they are.
    public var graphSamples: Int = 1
    /// Temperature of the Gumbel–sigmoid relaxation.
    public var graphTemperature: Double = 1
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
    /// Share of perturbations, doses or cells kept aside by each model of the ensemble for early stopping.
    public var validationShare: Double = 0.1
    /// Refinement stops after this many validations (every 20 steps) without improvement.
    public var patience: Int = 10
    /// Targets that the screen names are taken as given instead of being learnt.
    public var useKnownTargets: Bool = true

    public init() {}

    static let mostHiddenUnits = 4096

    /// Throws where a setting is outside of what can be computed.
    public func validate() throws {
        func demand(_ condition: Bool, _ element: String, _ expected: String, _ found: Any) throws {
            if !condition {
                throw InterventionError(
                    code: "OPTION", element: element, message: "\(expected) expected, found \(found)",
                    remedy: "correct \(element) in the configuration")
            }
        }
        try demand((1...100).contains(ensembleSize), "ensembleSize", "1 to 100", ensembleSize)
        try demand(structureSteps >= 0, "structureSteps", "0 or more", structureSteps)
        try demand(refinementSteps > 0, "refinementSteps", "1 or more", refinementSteps)
        try demand(learningRate > 0 && learningRate < 1, "learningRate", "a number between 0 and 1", learningRate)
        try demand((1...64).contains(graphSamples), "graphSamples", "1 to 64", graphSamples)
        try demand(graphTemperature > 0, "graphTemperature", "a positive number", graphTemperature)
        for (name, value) in [("edgeProbability", edgeProbability), ("targetProbability", targetProbability)] {
            if let value { try demand(value > 0 && value < 1, name, "a number between 0 and 1", value) }
        }
        try demand(beliefTrust >= 0, "beliefTrust", "0 or more", beliefTrust)
        try demand(
            structureTargetSparsity >= 0, "structureTargetSparsity", "0 or more", structureTargetSparsity)
        try demand(targetSparsity >= 0, "targetSparsity", "0 or more", targetSparsity)
        try demand(effectDeviation > 0, "effectDeviation", "a positive number", effectDeviation)
        try demand(locationDeviation > 0, "locationDeviation", "a positive number", locationDeviation)
        try demand(
            (1...Self.mostHiddenUnits).contains(hiddenUnits), "hiddenUnits", "1 to \(Self.mostHiddenUnits)", hiddenUnits
        )
        try demand(individuality >= 0, "individuality", "0 or more", individuality)
        try demand(controlShare > 0 && controlShare < 1, "controlShare", "a number between 0 and 1", controlShare)
        try demand(
            validationShare >= 0 && validationShare < 0.9, "validationShare", "0 to below 0.9", validationShare)
        try demand(patience > 0, "patience", "1 or more", patience)
    }
}
