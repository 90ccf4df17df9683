import COpenBLAS
import Matrices

/// Everything that regressions of each gene on the others and on the perturbations need.
///
/// Columns: those of `ScreenMoments`, then one a perturbation, whose value in a cell is how strongly its context was
/// treated with it (0…1, the share of its full effect).
struct ResponseSystem: RegressionSums {
    let genes: Int
    /// Columns a gene.
    let curves: Int
    let covariates: Int
    let perturbations: Int
    /// columns × columns, over all cells.
    let gram: Matrix<Double>
    let cellCount: Int
    /// Of each column, over the noise variance.
    let variances: [Double]
    let priors: ResponsePriors
    let replacements: [Int: Replacement]

    /// Cells that say nothing about how a gene answers to its regulators.
    struct Replacement: Sendable {
        /// Over those cells, without perturbations: columns × columns.
        let gram: Matrix<Double>
        let cellCount: Int
        /// Of each context: sums of the columns and number of cells as these count, treatments.
        let contexts: [(sums: [Double], count: Double, strengths: [Strength])]
    }

    struct Strength: Sendable, Equatable {
        let perturbation: Int
        let value: Double
    }

    var columns: Int { gram.columns }
    var slabs: ResponsePriors.Slabs { priors.slabs }
    private var plain: Int { columns - perturbations }

    func columns(ofGene gene: Int) -> StrideTo<Int> { stride(from: 1 + gene, to: 1 + genes * curves, by: genes) }
    func column(ofPerturbation perturbation: Int) -> Int { plain + perturbation }
    func gene(ofColumn column: Int) -> Int? { (1...genes * curves).contains(column) ? (column - 1) % genes : nil }
    func perturbation(ofColumn column: Int) -> Int? { column >= plain ? column - plain : nil }

    func cells(of gene: Int) -> Int { cellCount - (replacements[gene]?.cellCount ?? 0) }

    /// Log odds of a column in the regression of a gene: ∞ where it always stands there, −∞ where it never does.
    func logOdds(_ column: Int, of target: Int) -> Double {
        if let source = gene(ofColumn: column) { return source == target ? -.infinity : priors.edges[source, target] }
        if let k = perturbation(ofColumn: column) {
            let logOdds = priors.targets[k, target]
            // Without cells of its own a column has nothing to say.
            return square(of: column, for: target) > 0 ? logOdds : -.infinity
        }
        return .infinity
    }

    func fill(responseOf gene: Int, into row: UnsafeMutablePointer<Double>) -> Double {
        fill(row: 1 + gene, of: gene, into: row)
        return row[1 + gene]
    }

    /// Writes one row of the Gram matrix of a gene's own cells.
    func fill(row column: Int, of gene: Int, into row: UnsafeMutablePointer<Double>) {
        gram.values.withUnsafeBufferPointer { row.update(from: $0.baseAddress! + column * columns, count: columns) }
        guard let replacement = replacements[gene] else { return }
        if column < plain {
            for other in 0..<plain { row[other] -= replacement.gram[column, other] }
            for context in replacement.contexts {
                for strength in context.strengths {
                    row[plain + strength.perturbation] -= strength.value * context.sums[column]
                }
            }
            return
        }
        for context in replacement.contexts {
            for own in context.strengths where own.perturbation == column - plain {
                for other in 0..<plain { row[other] -= own.value * context.sums[other] }
                for other in context.strengths {
                    row[plain + other.perturbation] -= own.value * other.value * context.count
                }
            }
        }
    }

    /// Σ x² of a column over a gene's own cells.
    func square(of column: Int, for gene: Int) -> Double {
        var sum = gram[column, column]
        guard let replacement = replacements[gene] else { return sum }
        if column < plain { return sum - replacement.gram[column, column] }
        for context in replacement.contexts {
            for own in context.strengths where own.perturbation == column - plain {
                sum -= own.value * own.value * context.count
            }
        }
        // What is left of equal sums is rounding.
        return sum < 1e-9 * gram[column, column] ? 0 : sum
    }
}

extension ResponseSystem {
    /// - Parameters:
    ///   - curves: How many of the basis' columns a gene has here: 1 for linear mechanisms, or all.
    ///   - strengths: Of each context.
    init(_ summary: ScreenSummary, curves: Int, strengths: [[Strength]], priors: ResponsePriors) {
        let design = summary.design
        let (d, extra, k) = (design.genes.count, design.covariates.count, design.perturbations.count)
        let all = summary.gram.columns
        let chosen = Array(0..<1 + d * curves) + Array(all - extra..<all)
        let plain = chosen.count
        let n = plain + k
        var gram = Matrix<Double>(rows: n, columns: n)
        for (row, source) in chosen.enumerated() {
            for (column, other) in chosen.enumerated() {
                gram.values[row * n + column] = summary.gram.values[source * all + other]
            }
        }
        func sums(_ context: Int) -> [Double] {
            let share = summary.share(of: context)
            return chosen.map { share * summary.sums[context * all + $0] }
        }
        func count(_ context: Int) -> Double { summary.share(of: context) * Double(summary.counts[context]) }
        Self.takeOutContexts(Array(summary.counts.indices), chosen, summary, from: &gram)
        for (context, strengths) in strengths.enumerated() where !strengths.isEmpty {
            let sums = sums(context)
            for own in strengths {
                for column in 0..<plain {
                    gram[plain + own.perturbation, column] += own.value * sums[column]
                    gram[column, plain + own.perturbation] += own.value * sums[column]
                }
                for other in strengths {
                    gram[plain + own.perturbation, plain + other.perturbation] +=
                        own.value * other.value * count(context)
                }
            }
        }
        let slabs = priors.slabs
        self.init(
            genes: d, curves: curves, covariates: extra, perturbations: k, gram: gram,
            cellCount: summary.counts.reduce(0, +),
            variances: [slabs.intercept] + Array(repeating: slabs.edge, count: d * curves)
                + Array(repeating: slabs.covariate, count: extra) + Array(repeating: slabs.effect, count: k),
            priors: priors,
            replacements: Dictionary(
                uniqueKeysWithValues: summary.replaced.map { gene, all in
                    let contexts = Set(design.replacedGenes[gene]!.map(\.context)).sorted()
                    var own = all.selectingRows(chosen).selectingColumns(chosen)
                    Self.takeOutContexts(contexts, chosen, summary, from: &own)
                    return (
                        gene,
                        Replacement(
                            gram: own, cellCount: contexts.reduce(0) { $0 + summary.counts[$1] },
                            contexts: contexts.map { (sums($0), count($0), strengths[$0]) })
                    )
                }))
    }

    /// Takes off what contexts have in common by their noise: Σ w s sᵀ, in the first columns.
    private static func takeOutContexts(
        _ contexts: [Int], _ chosen: [Int], _ summary: ScreenSummary, from gram: inout Matrix<Double>
    ) {
        guard summary.contextNoise > 0, !contexts.isEmpty else { return }
        let (n, width, all) = (chosen.count, gram.columns, summary.gram.columns)
        var rows = [Double](repeating: 0, count: contexts.count * n)
        for (row, context) in contexts.enumerated() {
            let weight = (summary.contextNoise * summary.share(of: context)).squareRoot()
            for (column, source) in chosen.enumerated() {
                rows[row * n + column] = weight * summary.sums[context * all + source]
            }
        }
        cblas_dgemm(
            CblasRowMajor, CblasTrans, CblasNoTrans, Int32(n), Int32(n), Int32(contexts.count), -1, rows, Int32(n),
            rows,
            Int32(n), 1, &gram.values, Int32(width))
    }
}
