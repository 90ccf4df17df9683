import CKernels
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
    /// genes · width: column k of gene g is number k · genes + g.
    let size: Int
    /// Own cells of each gene.
    let counts: [Double]
    /// What they count for as evidence.
    let evidence: [Double]
    /// Products over all chosen cells, size × size.
    let products: [Double]
    private let source: PairFeaturesProducts
    private let quarters: [Int]
    /// For each gene the means over its own cells, genes × size.
    private let means: [Double]
    /// The products of genes' own columns with each other, in planes.
    private let planes: [Double]

    /// Over some of the quarters of the cells.
    init(_ source: PairFeaturesProducts, quarters: [Int]) {
        let size = source.size
        let genes = source.genes
        var products = source.products[quarters[0]]
        var total = source.sums[quarters[0]]
        for quarter in quarters.dropFirst() {
            let more = source.products[quarter]
            for index in products.indices { products[index] += more[index] }
            for column in 0..<size { total[column] += source.sums[quarter][column] }
        }
        let cells = quarters.reduce(0) { $0 + source.cells[$1] }
        var counts: [Double] = []
        var means = Array(repeating: 0.0, count: genes * size)
        for gene in 0..<genes {
            var sums = total
            var count = cells
            for quarter in quarters {
                let rows = source.leftStarts[gene * 4 + quarter]..<source.leftStarts[gene * 4 + quarter + 1]
                count -= rows.count
                for place in source.leftPlaces[rows] {
                    let row = Int(place) * size
                    for column in 0..<size { sums[column] -= Double(source.left[row + column]) }
                }
            }
            counts.append(Double(count))
            let inverse = 1 / max(Double(count), 1)
            for column in 0..<size { means[gene * size + column] = sums[column] * inverse }
        }
        width = source.width
        self.genes = genes
        self.size = size
        self.counts = counts
        let evidenceAtMost = PairFeatures.evidenceAtMost * Double(quarters.count) / 4
        evidence = counts.map { min($0, evidenceAtMost) }
        self.products = products
        self.source = source
        self.quarters = quarters
        self.means = means
        var planes: [Double] = []
        for a in 0..<width {
            for b in 0...a {
                for gene in 0..<genes { planes.append(products[(a * genes + gene) * size + b * genes + gene]) }
            }
        }
        self.planes = planes
    }

    /// Calls `body` with all rows that are left out of some gene's own cells, the places of those that `child` leaves out,
    /// and how many they are, part by part.
    @inline(__always)
    private func withLeft(_ child: Int, _ body: (UnsafePointer<Float>, UnsafePointer<Int32>, Int) -> Void) {
        source.left.withUnsafeBufferPointer { left in
            source.leftPlaces.withUnsafeBufferPointer { places in
                for quarter in quarters {
                    let start = source.leftStarts[child * 4 + quarter]
                    let count = source.leftStarts[child * 4 + quarter + 1] - start
                    if count > 0 { body(left.baseAddress!, places.baseAddress! + start, count) }
                }
            }
        }
    }

    /// Writes the first `length` entries of a row of the covariance matrix over the own cells of `child`.
    func row(_ column: Int, child: Int, length: Int, into result: UnsafeMutablePointer<Double>) {
        products.withUnsafeBufferPointer {
            result.update(from: $0.baseAddress! + column * size, count: length)
        }
        withLeft(child) { kernel_subtract_products($0, $1, $2, size, column, result, length) }
        let inverse = 1 / max(counts[child], 1)
        means.withUnsafeBufferPointer { means in
            let means = means.baseAddress! + child * size
            let mean = means[column]
            for index in 0..<length { result[index] = result[index] * inverse - mean * means[index] }
        }
    }

    func row(_ column: Int, child: Int) -> [Double] {
        Array(unsafeUninitializedCapacity: size) { buffer, count in
            row(column, child: child, length: size, into: buffer.baseAddress!)
            count = size
        }
    }

    /// The blocks of genes' own columns on the diagonal of that matrix, in planes: entries (0, 0), (1, 0), (1, 1), … of all
    /// genes.
    func blocks(child: Int) -> [Double] {
        var result = planes
        result.withUnsafeMutableBufferPointer { result in
            withLeft(child) { kernel_subtract_blocks($0, $1, $2, genes, width, result.baseAddress!) }
            let inverse = 1 / max(counts[child], 1)
            means.withUnsafeBufferPointer { means in
                let means = means.baseAddress! + child * size
                var place = 0
                for a in 0..<width {
                    for b in 0...a {
                        for gene in 0..<genes {
                            result[place] =
                                result[place] * inverse - means[a * genes + gene] * means[b * genes + gene]
                            place += 1
                        }
                    }
                }
            }
        }
        return result
    }

    /// Over the own cells of `child`, the covariance matrix of the first column of every gene: genes × genes, row-major.
    func matrix(child: Int) -> [Double] {
        Array(unsafeUninitializedCapacity: genes * genes) { buffer, count in
            for gene in 0..<genes {
                row(gene, child: child, length: genes, into: buffer.baseAddress! + gene * genes)
            }
            count = genes * genes
        }
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
