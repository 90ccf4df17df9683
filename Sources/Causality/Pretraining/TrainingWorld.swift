import Foundation
import Graphs
import Matrices
import Probability
import Simulators
import Structure

/// A simulated world as the predictor meets it: statistics of pairs, and the truth.
struct TrainingWorld: Sendable {
    let features: PairFeatures
    let graph: DirectedGraph

    /// 1 where i → j, d × d.
    var adjacency: [Float] { graph.adjacency.map { $0 ? 1 : 0 } }

    /// World number `number` of a training; it depends on the options and that number only, so a training resumed
    /// anywhere meets the same worlds.
    static func training(_ number: Int, _ options: StructurePretrainingOptions) -> TrainingWorld {
        let stream = RandomStream(seed: options.seed).stream("pretraining/structure").stream("worlds").stream(number)
        var sizes = stream.stream("sizes")
        func logUniform(_ range: ClosedRange<Int>) -> Int {
            let drawn = exp(sizes.uniform(log(Double(range.lowerBound)), log(Double(range.upperBound + 1))))
            return min(range.upperBound, max(range.lowerBound, Int(drawn)))
        }
        let domain = options.domains[sizes.index(weights: options.domains.map(\.share))]
        let genes = logUniform(options.genes)
        let cells = logUniform(options.cells)
        let share = sizes.uniform(options.interventionalShare.lowerBound, options.interventionalShare.upperBound)
        return TrainingWorld(domain: domain, genes: genes, cells: cells, interventionalShare: share, stream: stream)
    }

    init(domain: PretrainingDomain, genes: Int, cells: Int, interventionalShare: Double, stream: RandomStream) {
        let interventional = domain.isInterventional ? Int(interventionalShare * Double(cells)) : 0
        let values: Matrix<Float>
        var labels: Matrix<Float>
        let areCounts: Bool
        switch domain.worlds.sized(
            genes: genes, observationalCells: cells - interventional, interventionalCells: interventional)
        {
        case .causal(let options):
            let sample = CausalWorld(options: options, stream: stream.stream("world")).sample(
                stream: stream.stream("cells"))
            areCounts = domain.isCounted
            values = areCounts ? counted(sample.values, stream: stream.stream("counts")) : sample.values
            (labels, graph) = (sample.interventions, sample.graph)
        case .geneRegulation(let options):
            let sample = GeneRegulationWorld(options: options, stream: stream.stream("world")).sample(
                stream: stream.stream("cells"))
            areCounts = sample.world.technicalNoise != nil
            values = areCounts ? normalised(sample.values) : sample.values
            (labels, graph) = (sample.interventions, sample.graph)
        }
        if domain.ineffectiveShare > 0 {
            mislabel(
                &labels, observational: cells - interventional, share: domain.ineffectiveShare,
                stream: stream.stream("ineffective"))
        }
        features = PairFeatures(
            values: values, interventions: interventional > 0 ? labels : nil, areCounts: areCounts)
    }
}

/// Labels observational cells, at most half of them, as intervened on for a share of the genes; each cell for one gene.
private func mislabel(_ labels: inout Matrix<Float>, observational: Int, share: Double, stream: RandomStream) {
    var stream = stream
    let genes = (0..<labels.columns).filter { _ in stream.bernoulli(share) }
    guard !genes.isEmpty else { return }
    let cells = stream.choice(observational / 2, of: observational)
    let each = min(cells.count / genes.count, Int(stream.uniform(0.01, 0.05) * Double(labels.rows)))
    for (place, gene) in genes.enumerated() {
        for cell in cells[place * each..<(place + 1) * each] { labels[cell, gene] = 1 }
    }
}

/// Values seen through counting: a gene's standardised value moves the logarithm of its rate; molecules are Poisson at a
/// depth that differs between cells; counts are normalised to the median depth and go through ln(1 + x).
private func counted(_ values: Matrix<Float>, stream: RandomStream) -> Matrix<Float> {
    let (n, d) = (values.rows, values.columns)
    var stream = stream
    let depthSpread = stream.uniform(0.1, 0.6)
    let meanLogRate = stream.uniform(-3, 3)
    var counts = Matrix<Float>(rows: n, columns: d)
    let depths = (0..<n).map { _ in exp(depthSpread * stream.normal()) }
    for gene in 0..<d {
        let column = values.column(gene).map(Double.init)
        let mean = column.reduce(0, +) / Double(n)
        let deviation = (column.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(n)).squareRoot()
        let level = meanLogRate + stream.normal()
        let spread = stream.uniform(0.4, 1)
        for cell in 0..<n {
            let standardised = deviation > 0 ? max(-4, min(4, (column[cell] - mean) / deviation)) : 0
            counts[cell, gene] = Float(stream.poisson(mean: depths[cell] * exp(level + spread * standardised)))
        }
    }
    // A panel's own sum would tie its genes together: the depth stands for the library of all genes, known up to its
    // own counting noise, which is small.
    let middle = depths.sorted()[n / 2]
    for cell in 0..<n {
        let factor = Float(middle / depths[cell])
        for gene in 0..<d { counts[cell, gene] = log1p(counts[cell, gene] * factor) }
    }
    return counts
}

/// Counts of whole cells, normalised to their median total, ln(1 + x); a cell without counts stays.
private func normalised(_ counts: Matrix<Float>) -> Matrix<Float> {
    var values = counts
    let d = counts.columns
    let totals = (0..<counts.rows).map { counts.row($0).reduce(0.0) { $0 + Double($1) } }
    let middle = totals.sorted()[totals.count / 2]
    for cell in 0..<counts.rows where totals[cell] > 0 {
        let factor = Float(middle / totals[cell])
        for place in cell * d..<(cell + 1) * d { values.values[place] = log1p(values.values[place] * factor) }
    }
    return values
}
