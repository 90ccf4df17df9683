import Foundation

/// A greedy search for the acyclic graph of the best Bayesian information criterion, each gene scored on its own cells.
///
/// Goals in order: a graph that no single added, removed or reversed edge improves; microseconds.
/// Score of gene j with parents pa: −n_j/2 · ln Var(j | pa) − width · |pa|/2 · ln n_j, over the n_j cells in which j was not
/// intervened on (Hauser & Bühlmann 2012). Without interventions graphs of one equivalence class have equal scores, and the
/// order of genes would decide; so each edge i → j adds 0.01 (R_j − R_i), R being `predictability`: on all cells the share of
/// a gene's variance that all others explain, which tends to rise downstream (Reisach et al. 2023, "A scale-invariant
/// sorting criterion"). Regressions are read from the child's covariance matrix, so no search touches the cells.
struct PairFeaturesSearch {
    /// genes × genes, row = source.
    var adjacency: [Bool] {
        var result = Array(repeating: false, count: d * d)
        for child in 0..<d { for parent in regressions[child].parents { result[parent * d + child] = true } }
        return result
    }

    /// What the edge is worth to the score in the graph found: what removing it would cost where it is there, what adding it
    /// would gain where it is not.
    func worth(_ source: Int, _ target: Int) -> Double {
        let gain = gains[target * d + source]
        return isEdge(source, target) ? -gain : gain
    }

    /// Parents of a gene in the graph found.
    func parents(of child: Int) -> [Int] { regressions[child].parents }

    /// Coefficients of the regressions on parents, genes × columns.
    var coefficients: [Float] {
        var result = Array(repeating: Float(0), count: d * covariances.size)
        for child in 0..<d {
            for (column, value) in regressions[child].coefficients {
                result[child * covariances.size + column] = Float(value)
            }
        }
        return result
    }

    private let covariances: PairFeaturesCovariances
    private let predictability: [Double]
    private let d: Int
    private let width: Int
    private let regressions: [PairFeaturesRegression]
    /// For each target a row of sources: the change of the score where source → target is switched, added if absent,
    /// removed if present.
    private var gains: [Double]
    /// For each target the source of the best move that leaves the graph acyclic, −1 for none; nil where not known.
    private var bestSources: [Int?]
    /// For each gene `words` words: bits of its parents, and bits of the genes that a directed path of at least one edge
    /// leads to.
    private var parentBits: [UInt64]
    private var reached: [UInt64]
    private let words: Int

    /// - `predictability`: for each gene a number from 0 to 1; between equal scores edges go to larger ones.
    init(_ covariances: PairFeaturesCovariances, predictability: [Double]) {
        precondition(predictability.count == covariances.genes, "one predictability a gene")
        self.covariances = covariances
        self.predictability = predictability
        d = covariances.genes
        width = covariances.width
        precondition(width == 1 || width == 3, "a search knows 1 or 3 columns a gene, not \(width)")
        words = (d + 63) / 64
        parentBits = Array(repeating: 0, count: d * words)
        reached = parentBits
        bestSources = Array(repeating: nil, count: d)
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
            for target in 0..<d {
                let source = bestSource(of: target)
                guard source >= 0 else { continue }
                let gain = gains[target * d + source]
                // Of equal moves the first, by source.
                if gain > best || gain == best && (source, target) < (move?.source ?? -1, move?.target ?? -1) {
                    (best, move) = (gain, (source, target, false))
                }
            }
            for j in 0..<d {
                for word in 0..<words {
                    var bits = parentBits[j * words + word]
                    while bits != 0 {
                        let i = word * 64 + bits.trailingZeroBitCount
                        bits &= bits - 1
                        let reversal = gains[j * d + i] + gains[i * d + j]
                        if reversal > best, !hasDetour(i, j) { (best, move) = (reversal, (i, j, true)) }
                    }
                }
            }
            guard let move else { return }
            toggle(move.source, move.target)
            if move.reverses { toggle(move.target, move.source) }
        }
    }

    /// A move stays the best of its target while that target's gains stay and no path turns against it; a lost path may
    /// free a better one, and then all is looked up anew.
    private mutating func bestSource(of target: Int) -> Int {
        if let known = bestSources[target], known < 0 || isEdge(known, target) || !reaches(target, known) {
            return known
        }
        var best = 1e-6
        var source = -1
        for candidate in 0..<d where gains[target * d + candidate] > best {
            if isEdge(candidate, target) || !reaches(target, candidate) {
                (best, source) = (gains[target * d + candidate], candidate)
            }
        }
        bestSources[target] = source
        return source
    }

    private func isEdge(_ i: Int, _ j: Int) -> Bool { parentBits[j * words + i / 64] >> UInt64(i % 64) & 1 == 1 }

    private func reaches(_ i: Int, _ j: Int) -> Bool { reached[i * words + j / 64] >> UInt64(j % 64) & 1 == 1 }

    /// Whether a path leads from i to j besides the edge: i reaches another parent of j.
    private func hasDetour(_ i: Int, _ j: Int) -> Bool {
        (0..<words).contains { reached[i * words + $0] & parentBits[j * words + $0] != 0 }
    }

    private mutating func toggle(_ source: Int, _ target: Int) {
        parentBits[target * words + source / 64] ^= 1 << UInt64(source % 64)
        if isEdge(source, target) {
            regressions[target].add(source, covariances)
            // Whatever reaches the source now reaches the target and all behind it.
            for i in 0..<d where i == source || reaches(i, source) { link(i, target) }
        } else {
            regressions[target].remove(source, covariances)
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
            for other in 0..<d { bestSources[other] = nil }
        }
        updateGains(of: target)
    }

    /// Notes that i reaches j and all that j reaches.
    private mutating func link(_ i: Int, _ j: Int) {
        for word in 0..<words { reached[i * words + word] |= reached[j * words + word] }
        reached[i * words + j / 64] |= 1 << UInt64(j % 64)
    }

    private mutating func updateGains(of child: Int) {
        bestSources[child] = nil
        let count = covariances.evidence[child]
        let penalty = 0.5 * Double(width) * log(max(count, 1))
        let variance = regressions[child].variance
        let parents = regressions[child].parents
        // Too few cells, too many parents or no variance: no edge is worth the name.
        let isSound = count > 2 * Double(width * (parents.count + 2)) && variance > 1e-9
        var gains: [Double] = []
        swap(&gains, &self.gains)
        defer { swap(&gains, &self.gains) }
        gains.withUnsafeMutableBufferPointer { gains in
            let row = gains.baseAddress! + child * d
            if isSound {
                regressions[child].gains(half: 0.5 * count, penalty: penalty, into: row)
                for candidate in 0..<d {
                    row[candidate] += 0.01 * (predictability[child] - predictability[candidate])
                }
            } else {
                for candidate in 0..<d { row[candidate] = -.infinity }
            }
            row[child] = -.infinity
            for parent in parents {
                let preference = 0.01 * (predictability[child] - predictability[parent])
                let explained = regressions[child].explained(byParent: parent)
                row[parent] = penalty - preference - 0.5 * count * log1p(explained / variance)
            }
        }
    }
}
