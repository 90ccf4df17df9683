import AnnotatedData

/// What is done to a matrix before it is modelled.
public struct PreprocessingOptions: Codable, Sendable, Equatable {
    /// What the values are; nil decides from the data and refuses where they do not say.
    public var scale: ExpressionScale?
    /// Cells with fewer genes that are not 0 are dropped. Not applied to intensities.
    public var minGenesPerCell = 1
    /// Cells with more genes that are not 0 are dropped; nil keeps them. Not applied to intensities.
    public var maxGenesPerCell: Int?
    /// Cells with a smaller total are dropped. Counts only.
    public var minCountsPerCell = 0.0
    /// Cells with a larger total are dropped; nil keeps them. Counts only.
    public var maxCountsPerCell: Double?
    /// Cells with a larger mitochondrial share are dropped, in percent; nil keeps them. Counts only.
    public var maxMitochondrialPercent: Double?
    /// Start of the names of mitochondrial genes, in capitals or not.
    public var mitochondrialPrefix = "MT-"
    /// Further genes whose share of each cell is told: a name, such as `ribo`, and how the genes' names begin, in capitals
    /// or not.
    public var masks: [String: [String]] = [:]
    /// Numbers of genes whose share of each cell is told: of the 50 largest values, for instance.
    public var percentTop: [Int] = []
    /// Genes that are not 0 in fewer cells are dropped. Not applied to intensities.
    public var minCellsPerGene = 3
    /// Genes that are not 0 in more cells are dropped; nil keeps them. Not applied to intensities.
    public var maxCellsPerGene: Int?
    /// Genes with a smaller total are dropped. Counts only.
    public var minCountsPerGene = 0.0
    /// Genes with a larger total are dropped; nil keeps them. Counts only.
    public var maxCountsPerGene: Double?
    /// The total of every cell after normalisation; nil takes the median total. Counts only.
    public var targetSum: Double?
    /// Counts of fewer genes are not normalised, unless `targetSum` or `librarySizeColumn` is given: totals of few genes
    /// follow single ones. nil normalises all, but takes 200 where the verb `structure` prepares cells. Counts only.
    public var minGenesForTotals: Int?
    /// Leaves genes that make up more than `maxFraction` of any cell out of the totals. Counts only.
    public var excludeHighlyExpressed = false
    public var maxFraction = 0.05
    /// The obs column with the total of each cell over all genes, where the matrix holds a panel only. Counts only.
    public var librarySizeColumn: String?
    /// Of 1 + x; nil is the natural logarithm. Counts only.
    public var logarithmBase: Double?
    /// Whether counts are kept as the layer `counts`.
    public var keepCounts = true
    /// How many genes to choose; nil keeps all.
    public var topGenes: Int?
    /// By what genes are chosen; nil takes `seurat` for logarithms of counts and `variance` for all else.
    public var geneSelection: GeneSelection?
    /// Further selections that are told in the columns of genes, and drop none.
    public var annotatedSelections: [GeneSelection] = []
    /// The obs column whose values are batches: genes are compared within each. nil takes all cells as one.
    public var batchColumn: String?
    /// Keeps genes that were not chosen: they are only marked.
    public var annotateOnly = false
    /// Genes kept whatever the filters and the choice say, beside those chosen.
    public var keepGenes: [String] = []
    /// What is done to intensities that are not logarithms.
    public var intensityTransform = IntensityTransform.log1p
    /// Divides intensities before asinh: 150 is usual for flow, 5 for mass cytometry.
    public var asinhCofactor = 150.0
    /// Whether every gene is brought to mean 0 and standard deviation 1 in the end, as scanpy's `scale` does.
    public var standardise = false
    /// Standardised values beyond it, or below its negative, are set to it; nil keeps all. Beyond 0.
    public var standardiseLimit: Double?
    /// How many principal components of the cells are written; nil writes none. Of genes marked as highly variable, or else
    /// of all.
    public var components: Int?

    public init() {}

    /// How many genes are chosen where `topGenes` does not say so.
    static let usualTopGenes = 2000
}

/// A transform of positive intensities.
public enum IntensityTransform: String, Sendable, Codable, CaseIterable {
    /// ln(1 + x)
    case log1p
    /// asinh(x / cofactor)
    case asinh
}

extension PreprocessingOptions {
    /// The name of the mask of mitochondrial genes.
    static let mitochondrialMask = "mt"

    /// All masks, that of the mitochondrial genes among them.
    var allMasks: [String: [String]] {
        masks.merging([Self.mitochondrialMask: [mitochondrialPrefix]]) { given, _ in given }
    }

    /// By what genes are compared, the selection that decides first where genes are chosen at all.
    ///
    /// - Parameter areCounts: Whether values are counts or their logarithms; what needs them is replaced otherwise.
    func selections(ofCounts areCounts: Bool, hasCounts: Bool) -> [GeneSelection] {
        var wanted = annotatedSelections
        if topGenes != nil || annotateOnly {
            let first = geneSelection ?? (areCounts ? .seurat : .variance)
            wanted = [first] + wanted.filter { $0 != first }
        }
        var selections: [GeneSelection] = []
        for selection in wanted {
            let isPossible = selection == .variance || (selection.needsCounts ? hasCounts : areCounts)
            let used = isPossible ? selection : .variance
            if !selections.contains(used) { selections.append(used) }
        }
        return selections
    }
}
