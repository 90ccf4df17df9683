/// How a structure predictor is used.
public struct StructureOptions: Codable, Sendable, Equatable {
    /// Genes read at once; 0 takes the largest panel that the network was trained on. Larger panels are read in
    /// overlapping subsets of this size.
    public var genesAtOnce: Int = 0
    /// In how many subsets each pair of genes appears at least.
    public var coverage: Int = 2
    /// Cells read at most, drawn at random beyond; the statistics of a pair settle long before, and the time of the network
    /// that reads cells grows with their square.
    public var cellsAtMost: Int = 20_000
    /// How often the cells are drawn anew to tell how far the beliefs depend on them; 0 leaves it out.
    public var resamples: Int = 0
    /// Of the choice of subsets and cells.
    public var seed: UInt64 = 0

    public init() {}
}
