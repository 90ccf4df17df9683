import AnnotatedData
import Foundation
import Matrices
import Probability

// As scanpy's `pca` (version 1.12) with scikit-learn 1.5 or later: centred by gene (or not: its TruncatedSVD), components
// of falling variance, signs by the loadings. Sparse matrices stay sparse: means are taken out of sums, not of values.

/// Principal components of some cells and genes, to be applied to any cells.
public struct PrincipalComponents: Sendable, Equatable {
    /// Places of the genes used, in the whole matrix.
    public let genes: [Int]
    /// What is subtracted from each gene used: its mean over the cells fitted, or 0.
    public let centres: [Double]
    /// Genes used × components. Columns have length 1; the entry of largest absolute value, the first of equal ones, is
    /// positive.
    public let loadings: Matrix<Double>
    /// Variance of the scores of each component over the cells fitted: by n − 1 where centred, by n otherwise.
    public let variances: [Double]
    /// The same as a share of the variance of all genes used.
    public let varianceRatios: [Double]
    public let notices: [Notice]

    /// Up to this many genes their products are summed once (n² numbers in Double); with more the data are walked through
    /// once for every step of the iteration.
    private static let gramLimit = 4096

    /// - Parameters:
    ///   - blocks: Cells × genes.
    ///   - cells: Cells to fit to, such as the training cells; all where nil.
    ///   - genes: Genes to use, such as the highly variable ones; all where nil.
    ///   - count: Components at most; scanpy takes 50. There can't be as many as there are cells or genes.
    ///   - isCentred: Whether gene means are subtracted.
    /// - Throws: `NO_CELLS` or `NO_GENES` where there are fewer than two, `NONFINITE`; what `blocks` throw.
    public init(
        blocks: any MatrixBlocks, cells: [Int]? = nil, genes: [Int]? = nil, count: Int = 50, isCentred: Bool = true
    ) throws {
        try self.init(
            data: SelectedCells(blocks: blocks, cells: cells, genes: genes), count: count, isCentred: isCentred,
            gramLimit: Self.gramLimit)
    }

    init(data: SelectedCells, count: Int, isCentred: Bool, gramLimit: Int) throws {
        let width = data.genes.count
        guard data.cellCount > 1, width > 1, count > 0 else {
            throw PreprocessingError(
                code: data.cellCount > 1 ? "NO_GENES" : "NO_CELLS", element: "X",
                message: "expected at least 2 cells, 2 genes and 1 component, found \(data.cellCount), \(width) and "
                    + "\(count)", remedy: "use more cells or genes")
        }
        let possible = min(count, min(data.cellCount, width) - 1)
        var notices: [Notice] = []
        if possible < count {
            notices.append(
                Notice(
                    code: "FEWER_COMPONENTS",
                    message: "\(count) components were asked for; \(data.cellCount) cells and \(width) genes have "
                        + "\(possible)."))
        }
        func start() -> Matrix<Double> {
            var stream = RandomStream(seed: 0).stream("principal components")
            let rows = min(width, possible + 10)
            return Matrix(rows: rows, columns: width, values: (0..<rows * width).map { _ in stream.normal() })
        }
        var moments = GeneMoments(genes: width)
        let pairs: DominantEigenpairs
        if width <= gramLimit {
            var gram = GramMatrix(columns: width)
            try data.forEachBlock { block in
                moments.add(block)
                switch block {
                case .dense(let matrix): gram.add(matrix)
                case .sparse(let matrix): gram.add(matrix)
                }
            }
            try Self.requireFinite(moments)
            var scatter = gram.matrix
            let means = moments.means()
            if isCentred {
                let n = Double(data.cellCount)
                for i in 0..<width {
                    for j in 0..<width { scatter.values[i * width + j] -= n * means[i] * means[j] }
                }
            }
            pairs = DominantEigenpairs(scatter, count: possible, start: start)
        } else {
            try data.forEachBlock { moments.add($0) }
            try Self.requireFinite(moments)
            let centres = isCentred ? moments.means() : [Double](repeating: 0, count: width)
            pairs = try DominantEigenpairs(start: start(), count: possible, tolerance: 1e-9) {
                try data.scatterProduct($0, centres: centres)
            }
        }
        if pairs.residual > 1e-6 {
            notices.append(
                Notice(
                    code: "NOT_CONVERGED",
                    message: "The last principal components are accurate to \(pairs.residual) of the first only."))
        }
        let column = moments.moments(ddof: isCentred ? 1 : 0)
        let means = column.means
        let loadings = Self.signed(pairs.eigenvectors).transposed
        self.genes = data.genes
        centres = isCentred ? means : means.map { _ in 0 }
        self.loadings = loadings
        let n = Double(data.cellCount)
        variances = pairs.eigenvalues.enumerated().map { component, value in
            if isCentred { return max(0, value) / (n - 1) }
            let mean = (0..<width).reduce(0) { $0 + means[$1] * loadings[$1, component] }
            return max(0, value / n - mean * mean)
        }
        let total = column.variances.reduce(0, +)
        varianceRatios = variances.map { $0 / total }
        self.notices = notices
    }

    private static func requireFinite(_ moments: GeneMoments) throws(PreprocessingError) {
        let odd = moments.totals().squares.count { !$0.isFinite }
        guard odd == 0 else {
            throw PreprocessingError(
                code: "NONFINITE", element: "X", message: "expected finite numbers, found others in \(odd) genes",
                remedy: "remove the cells or genes with missing values")
        }
    }

    /// Each row with the sign that makes its largest entry positive.
    private static func signed(_ rows: Matrix<Double>) -> Matrix<Double> {
        var result = rows
        for row in 0..<rows.rows {
            let values = rows.row(row)
            let largest = values.max { abs($0) < abs($1) } ?? 0
            if largest < 0 {
                for index in values.indices { result.values[index] = -rows.values[index] }
            }
        }
        return result
    }

    /// The scores of every cell: cells × components.
    public func transform(_ blocks: any MatrixBlocks) throws -> Matrix<Float> {
        try SelectedCells(blocks: blocks, cells: nil, genes: genes).projected(on: loadings, centres: centres)
    }
}
