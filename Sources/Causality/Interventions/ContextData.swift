import Foundation
import Screens

/// The cells of a screen, or some of them, as a likelihood needs them.
///
/// A Gaussian linear likelihood with targets drawn once a context sees the cells of a context through their number, mean and
/// scatter alone. Each context is then kept as its mean and a factor F with FᵀF = scatter, of at most `genes` rows; nothing
/// is approximated and no minibatch is needed. Otherwise the cells themselves are kept, all or a minibatch of them.
struct ContextData: Sendable {
    let genes: Int
    let contexts: [Context]
    let targetDraw: TargetDraw
    /// Of each context the values of its covariates that have intercepts of their own.
    let levels: [[Int]]
    /// Cells for which each context counts: all of it, also where a minibatch is kept.
    let counts: [Double]
    /// Weight of each context's log-likelihood.
    let weights: [Double]
    /// contexts × genes
    let means: [Double]
    /// contexts × genes: Σₙ xₙᵢ².
    let squares: [Double]
    /// rows × genes: factors of the scatters, or the cells, context after context.
    let rows: [Double]
    /// Context k owns the rows `starts[k]..<starts[k + 1]`.
    let starts: [Int]
    let keepsCells: Bool

    var rowCount: Int { starts.last ?? 0 }
    /// Cells in all, each with its weight.
    var weightedCells: Double { zip(counts, weights).reduce(0) { $0 + $1.0 * $1.1 } }

    /// A context with the cells that are at hand.
    struct Entry {
        var context: Context
        var levels: [Int] = []
        /// Cells × genes, row-major, centred and scaled.
        var cells: [Double]
        /// Cells for which these stand; nil: themselves.
        var count: Int?
        var weight = 1.0
    }

    init(_ entries: some Sequence<Entry>, genes d: Int, targetDraw: TargetDraw, keepsCells: Bool) {
        genes = d
        self.targetDraw = targetDraw
        self.keepsCells = keepsCells
        var contexts: [Context] = []
        var levels: [[Int]] = []
        var counts: [Double] = []
        var weights: [Double] = []
        var means: [Double] = []
        var squares: [Double] = []
        var rows: [Double] = []
        var starts = [0]
        for entry in entries {
            let n = entry.cells.count / d
            var mean = [Double](repeating: 0, count: d)
            var square = mean
            for place in entry.cells.indices {
                mean[place % d] += entry.cells[place]
                square[place % d] += entry.cells[place] * entry.cells[place]
            }
            for j in 0..<d where n > 0 { mean[j] /= Double(n) }
            contexts.append(entry.context)
            levels.append(entry.levels)
            counts.append(Double(entry.count ?? n))
            weights.append(entry.weight)
            means += mean
            squares += square
            rows += keepsCells ? entry.cells : Self.scatterFactor(entry.cells, around: mean)
            starts.append(rows.count / d)
        }
        self.contexts = contexts
        self.levels = levels
        self.counts = counts
        self.weights = weights
        self.means = means
        self.squares = squares
        self.rows = rows
        self.starts = starts
    }

    /// F with FᵀF = scatter: the centred cells, or as many rows as there are genes.
    private static func scatterFactor(_ cells: [Double], around mean: [Double]) -> [Double] {
        let d = mean.count
        let n = cells.count / d
        let centred = cells.indices.map { cells[$0] - mean[$0 % d] }
        guard n > d else { return centred }
        let gram = DenseProducts.product(centred, transposed: true, centred, m: d, n: d, k: n)
        return DenseProducts.upperFactor(gram: gram, size: d) ?? centred
    }

    /// The weight of a control cell, so that controls make up at most `share` of all.
    static func controlWeight(controls: Int, treated: Int, share: Double) -> Double {
        treated > 0 && controls > 0 ? min(1, share / (1 - share) * Double(treated) / Double(controls)) : 1
    }
}
