import CKernels
import Foundation
import Matrices
import Networks

/// The causal order of a linear non-Gaussian model, causes first (Shimizu et al. 2011, section 3.3).
///
/// In turn the gene is taken that is likeliest to cause all others left, and what it explains is subtracted from them.
/// The likelihood ratio of a pair is the difference of the entropies of a cause and its effect's residual in both
/// directions (Hyvärinen & Smith 2013, equation 4), entropies by Hyvärinen 1998:
/// H(u) ≈ ½(1 + ln 2π) − k₁ (E ln cosh u − γ)² − k₂ E[u exp(−u²/2)]². Goals in order: the package's order; speed.
struct CausalOrder: Sendable {
    /// All genes.
    private(set) var genes: [Int] = []
    /// Those of which nothing was left when their turn came: constant, or linear combinations of genes before them.
    private(set) var redundant: [Int] = []

    init(_ data: DiscoveryData, workers: Workers) {
        /// Genes × cells, standardised after every subtraction.
        var left = data.standardised.transposed
        let n = data.cells
        var candidates = Array(0..<data.genes)
        var isSpent = data.deviations.map { $0 == 0 }
        while !candidates.isEmpty {
            let rows = left.selectingRows(candidates)
            var correlations = Matrix<Double>.product(rows, rows, transposingSecond: true)
            for index in correlations.values.indices { correlations.values[index] /= Double(n) }
            let place = Self.likeliestCause(
                rows, correlations, isSpent: candidates.map { isSpent[$0] }, workers: workers)
            let cause = candidates[place]
            genes.append(cause)
            if isSpent[cause] { redundant.append(cause) }
            for (other, gene) in candidates.enumerated() where other != place && !isSpent[gene] {
                let slope = correlations[place, other]
                let variance = 1 - slope * slope
                isSpent[gene] = variance < 1e-9
                let factor = isSpent[gene] ? 0 : 1 / variance.squareRoot()
                left.values.withUnsafeMutableBufferPointer { values in
                    for cell in 0..<n {
                        values[gene * n + cell] = (values[gene * n + cell] - slope * values[cause * n + cell]) * factor
                    }
                }
            }
            candidates.remove(at: place)
        }
    }

    /// The row whose M = Σ min(0, likelihood ratio)² over all others is the least; the first of equal ones.
    private static func likeliestCause(
        _ rows: Matrix<Double>, _ correlations: Matrix<Double>, isSpent: [Bool], workers: Workers
    ) -> Int {
        let k = rows.rows
        let n = rows.columns
        let values = rows.float.values
        // The ratios of row i with those after it, positive where i is the likelier cause.
        let own = workers.map(k) { arena, row in
            var entropy = Entropy(cells: n)
            return values.withUnsafeBufferPointer { entropy.of($0.baseAddress! + row * n) }
        }
        let ratios = workers.map(k) { _, i in
            var entropy = Entropy(cells: n)
            var residual = [Float](repeating: 0, count: n)
            return (i + 1..<max(i + 1, k)).map { j -> Double in
                let slope = correlations[i, j]
                let variance = 1 - slope * slope
                guard !isSpent[i], !isSpent[j], variance >= 1e-9 else { return 0 }
                /// H of a's residual on b.
                func left(of a: Int, by b: Int) -> Double {
                    let scale = Float(1 / variance.squareRoot())
                    return values.withUnsafeBufferPointer { values in
                        kernel_affine(values.baseAddress! + a * n, scale, 0, &residual, n)
                        kernel_accumulate(&residual, -Float(slope) * scale, values.baseAddress! + b * n, n)
                        return entropy.of(residual)
                    }
                }
                return own[j] + left(of: i, by: j) - own[i] - left(of: j, by: i)
            }
        }
        var against = [Double](repeating: 0, count: k)
        for i in 0..<k {
            for (offset, ratio) in ratios[i].enumerated() {
                against[i] += min(0, ratio) * min(0, ratio)
                against[i + 1 + offset] += max(0, ratio) * max(0, ratio)
            }
        }
        return against.indices.min { (against[$0], $0) < (against[$1], $1) }!
    }
}

/// Entropy of standardised values, with memory that it keeps.
private struct Entropy {
    private let cells: Int
    private var work: [Float]
    private var more: [Float]

    init(cells: Int) {
        self.cells = cells
        work = Array(repeating: 0, count: cells)
        more = work
    }

    mutating func of(_ u: UnsafePointer<Float>) -> Double {
        let n = Double(cells)
        // ln cosh u = ln(1 + e^2u) − u − ln 2
        kernel_affine(u, 2, 0, &work, cells)
        kernel_softplus(work, &more, cells)
        let even = (kernel_sum(more, cells) - kernel_sum(u, cells)) / n - 0.693_147_180_559_945_3
        kernel_square(u, &work, cells)
        kernel_affine(work, -0.5, 0, &more, cells)
        kernel_exp(more, &work, cells)
        kernel_multiply(u, 1, work, 1, &more, cells)
        let odd = kernel_sum(more, cells) / n
        return 0.5 * (1 + log(2 * Double.pi)) - 79.047 * (even - 0.374_57) * (even - 0.374_57) - 7.4129 * odd * odd
    }
}
