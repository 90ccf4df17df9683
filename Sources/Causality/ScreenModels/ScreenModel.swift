import AnnotatedData
import FeatureModels
import Foundation
import Graphs
import Interventions
import Matrices
import PredictedCells
import Probability
import Responses
import Screens

/// A generative intervention model of a screen: graphs with mechanisms drawn from their posterior, what each measured
/// perturbation does on them, and how effects follow from features.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | A, θ, σ | `mechanisms` | graphs | draws of graph and mechanisms |
/// | I, m | `effects` | perturbations × draws | draws of targets, full effects and dose curve |
/// | φ | `features` | | from features to a distribution over interventions |
///
/// Source: Schneider et al. 2025, "Generative Intervention Models for Causal Perturbation Modeling".
/// Deviation from the paper: graph, targets and mechanisms of measured perturbations come from marginal likelihoods in
/// closed form (`ResponsePosterior`), and features are told from effects instead of effects from features
/// (`InverseFeatureModel`).
public struct ScreenModel: Sendable {
    public let genes: [String]
    public let scaling: GeneScaling
    public let scale: ExpressionScale
    public let options: ScreenModelOptions
    public let seed: UInt64
    public let contexts: [Context]
    /// Treatments × genes: measured shift of the mean against control, in the scale of the screen.
    let measuredShifts: [Double]
    /// Single perturbations, those of combinations among them.
    public let parts: [String]
    /// The single perturbations of each combination of the screen.
    public let combinations: [String: [String]]
    public let knownTargets: [String: [String]]
    /// What tells strata apart: columns of the mechanisms.
    let covariates: [ScreenPlan.CovariateLevels]
    /// Draws of graph and mechanisms.
    let mechanisms: [CausalMechanisms]
    let effects: EffectDraws
    /// Graphs × perturbations.
    let replacements: [[[CausalMechanisms.Replacement]]]
    /// genes × genes; row = source.
    let edgeProbabilities: [Float]
    /// parts × genes.
    let targetProbabilities: [Float]
    /// nil where no features were given, or none that vary.
    let inverse: InverseFeatureModel?
    /// nil where treatments are too few to compare, or where the options leave it out.
    var paths: ShiftPaths?
    var calibration: ShiftCalibration
    /// Makes cells of control cells; nil where the values don't allow it.
    var generator: CellGenerator?
    public let isNonlinear: Bool
    public let outcomes: [FitOutcome]
    public internal(set) var diagnostics: [FitDiagnostic]
    /// How the search for graph and targets went, as `SearchTrace.scores`: of each beginning, then of what followed from the
    /// best, the log marginal likelihood with prior after each round of moves, in nats.
    public let searchScores: [[Double]]
    public internal(set) var notices: [Notice]
    public var provenance: [String: String] = [:]

    public var ensembleSize: Int { mechanisms.count }
    /// What combinations have in common stands for the parts that nobody measured.
    public var answersUnknownParts: Bool { paths != nil }
    public var features: [String] { inverse?.space.features ?? [] }
    public var perturbations: [String] {
        var seen: Set<String> = []
        return contexts.map(\.perturbation).filter { seen.insert($0).inserted }
    }
    public var curves: [[FitCurvePoint]] { [] }
    public var brokenEdges: [[BrokenEdge]] { [] }
    public var graphs: [DirectedGraph] { mechanisms.map(\.graph) }

    public var coverage: [IntervalCoverage] {
        ShiftCalibration.Kind.allCases.compactMap { kind in
            guard let factor = calibration.factors[kind],
                let novelty = IntervalCoverage.Novelty(rawValue: kind.rawValue)
            else { return nil }
            return IntervalCoverage(
                novelty: novelty, level: ShiftCalibration.level, before: factor.coverageBefore,
                after: factor.coverageAfter, scale: factor.scale, causalWeight: factor.weights.causal,
                trials: factor.count)
        }
    }

    public var methods: String {
        "A generative intervention model (Schneider et al. 2025) with \(isNonlinear ? "nonlinear" : "linear") mechanisms: "
            + "\(ensembleSize) graphs with mechanisms, targets and dose curves were drawn from their posterior by marginal "
            + "likelihoods in closed form"
            + (inverse == nil
                ? "."
                : "; unseen perturbations were told from their features by a Gaussian process from interventions to features.")
    }

    public var edgeBeliefs: EdgeBeliefs { EdgeBeliefs(genes: genes, probabilities: edgeProbabilities) }

    public var measured: [(context: Context, shift: [Double])] {
        let d = genes.count
        return contexts.indices.map { (contexts[$0], Array(measuredShifts[$0 * d..<($0 + 1) * d])) }
    }

    public var measuredFeatures: FeatureTable? {
        guard let space = inverse?.space else { return nil }
        return FeatureTable(
            perturbations: space.perturbations, features: space.features,
            values: Matrix(
                rows: space.perturbations.count, columns: space.features.count, values: space.values.map { Float($0) }))
    }

    /// In the scale of the screen, mean over the graphs that have the edge: from one control standard deviation of the
    /// source below its mean to one above.
    public func effect(of source: Int, on target: Int) -> Double {
        let having = mechanisms.compactMap { $0.effect(of: source, on: target) }
        guard !having.isEmpty else { return 0 }
        return having.reduce(0, +) / Double(having.count) * scaling.deviations[target] / scaling.deviations[source]
    }

    public func targets(ofMeasured index: Int) throws -> [InterventionModel.Target] {
        let query = PerturbationQuery(contexts[index])
        let drawn = try interventions(query)
        let summary = TargetSummary(drawn, genes: genes.count)
        let members = names(of: query)
        let order = genes.indices.sorted { (abs(summary.expected[$0]), $1) > (abs(summary.expected[$1]), $0) }
        return order.map { gene in
            let missed = members.reduce(1.0) { product, part in
                product * (1 - Double(targetProbabilities[part * genes.count + gene]))
            }
            return InterventionModel.Target(
                gene: genes[gene], probability: 1 - missed,
                location: summary.locations[gene] * scaling.deviations[gene], posterior: 1 - missed)
        }
    }

    /// Places among `parts`.
    private func names(of query: PerturbationQuery) -> [Int] {
        partNames(of: query).compactMap { parts.firstIndex(of: $0) }
    }
}

/// What draws of interventions have in common.
struct TargetSummary {
    /// Share of the draws in which the gene is a target.
    let probabilities: [Double]
    /// By how much it is moved where it is, in control standard deviations.
    let locations: [Double]
    let scales: [Double]
    /// Mean over all draws.
    let expected: [Double]

    init(_ drawn: [DrawnIntervention], genes d: Int) {
        var counts = [Double](repeating: 0, count: d)
        var sums = counts
        var spreads = counts
        for one in drawn {
            for (gene, shift) in one.shifts.enumerated() where shift != 0 {
                counts[gene] += 1
                sums[gene] += Double(shift)
                spreads[gene] += 1
            }
            for replacement in one.replacements {
                counts[replacement.gene] += 1
                sums[replacement.gene] += Double(replacement.mean)
                spreads[replacement.gene] += Double(replacement.deviation)
            }
        }
        let n = Double(max(1, drawn.count))
        probabilities = counts.map { $0 / n }
        expected = sums.map { $0 / n }
        locations = zip(sums, counts).map { $1 > 0 ? $0 / $1 : 0 }
        scales = zip(spreads, counts).map { $1 > 0 ? $0 / $1 : 1 }
    }
}
