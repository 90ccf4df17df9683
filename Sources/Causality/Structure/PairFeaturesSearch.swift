import Foundation

/// A greedy search for the acyclic graph of the best Bayesian information criterion, each gene scored on its own cells.
///
/// Goals in order: a graph that no single added, removed or reversed edge improves; microseconds.
/// Score of gene j with parents pa: −n_j/2 · ln Var(j | pa) − width · |pa|/2 · ln n_j, over the n_j cells in which j was not
/// intervened on (Hauser & Bühlmann 2012). Residual variances come from the child's covariance matrix swept on its parents
/// (Goodnight 1979, "A tutorial on the SWEEP operator"): one sweep adds a column to a regression, the same one removes it.
struct PairFeaturesSearch {
    /// genes × genes, row = source.
    private(set) var adjacency: [Bool]

    private let d: Int
    private let width: Int
    private let counts: [Double]
    /// Covariances of each child, swept on its parents.
    private var swept: [[Double]]
    /// Change of the score where source → target is switched: added if absent, removed if present.
    private var gains: [Double]
    /// `reaches[i * d + j]`: a directed path of at least one edge from i to j.
    private var reaches: [Bool]

    init(_ covariances: PairFeaturesCovariances) {
        d = covariances.genes
        width = covariances.width
        precondition(width == 1 || width == 3, "a search knows 1 or 3 columns a gene, not \(width)")
        counts = covariances.counts
        swept = covariances.matrices
        adjacency = Array(repeating: false, count: d * d)
        reaches = adjacency
        gains = Array(repeating: -.infinity, count: d * d)
        for child in 0..<d { updateGains(of: child) }
        run()
    }

    private mutating func run() {
        // The score rises with each move; the bound only guards against rounding.
        for _ in 0..<4 * d * d {
            var best = 1e-6
            var move: (source: Int, target: Int, reverses: Bool)?
            for i in 0..<d {
                for j in 0..<d where i != j {
                    let gain = gains[i * d + j]
                    if adjacency[i * d + j] {
                        let reversal = gain + gains[j * d + i]
                        if gain > best { (best, move) = (gain, (i, j, false)) }
                        if reversal > best, !hasDetour(i, j) { (best, move) = (reversal, (i, j, true)) }
                    } else if gain > best, !adjacency[j * d + i], !reaches[j * d + i] {
                        (best, move) = (gain, (i, j, false))
                    }
                }
            }
            guard let move else { return }
            toggle(move.source, move.target)
            if move.reverses { toggle(move.target, move.source) }
            updateReach()
        }
    }

    /// Whether a path leads from i to j besides the edge.
    private func hasDetour(_ i: Int, _ j: Int) -> Bool {
        (0..<d).contains { $0 != j && adjacency[i * d + $0] && reaches[$0 * d + j] }
    }

    private mutating func toggle(_ source: Int, _ target: Int) {
        adjacency[source * d + target].toggle()
        for column in source * width..<(source + 1) * width { Self.sweep(&swept[target], column, d * width) }
        updateGains(of: target)
    }

    /// Sweeps one column in or out.
    private static func sweep(_ matrix: inout [Double], _ k: Int, _ p: Int) {
        matrix.withUnsafeMutableBufferPointer { a in
            let pivot = a[k * p + k]
            let inverse = 1 / pivot
            for column in 0..<p { a[k * p + column] *= inverse }
            for row in 0..<p where row != k {
                let factor = a[row * p + k]
                for column in 0..<p { a[row * p + column] -= factor * a[k * p + column] }
                a[row * p + k] = -factor * inverse
            }
            a[k * p + k] = inverse
        }
    }

    private mutating func updateGains(of child: Int) {
        let p = d * width
        let response = child * width
        let count = counts[child]
        let penalty = 0.5 * Double(width) * log(max(count, 1))
        let matrix = swept[child]
        let variance = matrix[response * p + response]
        let parents = (0..<d).count { adjacency[$0 * d + child] }
        for parent in 0..<d where parent != child {
            let isParent = adjacency[parent * d + child]
            var gain = -Double.infinity
            // Too few cells, too many parents or no variance: no edge is worth the name.
            if count > 2 * Double(width * (parents + 2)), variance > 1e-9 {
                // Variance that the parent's columns explain, or that their removal would bring back: the same form bᵀ B⁻¹ b.
                if let change = Self.quadraticForm(matrix, p, parent * width, width, response) {
                    if isParent {
                        gain = penalty - 0.5 * count * log1p(change / variance)
                    } else if change < variance * (1 - 1e-9) {
                        gain = -penalty - 0.5 * count * log1p(-change / variance)
                    }
                }
            }
            gains[parent * d + child] = gain
        }
    }

    /// bᵀ B⁻¹ b for the block B on the diagonal from `start` and b = its part of the response's column, by Cholesky; nil where
    /// a column is collinear.
    private static func quadraticForm(
        _ a: [Double], _ p: Int, _ start: Int, _ width: Int, _ response: Int
    ) -> Double? {
        if width == 1 {
            let pivot = a[start * p + start]
            let b = a[start * p + response]
            return pivot > 1e-6 ? b * b / pivot : nil
        }
        func at(_ row: Int, _ column: Int) -> Double { a[(start + row) * p + start + column] }
        // Cholesky of the 3 × 3 block, solved against b on the way.
        guard at(0, 0) > 1e-6 else { return nil }
        let l00 = at(0, 0).squareRoot()
        let l10 = at(1, 0) / l00
        let l20 = at(2, 0) / l00
        let d1 = at(1, 1) - l10 * l10
        guard d1 > 1e-6 else { return nil }
        let l11 = d1.squareRoot()
        let l21 = (at(2, 1) - l20 * l10) / l11
        let d2 = at(2, 2) - l20 * l20 - l21 * l21
        guard d2 > 1e-6 else { return nil }
        let x0 = a[start * p + response] / l00
        let x1 = (a[(start + 1) * p + response] - l10 * x0) / l11
        let x2 = (a[(start + 2) * p + response] - l20 * x0 - l21 * x1) / d2.squareRoot()
        return x0 * x0 + x1 * x1 + x2 * x2
    }

    private mutating func updateReach() {
        reaches = adjacency
        for k in 0..<d {
            for i in 0..<d where reaches[i * d + k] {
                for j in 0..<d where reaches[k * d + j] { reaches[i * d + j] = true }
            }
        }
    }
}
