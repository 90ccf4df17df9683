/// What a perturbation does to genes in one draw, on one of a model's graphs; values are in the scale of the screen.
public struct InterventionDraw: Sendable, Equatable {
    /// A place in the model's `graphs`.
    public let graph: Int
    /// What is added to genes, by place; their regulators still matter.
    public let shifts: [Int: Double]
    /// What genes are set to whose regulators no longer matter, by place.
    public let settings: [Int: Double]

    public init(graph: Int, shifts: [Int: Double] = [:], settings: [Int: Double] = [:]) {
        self.graph = graph
        self.shifts = shifts
        self.settings = settings
    }
}

extension InterventionModel {
    /// On each member's graph: what it does to the genes that are targets rather than not.
    public func interventionDraws(_ query: PerturbationQuery) throws -> [InterventionDraw] {
        try expectations(query).enumerated().map { member, expectation in
            let targets = genes.indices.filter { expectation.probabilities[$0] >= 0.5 }
            func values(_ value: (Int) -> Double) -> [Int: Double] {
                Dictionary(uniqueKeysWithValues: targets.map { ($0, value($0)) })
            }
            guard options.intervention == .hard else {
                return InterventionDraw(
                    graph: member, shifts: values { expectation.locations[$0] * scaling.deviations[$0] })
            }
            return InterventionDraw(
                graph: member,
                settings: values { scaling.means[$0] + expectation.locations[$0] * scaling.deviations[$0] })
        }
    }
}
