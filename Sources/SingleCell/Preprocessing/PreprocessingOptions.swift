import AnnotatedData

/// What is done to a matrix before it is modelled.
public struct PreprocessingOptions: Codable, Sendable, Equatable {
    /// What the values are; nil decides from the data and refuses where they do not say.
    public var scale: ExpressionScale?
    /// Cells with fewer genes that are not 0 are dropped. Not applied to intensities.
    public var minGenesPerCell = 1
    /// Cells with a smaller total are dropped. Counts only.
    public var minCountsPerCell = 0.0
    /// Cells with a larger mitochondrial share are dropped, in percent; nil keeps them. Counts only.
    public var maxMitochondrialPercent: Double?
    /// Start of the names of mitochondrial genes, in capitals or not.
    public var mitochondrialPrefix = "MT-"
    /// Genes that are not 0 in fewer cells are dropped. Not applied to intensities.
    public var minCellsPerGene = 3
    /// The total of every cell after normalisation; nil takes the median total. Counts only.
    public var targetSum: Double?
    /// How many genes to choose; nil keeps all.
    public var topGenes: Int?
    /// By what genes are chosen; nil takes `seurat` for logarithms of counts and `variance` for all else.
    public var geneSelection: GeneSelection?
    /// Genes kept whatever the filters and the choice say, beside those chosen.
    public var keepGenes: [String] = []
    /// What is done to intensities that are not logarithms.
    public var intensityTransform = IntensityTransform.log1p
    /// Divides intensities before asinh: 150 is usual for flow, 5 for mass cytometry.
    public var asinhCofactor = 150.0

    public init() {}
}

/// A transform of positive intensities.
public enum IntensityTransform: String, Sendable, Codable, CaseIterable {
    /// ln(1 + x)
    case log1p
    /// asinh(x / cofactor)
    case asinh
}
