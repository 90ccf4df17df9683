import Shifts

/// What `compare` was asked for.
public struct ComparisonOptions: Sendable {
    public typealias Metric = DistanceMetric
    public typealias Adjustment = PValueAdjustment
    public typealias Convention = PermutationConvention

    /// How genes are tested; the names are the command line's.
    public enum Method: String, Sendable, CaseIterable {
        case wilcoxon
        case welch = "t-test"
        case welchOverestimatingVariance = "t-test-overestim-var"
    }

    /// Where distances are taken.
    public enum Space: Sendable, Equatable {
        /// Principal components of highly variable genes, as scPerturb recommends.
        case principalComponents
        /// The highly variable genes themselves.
        case genes
        /// An embedding of the file, such as `X_pca`.
        case embedding(String)
    }

    /// The obs column of the groups.
    public var groupby: String
    /// A label of that column, or `rest` for all other cells.
    public var reference: String
    /// Labels to compare; all but the reference where empty.
    public var groups: [String] = []
    /// Smaller groups are left out.
    public var minimumCells = 2
    /// The matrix compared; nil is the main one, `raw` the one kept before filtering.
    public var layer: String?
    public var method = Method.wilcoxon
    public var tieCorrected = false
    public var adjustment = Adjustment.benjaminiHochberg
    /// None: no table of distances.
    public var distances: [Metric] = [.eDistance]
    public var space = Space.principalComponents
    public var variableGenes = 2000
    public var components = 50
    /// Cells of a group, and of the reference, that distances look at; nil takes all.
    public var cellsAtMost: Int?
    public var permutations = 1000
    public var convention = Convention.addOne
    public var distanceAdjustment = Adjustment.holmSidak

    public init(groupby: String, reference: String) {
        self.groupby = groupby
        self.reference = reference
    }

    var test: GeneTest {
        switch method {
        case .wilcoxon: .wilcoxon(tieCorrected: tieCorrected)
        case .welch: .welch
        case .welchOverestimatingVariance: .welchOverestimatingVariance
        }
    }
}
