import AnnotatedData
import Foundation
import Graphs
import Probability
import Screens

/// A fitted generative intervention model: an ensemble of causal models over the genes of a screen, each with its map from
/// perturbations to interventions.
public struct InterventionModel: Sendable, Equatable {
    /// One model of the ensemble.
    struct Member: Sendable, Equatable {
        /// genes × genes; row = source.
        var edgeProbabilities: [Double]
        /// genes × genes, 0/1, acyclic.
        var graph: [Double]
        var mechanisms: MechanismParameters
        /// genes × genes: mean of ∂f_j/∂x_i over control cells, in control standard deviations of target per one of the
        /// source; the effects themselves where mechanisms are linear.
        var averageEffects: [Double]
        var map: [Double]

        /// The linear effects on the final graph, and its order.
        var finalEffects: OrderedEffects {
            OrderedEffects(
                matrix: zip(graph, mechanisms.effects).map { $0 * $1 }, genes: mechanisms.intercepts.count)
        }
    }

    public let genes: [String]
    public let scaling: GeneScaling
    /// Means of the controls by covariates.
    let strata: [ControlStratum]
    /// Whether cells were compared with the controls of their stratum.
    let isCentredByStratum: Bool
    /// What the values of the screen were.
    public let scale: ExpressionScale
    public let options: FitOptions
    public let seed: UInt64
    /// The treatments of the fit.
    public let contexts: [Context]
    /// Treatments × genes: measured shift of the mean against control, in the scale of the screen.
    let measuredShifts: [Double]
    /// Treatments × genes: probability, ensemble mean, that the gene was a target, after seeing the treatment's cells.
    let targetPosteriors: [Double]
    let encoding: PerturbationEncoding
    let covariates: CovariateEncoding
    /// The single perturbations of measured combinations, by the combination's name.
    public let combinations: [String: [String]]
    let freeDose: FreeDoseScale?
    let map: InterventionMap
    /// Targets that were given, by perturbation.
    public let knownTargets: [String: [String]]
    let members: [Member]
    /// For each member how its fit ended.
    public let outcomes: [FitOutcome]
    public let curves: [[FitCurvePoint]]
    public let brokenEdges: [[BrokenEdge]]
    public let notices: [Notice]
    /// Whatever the caller wants to remember of where the model comes from.
    public var provenance: [String: String] = [:]

    public var ensembleSize: Int { members.count }
    /// The perturbations that were measured, combinations among them.
    public var perturbations: [String] {
        var seen: Set<String> = []
        return contexts.map(\.perturbation).filter { seen.insert($0).inserted }
    }
    /// Names of the features that an unseen perturbation must bring; empty where none can be predicted.
    public var features: [String] { encoding.features }
    public var canPredictUnseen: Bool { !encoding.features.isEmpty }
}

extension InterventionModel {
    /// Fits from beginning to end; for interruptions and checkpoints use `InterventionFit`.
    public static func fit(
        _ screen: PerturbationScreen, beliefs: EdgeBeliefs? = nil, options: FitOptions = .init(), seed: UInt64 = 0,
        report: @Sendable (FitStep) -> Void = { _ in }
    ) throws -> InterventionModel {
        var fit = try InterventionFit(screen: screen, beliefs: beliefs, options: options, seed: seed)
        try fit.finish(report: report)
        return try fit.model()
    }

    /// Probability of every edge, mean of the ensemble's final graphs weighted by what each believed.
    public var edgeBeliefs: EdgeBeliefs {
        let d = genes.count
        var probabilities = [Float](repeating: 0, count: d * d)
        for member in members {
            for e in probabilities.indices {
                probabilities[e] += Float(Self.finalProbability(member, e) / Double(members.count))
            }
        }
        return EdgeBeliefs(genes: genes, probabilities: probabilities)
    }

    /// An edge that was taken out to break a cycle counts as absent.
    static func finalProbability(_ member: Member, _ edge: Int) -> Double {
        let p = member.edgeProbabilities[edge]
        return p > 0.5 && member.graph[edge] == 0 ? 0 : p
    }

    /// Effect of source on target, on average over controls, in the scale of the screen; mean over the members whose graph
    /// has the edge.
    public func effect(of source: Int, on target: Int) -> Double {
        let edge = source * genes.count + target
        let having = members.filter { $0.graph[edge] > 0 }
        if having.isEmpty { return 0 }
        return having.reduce(0) { $0 + $1.averageEffects[edge] } / Double(having.count) * scaling.deviations[target]
            / scaling.deviations[source]
    }
}
