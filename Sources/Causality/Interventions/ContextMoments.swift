import Foundation
import Screens

/// The cells of a screen as the likelihood of a linear model needs them: exact, and small.
///
/// A Gaussian linear likelihood sees the cells of a context through their number, mean and scatter alone. Each context is
/// therefore kept as its mean and a factor F with FᵀF = scatter, of at most `genes` rows; nothing is approximated and no
/// minibatch is needed. Where targets are drawn once a cell the cells themselves are kept.
struct ContextMoments: Sendable {
    let genes: Int
    let contexts: [Context]
    /// Cells of each context.
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
    let contextOfRow: [Int]
    let keepsCells: Bool

    /// Cells in all, each with its weight.
    var weightedCells: Double { zip(counts, weights).reduce(0) { $0 + $1.0 * $1.1 } }

    /// `values`: cells × genes, row-major, centred and scaled; `cells[k]`: the rows of context k.
    init(
        values: [Double], genes d: Int, contexts: [Context], cells: [[Int]], controlShare: Double, keepsCells: Bool
    ) {
        genes = d
        self.contexts = contexts
        self.keepsCells = keepsCells
        counts = cells.map { Double($0.count) }
        var means = [Double](repeating: 0, count: contexts.count * d)
        var rows: [Double] = []
        var starts = [0]
        var contextOfRow: [Int] = []
        for (k, members) in cells.enumerated() {
            let n = members.count
            for cell in members { for j in 0..<d { means[k * d + j] += values[cell * d + j] } }
            for j in 0..<d where n > 0 { means[k * d + j] /= Double(n) }
            var block: [Double] = []
            block.reserveCapacity(n * d)
            for cell in members {
                for j in 0..<d { block.append(values[cell * d + j] - (keepsCells ? 0 : means[k * d + j])) }
            }
            if !keepsCells, n > d {
                let gram = DenseProducts.product(block, transposed: true, block, m: d, n: d, k: n)
                if let factor = DenseProducts.upperFactor(gram: gram, size: d) { block = factor }
            }
            rows += block
            starts.append(rows.count / max(1, d))
            contextOfRow += Array(repeating: k, count: block.count / max(1, d))
        }
        var squares = [Double](repeating: 0, count: contexts.count * d)
        for (k, members) in cells.enumerated() {
            for cell in members { for j in 0..<d { squares[k * d + j] += values[cell * d + j] * values[cell * d + j] } }
        }
        self.squares = squares
        self.means = means
        self.rows = rows
        self.starts = starts
        self.contextOfRow = contextOfRow
        var control = 0
        var treated = 0
        for (k, members) in cells.enumerated() {
            if contexts[k].isControl { control += members.count } else { treated += members.count }
        }
        let controlWeight =
            treated > 0 && control > 0
            ? min(1, controlShare / (1 - controlShare) * Double(treated) / Double(control)) : 1
        weights = contexts.map { $0.isControl ? controlWeight : 1 }
    }
}
