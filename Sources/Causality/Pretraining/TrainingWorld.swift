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
        var options = domain.worlds
        options.genes = genes
        options.observationalCells = cells - interventional
        options.interventionalCells = interventional
        let sample = CausalWorld(options: options, stream: stream.stream("world")).sample(
            stream: stream.stream("cells"))
        let values = domain.isCounted ? counted(sample.values, stream: stream.stream("counts")) : sample.values
        features = PairFeatures(
            values: values, interventions: interventional > 0 ? sample.interventions : nil, areCounts: domain.isCounted)
        graph = sample.graph
    }
}

/// Values seen through counting: a gene's standardised value moves the logarithm of its rate; molecules are Poisson at a
/// depth that differs between cells; counts are normalised to the median depth and go through ln(1 + x).
private func counted(_ values: Matrix<Float>, stream: RandomStream) -> Matrix<Float> {
    let (n, d) = (values.rows, values.columns)
    var stream = stream
    let depthSpread = stream.uniform(0.1, 0.6)
    let meanLogRate = stream.uniform(-0.5, 3)
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
