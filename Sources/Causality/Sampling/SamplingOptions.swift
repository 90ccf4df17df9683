import Generators

/// How sampling networks are made.
public struct SamplingOptions: Codable, Sendable, Equatable {
    public var generators = GeneratorOptions()
    /// Keeps the models of a nested step as private copies where nothing is conditioned on afterwards, in place of
    /// drawing rows from them and learning again.
    public var isInlined = true
    /// Inputs of a model are the Markov pillow of its node; else all predecessors, as in the paper.
    public var usesPillows = true
    /// Rows that are drawn at a nested step and for conditions; nil for the larger of five times the data and 100,000.
    public var resampledRows: Int?
    /// An answer is refused where the weights that overlap asks for leave fewer effective rows.
    public var smallestEffectiveRows = 50.0
    /// Whether values outside the range of the data may be set.
    public var allowsExtrapolation = false

    public init() {}

    func resampledRows(from rows: Int) -> Int { resampledRows ?? max(5 * rows, 100_000) }
}
