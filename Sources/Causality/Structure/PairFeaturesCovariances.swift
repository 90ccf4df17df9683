import COpenBLAS
import Foundation
import Matrices

/// For each gene the covariance of all columns over the gene's own cells: those in which it was not intervened on.
///
/// Entries are computed when asked for, from the products over all cells less those over the gene's few intervened cells:
/// a search reads a small part of the genes × columns × columns that there are.
struct PairFeaturesCovariances {
    /// Columns a gene: 1, or 3 with Hermite polynomials.
    let width: Int
    let genes: Int
    /// genes · width.
    let size: Int
    /// Own cells of each gene.
    let counts: [Double]
    /// Products and sums over all chosen cells.
    private let products: [Double]
    /// For each gene the rows left out, and the means over the others.
    private let left: [[Float]]
    private let means: [[Double]]

    /// - `columns`: cells × (genes · width).
    /// - `chosen`: which cells count; nil for all.
    init(_ columns: [Float], width: Int, data: PairFeaturesData, chosen: [Bool]? = nil) {
        let p = data.genes * width
        func gather(_ rows: [Int]) -> [Float] {
            var result: [Float] = []
            result.reserveCapacity(rows.count * p)
            for row in rows { result.append(contentsOf: columns[row * p..<(row + 1) * p]) }
            return result
        }
        func sums(_ rows: [Float]) -> [Double] {
            var result = Array(repeating: 0.0, count: p)
            for start in stride(from: 0, to: rows.count, by: p) {
                for column in 0..<p { result[column] += Double(rows[start + column]) }
            }
            return result
        }
        let used = chosen.map { chosen in gather((0..<data.cells).filter { chosen[$0] }) } ?? columns
        let total = sums(used)
        let left = data.intervenedCells.map { cells in gather(cells.filter { chosen?[$0] ?? true }) }
        let counts = left.map { Double(used.count / p - $0.count / p) }
        self.width = width
        genes = data.genes
        size = p
        products = crossProduct(used, p, used, p)
        self.left = left
        self.counts = counts
        means = zip(left, counts).map { left, count in
            left.isEmpty
                ? total.map { $0 / max(count, 1) } : zip(total, sums(left)).map { ($0 - $1) / max(count, 1) }
        }
    }

    /// One row of the covariance matrix over the own cells of `child`.
    func row(_ column: Int, child: Int) -> [Double] {
        var result = Array(products[column * size..<(column + 1) * size])
        let rows = left[child]
        let means = means[child]
        let inverse = 1 / max(counts[child], 1)
        result.withUnsafeMutableBufferPointer { result in
            rows.withUnsafeBufferPointer { rows in
                for start in stride(from: 0, to: rows.count, by: size) {
                    let factor = Double(rows[start + column])
                    for index in 0..<size { result[index] -= factor * Double(rows[start + index]) }
                }
            }
            means.withUnsafeBufferPointer { means in
                for index in 0..<size { result[index] = result[index] * inverse - means[column] * means[index] }
            }
        }
        return result
    }

    /// For each gene in turn the block of its own columns on the diagonal of that matrix, row by row.
    func blocks(child: Int) -> [Double] {
        let rows = left[child]
        let means = means[child]
        let inverse = 1 / max(counts[child], 1)
        var result: [Double] = []
        result.reserveCapacity(size * width)
        for first in stride(from: 0, to: size, by: width) {
            for a in first..<first + width {
                for b in first..<first + width {
                    var sum = products[a * size + b]
                    for start in stride(from: 0, to: rows.count, by: size) {
                        sum -= Double(rows[start + a]) * Double(rows[start + b])
                    }
                    result.append(sum * inverse - means[a] * means[b])
                }
            }
        }
        return result
    }

    /// Over the own cells of `child`, the covariance matrix of the first column of every gene: genes × genes, row-major.
    func matrix(child: Int) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(genes * genes)
        for gene in 0..<genes {
            let row = row(gene * width, child: child)
            for other in 0..<genes { result.append(row[other * width]) }
        }
        return result
    }
}

/// A covariance matrix read as correlations and, after shrinking, as partial ones.
struct PairFeaturesCorrelations {
    let size: Int
    let values: [Double]
    /// Inverse of (1 − λ) C + λ 1, with λ = 0.01 + d / 2(n + d): little where cells abound, much where they do not.
    let precision: [Double]

    /// - `covariance`: size × size, over `count` cells.
    init(_ covariance: [Double], size: Int, count: Double) {
        var values = Array(repeating: 0.0, count: size * size)
        for a in 0..<size {
            for b in 0..<size {
                let scale = covariance[a * (size + 1)] * covariance[b * (size + 1)]
                let correlation = scale > 1e-16 ? covariance[a * size + b] / scale.squareRoot() : 0
                values[a * size + b] = a == b ? 1 : max(-1, min(1, correlation))
            }
        }
        let shrinkage = 0.01 + 0.5 * Double(size) / (count + Double(size))
        var precision = values.map { $0 * (1 - shrinkage) }
        for a in 0..<size { precision[a * size + a] = 1 }
        _ = singleThreadedBLAS
        var n = Int32(size)
        var lda = n
        var info: Int32 = 0
        dpotrf_("L", &n, &precision, &lda, &info)
        if info == 0 { dpotri_("L", &n, &precision, &lda, &info) }
        if info == 0 {
            // LAPACK's lower triangle of columns is our upper one of rows.
            for a in 0..<size {
                for b in 0..<a { precision[a * size + b] = precision[b * size + a] }
            }
        } else {
            precision = Array(repeating: 0, count: size * size)
        }
        self.size = size
        self.values = values
        self.precision = precision
    }

    func partial(_ a: Int, _ b: Int) -> Double {
        a == b ? 0 : -precision[a * size + b] / (precision[a * size + a] * precision[b * size + b]).squareRoot()
    }

    /// Standardised coefficient of a in the regression of b on all others.
    func coefficient(_ a: Int, of b: Int) -> Double {
        a == b ? 0 : -precision[a * size + b] / precision[b * size + b]
    }

    /// Share of the variance of b that all others explain.
    func explained(_ b: Int) -> Double {
        precision[b * size + b] > 0 ? 1 - 1 / precision[b * size + b] : 0
    }
}

extension PairFeatures {
    /// Correlations over all cells and over the own cells of the child, and what searches on their covariances find.
    mutating func addCorrelations(_ data: PairFeaturesData) {
        let d = geneCount
        let cells = Double(data.cells)
        let linear = PairFeaturesCovariances(data.standardised, width: 1, data: data)
        let nonlinear = PairFeaturesCovariances(data.hermite, width: 3, data: data)

        let values = PairFeaturesCorrelations(
            crossProduct(data.standardised, d, data.standardised, d).map { $0 / cells }, size: d, count: cells)
        let scores = (0..<data.cells * d).map { data.hermite[$0 * 3] }
        let ranks = PairFeaturesCorrelations(
            crossProduct(scores, d, scores, d).map { $0 / cells }, size: d, count: cells)
        set(.correlation) { values.values[$0 * d + $1] }
        set(.rankCorrelation) { ranks.values[$0 * d + $1] }
        set(.partialCorrelation) { values.partial($0, $1) }
        set(.rankPartialCorrelation) { ranks.partial($0, $1) }

        for child in 0..<d {
            let count = linear.counts[child]
            let isOverall = data.intervenedCells[child].isEmpty
            let own =
                isOverall ? values : PairFeaturesCorrelations(linear.matrix(child: child), size: d, count: count)
            let ownRanks =
                isOverall ? ranks : PairFeaturesCorrelations(nonlinear.matrix(child: child), size: d, count: count)
            let fits = nonlinear.row(child * 3, child: child)
            set(.varianceExplained, child, child, own.explained(child))
            for parent in 0..<d {
                func both(_ feature: Feature, _ reverse: Feature, _ value: Double) {
                    set(feature, parent, child, value)
                    set(reverse, child, parent, value)
                }
                let pair = parent * d + child
                both(.childCorrelation, .childCorrelationReverse, own.values[pair])
                both(.childRankCorrelation, .childRankCorrelationReverse, ownRanks.values[pair])
                both(.childPartialCorrelation, .childPartialCorrelationReverse, own.partial(parent, child))
                both(.childRankPartialCorrelation, .childRankPartialCorrelationReverse, ownRanks.partial(parent, child))
                both(.childCoefficient, .childCoefficientReverse, own.coefficient(parent, of: child))
                // Own cells' covariance of h₂ or h₃ of the parent with h₁ of the child.
                both(.quadraticFit, .quadraticFitReverse, fits[parent * 3 + 1])
                both(.cubicFit, .cubicFitReverse, fits[parent * 3 + 2])
            }
        }
        addSearches(
            data, linear: linear, nonlinear: nonlinear, predictability: (0..<d).map { values.explained($0) })
    }

    private mutating func addSearches(
        _ data: PairFeaturesData, linear: PairFeaturesCovariances, nonlinear: PairFeaturesCovariances,
        predictability: [Double]
    ) {
        let d = geneCount
        let found = PairFeaturesSearch(linear, predictability: predictability).adjacency
        set(.linearSearch, reverse: .linearSearchReverse) { found[$0 * d + $1] ? 1 : 0 }
        let curved = PairFeaturesSearch(nonlinear, predictability: predictability).adjacency
        set(.nonlinearSearch, reverse: .nonlinearSearchReverse) { curved[$0 * d + $1] ? 1 : 0 }

        // Two pairs of complementary halves.
        var shares = Array(repeating: 0.0, count: d * d)
        var curvedShares = shares
        for bit in 0..<2 {
            for side in 0..<2 {
                let chosen = data.keys.map { Int($0 >> UInt64(bit) & 1) == side }
                let half = PairFeaturesCovariances(data.standardised, width: 1, data: data, chosen: chosen)
                let curvedHalf = PairFeaturesCovariances(data.hermite, width: 3, data: data, chosen: chosen)
                let edges = PairFeaturesSearch(half, predictability: predictability).adjacency
                let curvedEdges = PairFeaturesSearch(curvedHalf, predictability: predictability).adjacency
                for index in shares.indices {
                    shares[index] += edges[index] ? 0.25 : 0
                    curvedShares[index] += curvedEdges[index] ? 0.25 : 0
                }
            }
        }
        set(.linearSearchShare, reverse: .linearSearchShareReverse) { shares[$0 * d + $1] }
        set(.nonlinearSearchShare, reverse: .nonlinearSearchShareReverse) { curvedShares[$0 * d + $1] }
    }
}
