/// How a structure predictor is used.
public struct StructureOptions: Codable, Sendable, Equatable {
    /// Genes read at once; 0 takes the largest panel that the network was trained on, and up to 500 where it reads pairs
    /// of genes. Larger panels are read in overlapping subsets of this size.
    public var genesAtOnce: Int = 0
    /// In how many subsets each pair of genes appears at least.
    public var coverage: Int = 1
    /// Cells read at most, drawn at random beyond, within each intervention; 0 takes as many as the network reads in
    /// reasonable time and memory (see `StructurePredictor.cellsAtMost`).
    public var cellsAtMost: Int = 0
    /// How often the cells are drawn anew to tell how far the beliefs depend on them; 0 leaves it out.
    public var resamples: Int = 0
    /// Of the choice of subsets and cells.
    public var seed: UInt64 = 0

    public init() {}
}
