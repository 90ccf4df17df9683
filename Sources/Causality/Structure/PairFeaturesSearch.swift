import Foundation

/// A greedy search for the acyclic graph of the best Bayesian information criterion, each gene scored on its own cells.
///
/// Goals in order: a graph that no single added, removed or reversed edge improves; microseconds.
/// Score of gene j with parents pa: −n_j/2 · ln Var(j | pa) − width · |pa|/2 · ln n_j, over the n_j cells in which j was not
/// intervened on (Hauser & Bühlmann 2012). Regressions are read from the child's covariance matrix, so no search touches
/// the cells.
struct PairFeaturesSearch {
    /// genes × genes, row = source.
    private(set) var adjacency: [Bool]

    private let covariances: PairFeaturesCovariances
    private let d: Int
    private let width: Int
    private var regressions: [PairFeaturesRegression]
    /// Change of the score where source → target is switched: added if absent, removed if present.
    private var gains: [Double]
    /// `reaches[i * d + j]`: a directed path of at least one edge from i to j.
    private var reaches: [Bool]

    init(_ covariances: PairFeaturesCovariances) {
        self.covariances = covariances
        d = covariances.genes
        width = covariances.width
        precondition(width == 1 || width == 3, "a search knows 1 or 3 columns a gene, not \(width)")
        adjacency = Array(repeating: false, count: d * d)
        reaches = adjacency
        regressions = (0..<d).map { PairFeaturesRegression(covariances, child: $0) }
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
        }
    }

    /// Whether a path leads from i to j besides the edge.
    private func hasDetour(_ i: Int, _ j: Int) -> Bool {
        (0..<d).contains { $0 != j && adjacency[i * d + $0] && reaches[$0 * d + j] }
    }

    private mutating func toggle(_ source: Int, _ target: Int) {
        adjacency[source * d + target].toggle()
        if adjacency[source * d + target] {
            regressions[target].add(source)
            // Whatever reaches the source now reaches the target and all behind it.
            for i in 0..<d where i == source || reaches[i * d + source] {
                reaches[i * d + target] = true
                for j in 0..<d where reaches[target * d + j] { reaches[i * d + j] = true }
            }
        } else {
            regressions[target].remove(source)
            reaches = adjacency
            for k in 0..<d {
                for i in 0..<d where reaches[i * d + k] {
                    for j in 0..<d where reaches[k * d + j] { reaches[i * d + j] = true }
                }
            }
        }
        updateGains(of: target)
    }

    private mutating func updateGains(of child: Int) {
        let count = covariances.counts[child]
        let penalty = 0.5 * Double(width) * log(max(count, 1))
        let regression = regressions[child]
        let variance = regression.variance
        // Too few cells, too many parents or no variance: no edge is worth the name.
        let isSound = count > 2 * Double(width * (regression.parents.count + 2)) && variance > 1e-9
        for candidate in 0..<d where candidate != child {
            var gain = -Double.infinity
            if adjacency[candidate * d + child] {
                gain = penalty - 0.5 * count * log1p(regression.explained(byParent: candidate) / variance)
            } else if isSound, let explained = regression.explained(by: candidate), explained < variance * (1 - 1e-9) {
                gain = -penalty - 0.5 * count * log1p(-explained / variance)
            }
            gains[candidate * d + child] = gain
        }
    }
}
