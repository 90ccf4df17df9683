import Foundation

/// A greedy search for the acyclic graph of the best Bayesian information criterion, each gene scored on its own cells.
///
/// Goals in order: a graph that no single added, removed or reversed edge improves; microseconds.
/// Score of gene j with parents pa: −n_j/2 · ln Var(j | pa) − width · |pa|/2 · ln n_j, over the n_j cells in which j was
/// not intervened on (Hauser & Bühlmann 2012). Without interventions graphs of one equivalence class have equal scores,
/// and the order of genes would decide; so each edge i → j adds 0.01 (t_j − t_i), where t is given for each gene.
/// Regressions are read from the child's covariance matrix, so no search touches the cells.
struct GreedySearch: Sendable {
    /// genes × genes, row = source.
    private(set) var adjacency: [Bool]

    private let covariances: BootstrapCovariances
    private let ties: [Double]
    private let d: Int
    private let width: Int
    private let onlyAdds: Bool
    /// Of each gene on its parents.
    private(set) var regressions: [ParentRegression]
    /// Change of the score where source → target is switched: added if absent, removed if present.
    private var gains: [Double]
    /// For each gene `words` words whose bits are the genes that a directed path of at least one edge leads to.
    private var reached: [UInt64]
    private let words: Int

    /// - `ties`: from 0 to 1 for each gene; where scores leave a direction open, edges point to larger ones.
    /// - `onlyAdds`: edges once added stay as they are.
    init(_ covariances: BootstrapCovariances, ties: [Double], onlyAdds: Bool = false) {
        precondition(ties.count == covariances.genes, "\(ties.count) ties for \(covariances.genes) genes")
        self.covariances = covariances
        self.ties = ties
        d = covariances.genes
        width = covariances.width
        self.onlyAdds = onlyAdds
        adjacency = Array(repeating: false, count: d * d)
        words = (d + 63) / 64
        reached = Array(repeating: 0, count: d * words)
        regressions = (0..<d).map { ParentRegression(covariances, child: $0) }
        gains = Array(repeating: -.infinity, count: d * d)
        for child in 0..<d { updateGains(of: child) }
        run()
    }

    private mutating func run() {
        // The score rises with each move; the bound only guards against rounding.
        for _ in 0..<4 * d * d {
            var best = 1e-6
            var move: (source: Int, target: Int, reverses: Bool)?
            gains.withUnsafeBufferPointer { gains in
                for pair in 0..<d * d where gains[pair] > best {
                    let (i, j) = (pair / d, pair % d)
                    if adjacency[pair] ? !onlyAdds : !reaches(j, i) { (best, move) = (gains[pair], (i, j, false)) }
                }
            }
            for j in 0..<d where !onlyAdds {
                for i in regressions[j].parents {
                    let reversal = gains[i * d + j] + gains[j * d + i]
                    if reversal > best, !hasDetour(i, j) { (best, move) = (reversal, (i, j, true)) }
                }
            }
            guard let move else { return }
            toggle(move.source, move.target)
            if move.reverses { toggle(move.target, move.source) }
        }
    }

    private func reaches(_ i: Int, _ j: Int) -> Bool { reached[i * words + j / 64] >> UInt64(j % 64) & 1 == 1 }

    /// Whether a path leads from i to j besides the edge.
    private func hasDetour(_ i: Int, _ j: Int) -> Bool {
        (0..<d).contains { $0 != j && adjacency[i * d + $0] && reaches($0, j) }
    }

    private mutating func toggle(_ source: Int, _ target: Int) {
        adjacency[source * d + target].toggle()
        if adjacency[source * d + target] {
            regressions[target].add(source)
            // Whatever reaches the source now reaches the target and all behind it.
            for i in 0..<d where i == source || reaches(i, source) { link(i, target) }
        } else {
            regressions[target].remove(source)
            reached = Array(repeating: 0, count: d * words)
            for child in 0..<d {
                for parent in regressions[child].parents {
                    reached[parent * words + child / 64] |= 1 << UInt64(child % 64)
                }
            }
            // Warshall 1962.
            for k in 0..<d {
                for i in 0..<d where reaches(i, k) { link(i, k) }
            }
        }
        updateGains(of: target)
    }

    /// Notes that i reaches j and all that j reaches.
    private mutating func link(_ i: Int, _ j: Int) {
        for word in 0..<words { reached[i * words + word] |= reached[j * words + word] }
        reached[i * words + j / 64] |= 1 << UInt64(j % 64)
    }

    private mutating func updateGains(of child: Int) {
        let count = covariances.counts[child]
        let penalty = 0.5 * Double(width) * log(max(count, 1))
        let regression = regressions[child]
        let variance = regression.variance
        // Too few cells, too many parents or no variance: no edge is worth the name.
        let isSound = count > 2 * Double(width * (regression.parents.count + 2)) && variance > 1e-9
        for candidate in 0..<d where candidate != child {
            let preference = 0.01 * (ties[child] - ties[candidate])
            var gain = -Double.infinity
            if adjacency[candidate * d + child] {
                gain = penalty - preference - 0.5 * count * log1p(regression.explained(byParent: candidate) / variance)
            } else if isSound, let explained = regression.explained(by: candidate), explained < variance * (1 - 1e-9) {
                gain = preference - penalty - 0.5 * count * log1p(-explained / variance)
            }
            gains[candidate * d + child] = gain
        }
    }
}
