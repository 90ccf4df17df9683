import COpenBLAS
import Foundation
import Matrices

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

    /// The regression of `child` on the genes before it, from correlations (genes × genes) over `count` cells.
    mutating func addRegression(of child: Int, in order: [Int], as kind: Order, correlations: [Double], count: Double) {
        let d = geneCount
        let before = Array(order.prefix { $0 != child })
        let p = before.count
        guard p > 0, count > Double(p + 2) else { return }
        // Cholesky factor of the predecessors' correlations, its inverse beside it, row by row.
        var factor = Array(repeating: 0.0, count: p * p)
        var inverse = factor
        var onChild = Array(repeating: 0.0, count: p)
        var variance = 1.0
        var kept = Array(repeating: false, count: p)
        factor.withUnsafeMutableBufferPointer { factor in
            inverse.withUnsafeMutableBufferPointer { inverse in
                for a in 0..<p {
                    for b in 0...a {
                        var sum = correlations[before[a] * d + before[b]] + (a == b ? 1e-3 : 0)
                        for k in 0..<b { sum -= factor[a * p + k] * factor[b * p + k] }
                        factor[a * p + b] = a == b ? max(sum, 1e-6).squareRoot() : sum / factor[b * p + b]
                    }
                    kept[a] = factor[a * p + a] > 2e-3
                    let pivot = 1 / factor[a * p + a]
                    for k in 0..<a {
                        let above = factor[a * p + k]
                        for c in 0...k { inverse[a * p + c] -= above * inverse[k * p + c] }
                    }
                    for c in 0..<a { inverse[a * p + c] *= pivot }
                    inverse[a * p + a] = pivot
                    var sum = correlations[before[a] * d + child]
                    for k in 0..<a { sum -= factor[a * p + k] * onChild[k] }
                    onChild[a] = sum * pivot
                    variance -= onChild[a] * onChild[a]
                }
            }
        }
        let noise = max(variance, 1e-4) / (count - Double(p) - 1)
        for c in 0..<p {
            var coefficient = 0.0
            var diagonal = 0.0
            for a in c..<p {
                coefficient += inverse[a * p + c] * onChild[a]
                diagonal += inverse[a * p + c] * inverse[a * p + c]
            }
            guard diagonal > 0 else { continue }
            let t = coefficient / (noise * diagonal).squareRoot()
            set(kind.coefficient.0, reverse: kind.coefficient.1, before[c], child, coefficient)
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

    /// - `rows`: cells × d, standardised; of more than `cellsAtMost` cells the first.
    init(_ rows: [Float], genes d: Int, cellsAtMost: Int = 2000) {
        _ = singleThreadedBLAS
        let n = min(rows.count / max(d, 1), cellsAtMost)
        // Gene by gene.
        var x = Array(repeating: Float(0), count: d * n)
        for cell in 0..<n { for gene in 0..<d { x[gene * n + cell] = rows[cell * d + gene] } }
        var squashed = x
        var left = Array(0..<d)
        var order: [Int] = []
        var mixed = Array(repeating: Float(0), count: d * d)
        var correlations = mixed
        while left.count > 1 {
            let m = left.count
            x.withUnsafeMutableBufferPointer { x in
                squashed.withUnsafeMutableBufferPointer { squashed in
                    for index in 0..<m { Self.standardise(x, squashed, from: index * n, count: n) }
                    for (right, into) in [
                        (UnsafePointer(squashed.baseAddress!), 0), (UnsafePointer(x.baseAddress!), 1),
                    ] {
                        let out = UnsafeMutablePointer<Float>.allocate(capacity: m * m)
                        defer { out.deallocate() }
                        cblas_sgemm(
                            CblasRowMajor, CblasNoTrans, CblasTrans, blasint(m), blasint(m), blasint(n), 1 / Float(n),
                            x.baseAddress!, blasint(n), right, blasint(n), 0, out, blasint(m))
                        for index in 0..<m * m {
                            if into == 0 { mixed[index] = out[index] } else { correlations[index] = out[index] }
                        }
                    }
                }
            }
            var best = (place: 0, loss: Float.infinity)
            for i in 0..<m {
                var loss: Float = 0
                for j in 0..<m where j != i {
                    let ratio = correlations[i * m + j] * (mixed[i * m + j] - mixed[j * m + i])
                    let against = min(0, ratio)
                    loss += against * against
                }
                if loss < best.loss { best = (i, loss) }
            }
            order.append(left[best.place])
            x.withUnsafeMutableBufferPointer { x in
                let first = x.baseAddress! + best.place * n
                for j in 0..<m where j != best.place {
                    let slope = correlations[best.place * m + j]
                    let own = x.baseAddress! + j * n
                    for cell in 0..<n { own[cell] -= slope * first[cell] }
                }
                // The last one takes the free place.
                if best.place != m - 1 {
                    let last = x.baseAddress! + (m - 1) * n
                    for cell in 0..<n { first[cell] = last[cell] }
                }
            }
            left[best.place] = left[m - 1]
            left.removeLast()
        }
        self.genes = order + left
    }

    /// Brings one row to mean 0 and variance 1, and writes tanh of it by the rational function x(27 + x²)/(27 + 9x²).
    private static func standardise(
        _ x: UnsafeMutableBufferPointer<Float>, _ squashed: UnsafeMutableBufferPointer<Float>, from start: Int,
        count n: Int
    ) {
        var sum: Float = 0
        var squares: Float = 0
        for index in start..<start + n { sum += x[index] }
        let mean = sum / Float(n)
        for index in start..<start + n { squares += (x[index] - mean) * (x[index] - mean) }
        let scale = squares > 1e-8 * Float(n) ? 1 / (squares / Float(n)).squareRoot() : 0
        for index in start..<start + n {
            let value = (x[index] - mean) * scale
            x[index] = value
            let square = value * value
            squashed[index] = max(-1, min(1, value * (27 + square) / (27 + 9 * square)))
        }
    }
}
