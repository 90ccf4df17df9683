import CKernels
import Foundation

/// Regressions of every gene on those before it in an order of all genes.
extension PairFeatures {
    /// Which of the features an order fills.
    enum Order {
        case sorted, nonGaussian

        var coefficient: (Feature, Feature) {
            self == .sorted
                ? (.sortedCoefficient, .sortedCoefficientReverse) : (.orderedCoefficient, .orderedCoefficientReverse)
        }
        var statistic: (Feature, Feature) {
            self == .sorted
                ? (.sortedStatistic, .sortedStatisticReverse) : (.orderedStatistic, .orderedStatisticReverse)
        }
    }

    /// Regressions of `children` on the genes before them, from correlations (genes × genes) over `count` cells.
    mutating func addRegressions(
        of children: [Int], in order: [Int], as kind: Order, correlations: [Double], count: Double
    ) {
        let d = geneCount
        var places = Array(repeating: 0, count: d)
        for (place, gene) in order.enumerated() { places[gene] = place }
        let p = 1 + (children.map { places[$0] }.max() ?? 0)
        guard p > 1 else { return }
        // Cholesky factor of the correlations in this order and its inverse: what stands above and left of a gene is that
        // of the genes before it, and its own row their part in it.
        var factor = Array(repeating: 0.0, count: p * p)
        var inverse = factor
        factor.withUnsafeMutableBufferPointer { factor in
            inverse.withUnsafeMutableBufferPointer { inverse in
                for a in 0..<p {
                    let row = factor.baseAddress! + a * p
                    for b in 0...a {
                        let other = factor.baseAddress! + b * p
                        var sum = correlations[order[a] * d + order[b]] + (a == b ? 1e-3 : 0)
                        for k in 0..<b { sum -= row[k] * other[k] }
                        row[b] = a == b ? max(sum, 1e-6).squareRoot() : sum * inverse[b * (p + 1)]
                    }
                    let pivot = 1 / row[a]
                    let own = inverse.baseAddress! + a * p
                    for k in 0..<a {
                        let above = row[k] * pivot
                        let from = inverse.baseAddress! + k * p
                        for c in 0...k { own[c] -= above * from[c] }
                    }
                    own[a] = pivot
                }
            }
        }
        for child in children {
            let before = places[child]
            guard before > 0, count > Double(before + 2) else { continue }
            addRegression(
                of: child, on: order[..<before], as: kind, factor: factor, inverse: inverse, width: p, count: count)
        }
    }

    private mutating func addRegression(
        of child: Int, on before: ArraySlice<Int>, as kind: Order, factor: [Double], inverse: [Double], width p: Int,
        count: Double
    ) {
        let last = before.endIndex
        let onChild = factor[last * p..<last * p + last]
        let variance = 1 - onChild.reduce(0) { $0 + $1 * $1 }
        let noise = max(variance, 1e-4) / (count - Double(last) - 1)
        var coefficients = Array(repeating: 0.0, count: last)
        var diagonals = coefficients
        for a in 0..<last {
            let weight = factor[last * p + a]
            for c in 0...a {
                coefficients[c] += inverse[a * p + c] * weight
                diagonals[c] += inverse[a * p + c] * inverse[a * p + c]
            }
        }
        for c in 0..<last where diagonals[c] > 0 {
            let t = coefficients[c] / (noise * diagonals[c]).squareRoot()
            set(kind.coefficient.0, reverse: kind.coefficient.1, before[c], child, coefficients[c])
            set(kind.statistic.0, reverse: kind.statistic.1, before[c], child, signedLogarithm(t))
        }
    }
}

/// An order of genes in which causes tend to stand before effects where noise is not Gaussian: DirectLiNGAM (Shimizu et al.
/// 2011) with the likelihood ratio of Hyvärinen & Smith 2013, equation 11, as its measure.
///
/// The gene that is least explained by any other comes first, and its part is taken out of all others.
struct NonGaussianOrder {
    let genes: [Int]

    /// - `columns`: d × cells, standardised; of more than `cellsAtMost` cells the first.
    init(_ columns: [Float], genes d: Int, cells: Int, cellsAtMost: Int = 2000) {
        let n = min(cells, cellsAtMost)
        // One row for each gene that is left.
        var x = Array(repeating: Float(0), count: d * n)
        for gene in 0..<d { for cell in 0..<n { x[gene * n + cell] = columns[gene * cells + cell] } }
        var squashed = x
        var left = Array(0..<d)
        var order: [Int] = []
        var mixed = Array(repeating: 0.0, count: d * d)
        var correlations = mixed
        while left.count > 1 {
            let m = left.count
            for index in 0..<m {
                x.withUnsafeMutableBufferPointer { x in
                    squashed.withUnsafeMutableBufferPointer { squashed in
                        kernel_standardise_squash(
                            x.baseAddress! + index * n, squashed.baseAddress! + index * n, n)
                    }
                }
            }
            for index in 0..<m * m { (mixed[index], correlations[index]) = (0, 0) }
            addColumnProducts(x, m, squashed, m, stride: n, cells: 0..<n, to: &mixed)
            addColumnProducts(x, m, x, m, stride: n, cells: 0..<n, to: &correlations)
            let scale = 1 / Double(n)
            var best = (place: 0, loss: Double.infinity)
            for i in 0..<m {
                var loss = 0.0
                for j in 0..<m where j != i {
                    let ratio = correlations[i * m + j] * scale * ((mixed[i * m + j] - mixed[j * m + i]) * scale)
                    let against = min(0, ratio)
                    loss += against * against
                }
                if loss < best.loss { best = (i, loss) }
            }
            order.append(left[best.place])
            x.withUnsafeMutableBufferPointer { x in
                let first = x.baseAddress! + best.place * n
                for j in 0..<m where j != best.place {
                    kernel_accumulate(
                        x.baseAddress! + j * n, Float(-correlations[best.place * m + j] * scale), first, n)
                }
                // The last one takes the free place.
                if best.place != m - 1 { first.update(from: x.baseAddress! + (m - 1) * n, count: n) }
            }
            left[best.place] = left[m - 1]
            left.removeLast()
        }
        self.genes = order + left
    }
}
