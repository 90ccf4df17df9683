import Foundation

/// How responses are fitted.
public struct ResponseOptions: Codable, Sendable, Equatable {
    public enum Mechanisms: String, Codable, Sendable, CaseIterable {
        case linear
        /// Regressions on random units of the regulators.
        case nonlinear
        /// Nonlinear where that raises the marginal likelihood by more than `nonlinearGain`.
        case chosen
    }

    public var mechanisms = Mechanisms.chosen
    /// In nats, of an additive model over a linear one.
    public var nonlinearGain = 50.0
    /// Orders to begin the search from.
    public var restarts = 2
    /// Places that a gene passes in one move of that search; nil: all, 100 in panels of more than 500 genes.
    public var reach: Int?
    /// Draws of graph, mechanisms and targets that are kept, beside the best.
    public var draws = 16
    /// Random units of a nonlinear mechanism, at most.
    public var units = 160
    /// Genes that are tried as regulators of each where mechanisms are nonlinear; in panels of at most twice so many,
    /// all are.
    public var candidates = 12

    public init() {}

    func check() throws(ResponseError) {
        for (name, value, least) in [
            ("restarts", restarts, 1), ("draws", draws, 0), ("units", units, 1), ("candidates", candidates, 1),
            ("reach", reach ?? 1, 1),
        ] where value < least {
            throw ResponseError(
                code: "OPTION", element: name, message: "at least \(least) expected, found \(value)",
                remedy: "choose a larger number")
        }
    }
}
