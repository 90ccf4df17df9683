/// Where predicted cells come from.
public enum CellMaking: String, Codable, Sendable, CaseIterable {
    /// Control cells, every gene carried over by rank to what it is in treated cells of the predicted mean.
    case transported
    /// Control cells moved by the predicted shift.
    case shifted
    /// Control cells with the noise that a causal model finds in them, under its interventions.
    case counterfactual
    /// Cells drawn along a causal model.
    case ancestral

    /// What needs no causal model.
    public static let ownSources: [CellMaking] = [.transported, .shifted]
}

/// A treatment of the training from which the change of distributions is learnt.
public struct CellTemplate: Codable, Sendable, Equatable {
    /// Its place in the generator's contexts.
    public var context: Int
    /// Not negative; only their relation to each other matters.
    public var weight: Double

    public init(context: Int, weight: Double) {
        self.context = context
        self.weight = weight
    }
}
