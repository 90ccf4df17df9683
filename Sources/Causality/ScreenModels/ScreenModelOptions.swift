import Interventions
import Responses

/// Settings of the fit of a model of a screen.
public struct ScreenModelOptions: Codable, Sendable, Equatable {
    public var mechanisms = ResponseOptions.Mechanisms.chosen
    /// What a perturbation does to the mechanisms of targets that the screen names; targets that are learnt are always
    /// shifted.
    public var intervention = InterventionKind.shift
    /// Graphs with mechanisms drawn from the posterior, over which predictions average.
    public var draws = 16
    /// Draws of the interventions of each measured perturbation on each of these graphs.
    public var interventionDraws = 12
    /// Orders of the genes from which the search begins.
    public var restarts = 2
    /// Places that a gene passes in one move of that search; nil: all, 100 in panels of more than 500 genes.
    public var reach: Int?
    /// Prior probability of an edge where no beliefs are given; nil: 2 / genes, at most 0.2.
    public var edgeProbability: Double?
    /// How far given edge beliefs are trusted: their log odds are taken times this; 0 ignores them.
    public var beliefTrust = 0.5
    /// Prior probability that a perturbation targets a gene; nil: 2 / genes, at most 0.1.
    public var targetProbability: Double?
    /// Targets that the screen names are taken as given instead of being learnt.
    public var useKnownTargets = true
    /// Guesses carried side by side for each unseen perturbation.
    public var particles = 400
    /// Whether what the causal model leaves open is told from treatments that are alike: the residual path.
    public var residuals = true

    public init() {}

    /// Throws where a setting is outside of what can be computed.
    public func validate() throws {
        func demand(_ condition: Bool, _ element: String, _ expected: String, _ found: Any) throws {
            if !condition {
                throw InterventionError(
                    code: "OPTION", element: element, message: "\(expected) expected, found \(found)",
                    remedy: "correct \(element) in the configuration")
            }
        }
        try demand((1...200).contains(draws), "draws", "1 to 200", draws)
        try demand((1...200).contains(interventionDraws), "interventionDraws", "1 to 200", interventionDraws)
        try demand((1...20).contains(restarts), "restarts", "1 to 20", restarts)
        try demand((reach ?? 1) >= 1, "reach", "1 or more", reach ?? 0)
        try demand((10...10_000).contains(particles), "particles", "10 to 10000", particles)
        try demand((0...1).contains(beliefTrust), "beliefTrust", "a number from 0 to 1", beliefTrust)
        for (name, value) in [("edgeProbability", edgeProbability), ("targetProbability", targetProbability)] {
            if let value { try demand(value > 0 && value < 1, name, "a number between 0 and 1", value) }
        }
    }

    var responses: ResponseOptions {
        var options = ResponseOptions()
        options.mechanisms = mechanisms
        options.restarts = restarts
        options.reach = reach
        options.draws = draws
        return options
    }
}
