import CKernels
import Matrices

/// The cells in memory with what regressions on random units need beside them.
struct UnitProblem: Sendable {
    let design: ScreenDesign
    let cells: GroupedCells
    let units: RandomUnits
    let priors: ResponsePriors
    /// nil where nothing is known of mechanisms: their prior means are 0.
    let prior: PriorMechanisms?
    let strengths: [[ResponseSystem.Strength]]
    let covariates: Int
    /// ρ of `ContextNoise`.
    let contextNoise: Double
    private let contextOfCell: [Int]
    let geneSums: [GeneSums]

    /// What does not depend on a gene's regulators.
    struct GeneSums: Sendable {
        /// Cells in which its mechanism was at work, in runs that are summed one after the other.
        let stretches: [(first: Int, end: Int)]
        let count: Int
        /// perturbations × perturbations
        let gram: Matrix<Double>
        /// Of each perturbation.
        let logOdds: [Double]
    }

    init(
        _ summary: ScreenSummary, units: RandomUnits, priors: ResponsePriors,
        prior: PriorMechanisms? = nil, strengths: [[ResponseSystem.Strength]]
    ) {
        let design = summary.design
        let cells = summary.cells
        let replaced = design.replacedGenes.mapValues { Set($0.map(\.context)) }
        let k = design.perturbations.count
        func sums(gene: Int, without: Set<Int>) -> (contexts: [Int], gram: Matrix<Double>) {
            let contexts = design.contexts.indices.filter { !without.contains($0) }
            var gram = Matrix<Double>(rows: k, columns: k)
            for context in contexts {
                let cellCount = Double(cells.starts[context + 1] - cells.starts[context])
                let n = cellCount * ContextNoise.share(summary.contextNoise, cells: cellCount)
                for own in strengths[context] {
                    for other in strengths[context] {
                        gram[own.perturbation, other.perturbation] += n * own.value * other.value
                    }
                }
            }
            return (contexts, gram)
        }
        let all = sums(gene: 0, without: [])
        geneSums = design.genes.indices.map { gene in
            let own = replaced[gene].map { sums(gene: gene, without: $0) } ?? all
            return GeneSums(
                stretches: Self.stretches(own.contexts.map { (cells.starts[$0], cells.starts[$0 + 1]) }),
                count: own.contexts.reduce(0) { $0 + cells.starts[$1 + 1] - cells.starts[$1] }, gram: own.gram,
                logOdds: (0..<k).map { own.gram[$0, $0] > 0 ? priors.targets[$0, gene] : -.infinity })
        }
        self.design = design
        self.cells = cells
        self.units = units
        self.priors = priors
        self.prior = prior
        self.strengths = strengths
        covariates = design.covariates.count
        contextNoise = summary.contextNoise
        contextOfCell = design.contexts.indices.flatMap { context in
            Array(repeating: context, count: cells.starts[context + 1] - cells.starts[context])
        }
    }

    /// Joins ranges that follow on one another and cuts them.
    private static func stretches(_ ranges: [(first: Int, end: Int)]) -> [(first: Int, end: Int)] {
        var joined: [(first: Int, end: Int)] = []
        for range in ranges where range.end > range.first {
            if joined.last?.end == range.first {
                joined[joined.count - 1].end = range.end
            } else {
                joined.append(range)
            }
        }
        return joined.flatMap { range in
            stride(from: range.first, to: range.end, by: UnitSums.stretch).map {
                ($0, min($0 + UnitSums.stretch, range.end))
            }
        }
    }

    func cellCount(_ context: Int) -> Double { Double(cells.starts[context + 1] - cells.starts[context]) }

    /// The contexts among some cells of which sums are asked, each with its cells among them: those treated, and all
    /// where means of contexts have noise.
    func segments(_ first: Int, _ end: Int) -> [(context: Int, cells: Range<Int>)] {
        var segments: [(context: Int, cells: Range<Int>)] = []
        var context = contextOfCell[first]
        var start = first
        while start < end {
            let stop = min(end, cells.starts[context + 1])
            if stop > start, contextNoise > 0 || !strengths[context].isEmpty {
                segments.append((context, start..<stop))
            }
            start = max(start, stop)
            context += 1
        }
        return segments
    }

    /// Writes the columns of some cells, each as a run: regulators, units, covariates and the response after the first,
    /// which is left as it is.
    func fill(
        _ columns: UnsafeMutablePointer<Float>, rowLength: Int, gene: Int, parents: [Int], units count: Int,
        _ first: Int, _ n: Int
    ) {
        cells.values.withUnsafeBufferPointer { values in
            let values = values.baseAddress! + first
            for (place, parent) in parents.enumerated() {
                (columns + (1 + place) * rowLength).update(from: values + parent * cells.count, count: n)
            }
            let units = columns + (1 + parents.count) * rowLength
            for unit in 0..<count {
                let column = units + unit * rowLength
                for (place, parent) in parents.enumerated() {
                    let weight = self.units.weights[parent * self.units.count + unit]
                    let value = values + parent * cells.count
                    if place == 0 {
                        kernel_affine(value, weight, self.units.offsets[unit], column, n)
                    } else {
                        kernel_accumulate(column, weight, value, n)
                    }
                }
                kernel_tanh(column, column, n)
            }
            let last = units + count * rowLength
            cells.covariates.withUnsafeBufferPointer { covariates in
                for covariate in 0..<self.covariates {
                    (last + covariate * rowLength).update(
                        from: covariates.baseAddress! + covariate * cells.count + first, count: n)
                }
            }
            (last + covariates * rowLength).update(from: values + gene * cells.count, count: n)
        }
    }
}

extension UnitProblem {
    /// Of each context: the mean of what a gene's regression says without perturbations.
    func fittedMeans(_ regression: RegressionSummary, parents: [Int]) -> [Double] {
        let count = units.count(parents: parents.count)
        let width = 2 + parents.count + count + covariates
        let longest = UnitSums.stretch
        var columns = [Float](repeating: 1, count: width * longest)
        return design.contexts.indices.map { context in
            let range = cells.starts[context]..<cells.starts[context + 1]
            var sum = 0.0
            columns.withUnsafeMutableBufferPointer { columns in
                for first in stride(from: range.lowerBound, to: range.upperBound, by: longest) {
                    let n = min(longest, range.upperBound - first)
                    fill(
                        columns.baseAddress!, rowLength: longest, gene: regression.gene, parents: parents,
                        units: count, first, n)
                    for term in regression.terms {
                        sum += term.coefficient * kernel_sum(columns.baseAddress! + term.column * longest, n)
                    }
                }
            }
            return sum / Double(max(1, range.count))
        }
    }
}
