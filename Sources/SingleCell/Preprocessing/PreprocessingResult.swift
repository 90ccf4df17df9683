import AnnotatedData

/// Preprocessed data and an account of what was done.
public struct PreprocessingResult: Sendable, Equatable {
    /// `x` in `scaleAfter`; counts, where there were any, in `layers["counts"]`; quality metrics and variability in the
    /// columns of cells and genes.
    public var data: AnnotatedMatrix
    public var scaleBefore: ExpressionScale
    public var scaleAfter: ExpressionScale
    /// Why the values were taken for `scaleBefore`.
    public var scaleEvidence: String
    public var cellsBefore: Int
    public var cellsAfter: Int
    public var genesBefore: Int
    public var genesAfter: Int
    /// Cells and genes dropped, by the option that dropped them; each counts once, for the first option in this order.
    public var droppedCells: [Dropped]
    public var droppedGenes: [Dropped]
    /// Places in the input of the cells kept.
    public var keptCells: [Int]
    /// Places in the input of the genes kept.
    public var keptGenes: [Int]
    /// The total to which cells were normalised; nil where they were not.
    public var targetSum: Double?
    public var notices: [Notice]
    /// Of the data before filtering.
    public var qualitySummaries: [QualitySummary]

    /// How many cells or genes an option dropped.
    public struct Dropped: Sendable, Equatable, Codable {
        public let option: String
        public let count: Int

        public init(option: String, count: Int) {
            self.option = option
            self.count = count
        }
    }
}
