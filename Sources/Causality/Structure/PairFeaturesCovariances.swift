import COpenBLAS
import Foundation

/// For each gene the covariance of all columns over the gene's own cells: those in which it was not intervened on.
struct PairFeaturesCovariances {
    /// Columns a gene: 1, or 3 with Hermite polynomials.
    let width: Int
    let genes: Int
    /// Own cells of each gene.
    let counts: [Double]
    /// For each gene (genes · width)², row-major.
    let matrices: [[Double]]
    /// Over all cells chosen.
    let overall: [Double]

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
        let count = Double(used.count / p)
        let products = crossProduct(used, p, used, p)
        let sum = sums(used)

        func covariance(_ products: [Double], _ sum: [Double], _ count: Double) -> [Double] {
            guard count > 0 else { return products }
            let means = sum.map { $0 / count }
            var result = products
            result.withUnsafeMutableBufferPointer { result in
                for a in 0..<p {
                    for b in 0..<p { result[a * p + b] = result[a * p + b] / count - means[a] * means[b] }
                }
            }
            return result
        }
        let overall = covariance(products, sum, count)
        var counts: [Double] = []
        var matrices: [[Double]] = []
        for gene in 0..<data.genes {
            let rows = data.intervenedCells[gene].filter { chosen?[$0] ?? true }
            counts.append(count - Double(rows.count))
            if rows.isEmpty {
                matrices.append(overall)
                continue
            }
            let left = gather(rows)
            var ownProducts = products
            let leftProducts = crossProduct(left, p, left, p)
            for index in ownProducts.indices { ownProducts[index] -= leftProducts[index] }
            matrices.append(covariance(ownProducts, zip(sum, sums(left)).map { $0 - $1 }, counts[gene]))
        }
        self.width = width
        genes = data.genes
        self.counts = counts
        self.matrices = matrices
        self.overall = overall
    }
}

/// A covariance matrix read as correlations and, after shrinking, as partial ones.
struct PairFeaturesCorrelations {
    let size: Int
    let values: [Double]
    /// Inverse of (1 − λ) C + λ 1, with λ = 0.01 + d / 2(n + d): little where cells abound, much where they do not.
    let precision: [Double]

    /// - `covariance`: (size · stride)²; every `stride`-th row and column is read.
    init(_ covariance: [Double], size: Int, stride: Int, count: Double) {
        let p = size * stride
        var values = Array(repeating: 0.0, count: size * size)
        for a in 0..<size {
            for b in 0..<size {
                let scale = covariance[a * stride * (p + 1)] * covariance[b * stride * (p + 1)]
                let correlation = scale > 1e-16 ? covariance[a * stride * p + b * stride] / scale.squareRoot() : 0
                values[a * size + b] = a == b ? 1 : max(-1, min(1, correlation))
            }
        }
        let shrinkage = 0.01 + 0.5 * Double(size) / (count + Double(size))
        var precision = values.map { $0 * (1 - shrinkage) }
        for a in 0..<size { precision[a * size + a] = 1 }
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
    func explained(_ b: Int) -> Double { 1 - 1 / precision[b * size + b] }
}

extension PairFeatures {
    /// Correlations over all cells and over the own cells of the child, and what searches on their covariances find.
    mutating func addCorrelations(_ data: PairFeaturesData) {
        let d = geneCount
        let cells = Double(data.cells)
        let linear = PairFeaturesCovariances(data.standardised, width: 1, data: data)
        let nonlinear = PairFeaturesCovariances(data.hermite, width: 3, data: data)

        let values = PairFeaturesCorrelations(linear.overall, size: d, stride: 1, count: cells)
        let ranks = PairFeaturesCorrelations(nonlinear.overall, size: d, stride: 3, count: cells)
        set(.correlation) { values.values[$0 * d + $1] }
        set(.rankCorrelation) { ranks.values[$0 * d + $1] }
        set(.partialCorrelation) { values.partial($0, $1) }
        set(.rankPartialCorrelation) { ranks.partial($0, $1) }

        for child in 0..<d {
            let count = linear.counts[child]
            let isOverall = data.intervenedCells[child].isEmpty
            let own =
                isOverall
                ? values : PairFeaturesCorrelations(linear.matrices[child], size: d, stride: 1, count: count)
            let ownRanks =
                isOverall
                ? ranks : PairFeaturesCorrelations(nonlinear.matrices[child], size: d, stride: 3, count: count)
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
                let row = (parent * 3 + 1) * 3 * d + child * 3
                both(.quadraticFit, .quadraticFitReverse, nonlinear.matrices[child][row])
                both(.cubicFit, .cubicFitReverse, nonlinear.matrices[child][row + 3 * d])
            }
        }
        addSearches(data, linear: linear, nonlinear: nonlinear)
    }

    private mutating func addSearches(
        _ data: PairFeaturesData, linear: PairFeaturesCovariances, nonlinear: PairFeaturesCovariances
    ) {
        let d = geneCount
        let found = PairFeaturesSearch(linear).adjacency
        set(.linearSearch, reverse: .linearSearchReverse) { found[$0 * d + $1] ? 1 : 0 }
        let curved = PairFeaturesSearch(nonlinear).adjacency
        set(.nonlinearSearch, reverse: .nonlinearSearchReverse) { curved[$0 * d + $1] ? 1 : 0 }

        // Two pairs of complementary halves.
        var shares = Array(repeating: 0.0, count: d * d)
        var curvedShares = shares
        for bit in 0..<2 {
            for side in 0..<2 {
                let chosen = data.keys.map { Int($0 >> UInt64(bit) & 1) == side }
                let half = PairFeaturesCovariances(data.standardised, width: 1, data: data, chosen: chosen)
                let curvedHalf = PairFeaturesCovariances(data.hermite, width: 3, data: data, chosen: chosen)
                let edges = PairFeaturesSearch(half).adjacency
                let curvedEdges = PairFeaturesSearch(curvedHalf).adjacency
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
