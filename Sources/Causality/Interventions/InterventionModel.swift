import AnnotatedData
import Foundation
import Graphs
import Probability
import Screens

/// A fitted generative intervention model: an ensemble of linear causal models over the genes of a screen, each with its
/// map from perturbations to interventions.
public struct InterventionModel: Sendable, Equatable {
    /// One model of the ensemble.
    struct Member: Sendable, Equatable {
        /// genes × genes; row = source.
        var edgeProbabilities: [Double]
        /// genes × genes, 0/1, acyclic.
        var graph: [Double]
        /// genes × genes, in control standard deviations of target per one of the source.
        var effects: [Double]
        var intercepts: [Double]
        var logDeviations: [Double]
        var map: [Double]
    }

    public let genes: [String]
    public let scaling: GeneScaling
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
    /// The perturbations that were measured.
    public var perturbations: [String] { encoding.perturbations }
    /// Names of the features that an unseen perturbation must bring; empty where none can be predicted.
    public var features: [String] { encoding.features }
    public var canPredictUnseen: Bool { !encoding.features.isEmpty }
    /// Whether locations follow a Hill curve of the dose.
    public var hasHillCurves: Bool { map.hill != nil }
}

extension InterventionFit {
    /// The model of a finished fit.
    public func model() -> InterventionModel {
        precondition(state.isFinished, "a model is made of a finished fit")
        let d = problem.genes.count
        // Kept as Float, the precision of the file, so that a model and its copy from disk predict the same.
        func kept(_ values: some Sequence<Double>) -> [Double] { values.map { Double(Float($0)) } }
        let members = state.members.map { member in
            let p = member.parameters.values
            return InterventionModel.Member(
                edgeProbabilities: kept(complete.edgeProbabilities(p)), graph: member.graph.values,
                effects: kept(p[complete.effects]), intercepts: kept(p[complete.intercepts]),
                logDeviations: kept(p[complete.logDeviations]), map: kept(p[complete.mapParameters]))
        }
        let treated = Array(problem.contexts.indices.dropFirst())
        var posteriors = [Double](repeating: 0, count: treated.count * d)
        let likelihood = LinearLikelihood(data: complete.data, kind: complete.kind)
        for member in state.members {
            let p = member.parameters.values
            let (interventions, _) = complete.map.forward(
                Array(p[complete.mapParameters]), inputs: complete.inputs, queries: complete.queries)
            let posterior = likelihood.targetPosterior(
                complete.mechanisms(p, graph: member.graph.values), interventions)
            for i in posteriors.indices { posteriors[i] += posterior[d + i] / Double(state.members.count) }
        }
        var known: [String: [String]] = [:]
        for (k, targets) in problem.known.enumerated() {
            guard let targets else { continue }
            known[problem.contexts[k].perturbation] = problem.genes.indices.filter { targets[$0] }
                .map { problem.genes[$0] }
        }
        return InterventionModel(
            genes: problem.genes, scaling: problem.scaling, scale: problem.scale, options: problem.options, seed: seed,
            contexts: treated.map { problem.contexts[$0] },
            measuredShifts: kept(
                treated.flatMap { k in
                    (0..<d).map { complete.data.means[k * d + $0] * problem.scaling.deviations[$0] }
                }),
            targetPosteriors: kept(posteriors), encoding: problem.encoding, freeDose: problem.freeDose,
            map: complete.map, knownTargets: known, members: members,
            outcomes: state.members.map { $0.outcome ?? .stoppedEarly(reason: "no step was made") },
            curves: state.members.map(\.curve), brokenEdges: state.members.map(\.brokenEdges),
            notices: problem.notices)
    }
}

extension InterventionModel {
    /// Fits from beginning to end; for interruptions and checkpoints use `InterventionFit`.
    public static func fit(
        _ screen: PerturbationScreen, beliefs: EdgeBeliefs? = nil, options: FitOptions = .init(), seed: UInt64 = 0,
        report: @Sendable (FitStep) -> Void = { _ in }
    ) throws -> InterventionModel {
        var fit = try InterventionFit(screen: screen, beliefs: beliefs, options: options, seed: seed)
        fit.finish(report: report)
        return fit.model()
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

    /// Effect of source on target, in the scale of the screen, mean over the members whose graph has the edge.
    public func effect(of source: Int, on target: Int) -> Double {
        let edge = source * genes.count + target
        let having = members.filter { $0.graph[edge] > 0 }
        if having.isEmpty { return 0 }
        return having.reduce(0) { $0 + $1.effects[edge] } / Double(having.count) * scaling.deviations[target]
            / scaling.deviations[source]
    }
}
