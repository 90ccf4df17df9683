import Matrices

/// The finished sums of a screen.
struct ScreenSummary: Sendable {
    let design: ScreenDesign
    let basis: MechanismBasis
    /// columns × columns, of `ScreenMoments`.
    let gram: Matrix<Double>
    let counts: [Int]
    /// contexts × columns
    let sums: [Double]
    /// Of each gene.
    let skewness: [GeneSkewness]
    /// Over the cells in which a gene's mechanism was replaced.
    let replaced: [Int: Matrix<Double>]
    let cells: GroupedCells
    /// Of the cells, how many are in memory.
    let keptShare: Double
    /// ρ of `ContextNoise`.
    var contextNoise = 0.0

    init(_ moments: ScreenMoments) throws(ResponseError) {
        let (gram, replaced, all) = moments.finished()
        design = all.design
        basis = all.basis
        counts = all.counts
        sums = all.sums
        skewness = GeneSkewness.all(all)
        self.gram = gram
        self.replaced = replaced
        cells = all.kept.grouped(contexts: all.design.contexts.count)
        keptShare = all.kept.share
        let controls = design.contexts.indices.filter { design.contexts[$0].isEmpty }
        guard controls.contains(where: { counts[$0] > 0 }) else {
            throw ResponseError(
                code: "NO_CONTROL", message: "control cells expected, none came",
                remedy: "add the cells of a context without treatments")
        }
        guard all.cellCount > 3 else {
            throw ResponseError(
                code: "FEW_CELLS", message: "more than 3 cells expected, \(all.cellCount) came",
                remedy: "add the cells of the screen")
        }
    }

    /// The share of its cells that a context counts as.
    func share(of context: Int) -> Double { ContextNoise.share(contextNoise, cells: Double(counts[context])) }

    /// contexts × genes.
    var geneMeans: [[Double]] { counts.indices.map { Array(means(of: $0)[1..<1 + design.genes.count]) } }

    /// contexts × genes: means of what regressions say without perturbations.
    /// - Parameter curvesPerGene: Columns a gene of the regressions.
    func fittedMeans(_ regressions: [RegressionSummary], curvesPerGene: Int) -> [[Double]] {
        let firstExtra = 1 + design.genes.count * curvesPerGene
        let firstCovariate = gram.columns - design.covariates.count
        return counts.indices.map { context in
            let columns = means(of: context)
            return regressions.map { regression in
                regression.terms.reduce(0.0) { sum, term in
                    let extra = term.column - firstExtra
                    return sum + term.coefficient * columns[extra < 0 ? term.column : firstCovariate + extra]
                }
            }
        }
    }

    /// Means of a context's columns; zeros where it has no cells.
    func means(of context: Int) -> [Double] {
        let width = gram.columns
        let n = Double(max(1, counts[context]))
        return (0..<width).map { sums[context * width + $0] / n }
    }
}
