import Foundation
import Graphs

/// What the measured perturbations of a screen do: graph, mechanisms, targets, effects and dose curves, and how sure
/// that is.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | A | `graph`, `edgeLogOdds` | genes × genes | i → j |
/// | θ_j, σ_j | `best.mechanisms` | genes | how each gene follows from its regulators |
/// | I | `best.responses[k].targets`, `targetLogOdds` | perturbations × genes | genes on which a perturbation acts |
/// | m = E · cʰ / (EC50ʰ + cʰ) | `PerturbationResponse.Grid` | perturbations | effects and dose curve |
///
/// Source: Schneider et al. 2025, "Generative Intervention Models for Causal Perturbation Modeling".
/// Deviation from the paper: a shift of a known strength is one more regressor of its target, so graph, targets and
/// mechanisms of measured perturbations follow from sums of products by exact marginal likelihoods, without a map from
/// features, relaxed samples or gradients.
public struct ResponsePosterior: Codable, Sendable {
    /// One graph with its mechanisms and with what each perturbation then does.
    public struct Member: Codable, Sendable {
        public let mechanisms: CausalMechanisms
        /// Of each perturbation: what shifts.
        public let responses: [PerturbationResponse]
        /// Of each perturbation: what is replaced.
        public let replacements: [[CausalMechanisms.Replacement]]
    }

    public let design: ScreenDesign
    public let isNonlinear: Bool
    /// By how many nats additive curves describe the screen better than straight lines; nil where not asked.
    public let nonlinearGain: Double?
    /// Variance of the means of contexts beyond what cells and interventions explain, over the noise variance of each gene.
    public let contextNoise: Double
    /// Mean prior probability of a target where it was not given: as given, or as rare as the screen shows (`TargetRate`);
    /// nil where all are given.
    public let targetRate: Double?
    public let search: SearchTrace
    /// Log marginal likelihood with prior of the best graph, up to a constant of the screen.
    public let score: Double
    /// genes × genes, row-major, row = source: log odds of each edge, averaged over the members.
    public let edgeLogOdds: [Double]
    /// perturbations × genes: log odds of each target, averaged over the members.
    public let targetLogOdds: [Double]
    /// Posterior means on the best graph.
    public let best: Member
    /// Draws from the posterior.
    public let draws: [Member]
    /// Doses on whose middle the curves' prior stands, and the grid.
    let curves: DoseCurves
    public let notices: [Notice]

    /// Something that can be lived with and should be known.
    public struct Notice: Codable, Sendable, Equatable {
        public let code: String
        public let message: String
    }

    /// No evidence speaks more strongly than this.
    static let certain = 1000.0

    public var graph: DirectedGraph { Self.graph(best) }

    public static func graph(_ member: Member) -> DirectedGraph {
        let parents = member.mechanisms.mechanisms.map(\.parents)
        return DirectedGraph(
            nodeCount: parents.count,
            edges: parents.indices.flatMap { target in parents[target].map { Edge($0, target) } })
    }

    public var edges: EdgeBeliefs {
        EdgeBeliefs(genes: design.genes, probabilities: edgeLogOdds.map { Float(1 / (1 + exp(-$0))) })
    }

    public func targetProbability(_ perturbation: Int, _ gene: Int) -> Double {
        1 / (1 + exp(-targetLogOdds[perturbation * design.genes.count + gene]))
    }

    /// Effects and dose curve of a perturbation on a grid, for its targets in a member.
    public func grid(of perturbation: Int, in member: Member) -> PerturbationResponse.Grid {
        member.responses[perturbation].grid(curves)
    }

    /// The same from part of what was measured.
    public func grid(of response: PerturbationResponse) -> PerturbationResponse.Grid { response.grid(curves) }
}
