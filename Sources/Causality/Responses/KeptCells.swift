import Probability

/// Cells that stay in memory, all or an even share of them.
struct KeptCells: Sendable {
    /// Of the cells that come, how many stay.
    let share: Double
    let genes: Int
    let covariateCount: Int
    /// cells × genes and cells × covariates, as they came.
    private var values: [Float] = []
    private var covariates: [Float] = []
    private var contexts: [Int] = []
    private var stream: RandomStream

    init(share: Double, genes: Int, covariates: Int, stream: RandomStream) {
        self.share = share
        self.genes = genes
        covariateCount = covariates
        self.stream = stream
    }

    mutating func add(_ cell: ArraySlice<Float>, _ covariates: ArraySlice<Float>, context: Int) {
        guard share >= 1 || stream.bernoulli(share) else { return }
        values += cell
        self.covariates += covariates
        contexts.append(context)
    }

    /// Cells of the same context side by side, each gene's values in a run.
    func grouped(contexts count: Int) -> GroupedCells {
        var starts = [Int](repeating: 0, count: count + 1)
        for context in contexts { starts[context + 1] += 1 }
        for context in 0..<count { starts[context + 1] += starts[context] }
        var next = starts
        let n = contexts.count
        var byGene = [Float](repeating: 0, count: n * genes)
        var byCovariate = [Float](repeating: 0, count: n * covariateCount)
        values.withUnsafeBufferPointer { values in
            byGene.withUnsafeMutableBufferPointer { result in
                for cell in 0..<n {
                    let place = next[contexts[cell]]
                    next[contexts[cell]] += 1
                    for gene in 0..<genes { result[gene * n + place] = values[cell * genes + gene] }
                    for covariate in 0..<covariateCount {
                        byCovariate[covariate * n + place] = covariates[cell * covariateCount + covariate]
                    }
                }
            }
        }
        return GroupedCells(count: n, values: byGene, covariates: byCovariate, starts: starts)
    }
}

/// Cells in memory: context k owns the places `starts[k]..<starts[k + 1]` of every column.
struct GroupedCells: Sendable {
    let count: Int
    /// genes × cells
    let values: [Float]
    /// covariates × cells
    let covariates: [Float]
    let starts: [Int]
}
