import Foundation
import Graphs
import Matrices
import Probability
import Simulators

/// A simulated world as predictors meet it: cells, who was intervened on in them, and the truth.
struct TrainingWorld: Sendable {
    /// The name of its domain.
    let domain: String
    /// Cells × genes; ln(1 + x) of counts, normalised where the depths of the cells are known, where they are counts.
    let values: Matrix<Float>
    /// Cells × genes, 1 where the gene is labelled as intervened on; nil where nowhere.
    let interventions: Matrix<Float>?
    /// For each cell whether nothing was done to it, where some was done to genes that nobody measured; else nil.
    let isControl: [Bool]?
    let areCounts: Bool
    let graph: DirectedGraph

    var geneCount: Int { values.columns }

    /// 1 where i → j, d × d.
    var adjacency: [Float] { graph.adjacency.map { $0 ? 1 : 0 } }

    /// World number `number` of a training; it depends on the options and that number only, so a training resumed
    /// anywhere meets the same worlds.
    static func training(_ number: Int, _ options: StructurePretrainingOptions) -> TrainingWorld {
        TrainingWorld(
            options, step: number / options.worldsPerStep,
            stream: StructurePretraining.stream(options).stream("worlds").stream(number))
    }

    /// A world of any of the domains and sizes of a step.
    init(_ options: StructurePretrainingOptions, step: Int, stream: RandomStream) {
        let range = options.sizes(atStep: step)
        var sizes = stream.stream("sizes")
        let domain = options.domains[sizes.index(weights: options.shares(atStep: step))]
        let genes = sizes.whole(in: range.genes, power: options.genesPower)
        let cells = sizes.whole(in: range.cells, power: 1)
        let share = sizes.uniform(options.interventionalShare.lowerBound, options.interventionalShare.upperBound)
        self.init(domain: domain, genes: genes, cells: cells, interventionalShare: share, stream: stream)
    }

    init(domain: PretrainingDomain, genes: Int, cells: Int, interventionalShare: Double, stream: RandomStream) {
        self.domain = domain.name
        let interventional = domain.isInterventional ? Int(interventionalShare * Double(cells)) : 0
        var values: Matrix<Float>
        var labels: Matrix<Float>
        var graph: DirectedGraph
        let all = domain.allGenes(measuring: genes)
        switch domain.worlds.sized(
            genes: all, observationalCells: cells - interventional, interventionalCells: interventional)
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
            values = areCounts ? logarithms(sample.values) : sample.values
            (labels, graph) = (sample.interventions, sample.graph)
        }
        if all > genes {
            isControl = (0..<labels.rows).map { labels.row($0).allSatisfy { $0 == 0 } }
            measure(genes, &values, &labels, &graph, stream: stream.stream("hidden"))
        } else {
            isControl = nil
        }
        var ineffective = stream.stream("ineffective")
        let share = domain.ineffectiveShares[ineffective.index(below: domain.ineffectiveShares.count)]
        if share > 0, domain.isInterventional {
            mislabel(&labels, observational: cells - interventional, share: share, stream: ineffective)
        }
        if domain.duplicatedShare > 0 {
            duplicate(
                &values, &labels, &graph, share: domain.duplicatedShare, stream: stream.stream("duplicates"))
        }
        if domain.isPermuted {
            permute(&values, stream: stream.stream("permutation"))
            graph = DirectedGraph(nodeCount: genes, edges: [])
        }
        (self.values, self.graph) = (values, graph)
        interventions = interventional > 0 ? labels : nil
    }
}

extension RandomStream {
    /// A whole number whose density is proportional to its power −`power`; at 1 it is uniform on a logarithmic scale.
    fileprivate mutating func whole(in range: ClosedRange<Int>, power: Double) -> Int {
        func mass(_ x: Double) -> Double { power == 1 ? log(x) : pow(x, 1 - power) }
        let (low, high) = (mass(Double(range.lowerBound)), mass(Double(range.upperBound + 1)))
        let place = low + uniform() * (high - low)
        let drawn = power == 1 ? exp(place) : pow(place, 1 / (1 - power))
        return min(range.upperBound, max(range.lowerBound, Int(drawn)))
    }
}

/// Leaves some genes of a world; an edge stands for each path through others alone.
private func measure(
    _ count: Int, _ values: inout Matrix<Float>, _ labels: inout Matrix<Float>, _ graph: inout DirectedGraph,
    stream: RandomStream
) {
    var stream = stream
    let genes = stream.choice(count, of: graph.nodeCount).sorted()
    let places = Dictionary(uniqueKeysWithValues: genes.enumerated().map { ($1, $0) })
    var edges: [Edge] = []
    for (place, gene) in genes.enumerated() {
        var seen = Set<Int>()
        var open = graph.children[gene]
        while let next = open.popLast() {
            guard seen.insert(next).inserted else { continue }
            if let target = places[next] { edges.append(Edge(place, target)) } else { open += graph.children[next] }
        }
    }
    graph = DirectedGraph(nodeCount: count, edges: edges)
    values = values.selectingColumns(genes)
    labels = labels.selectingColumns(genes)
}

/// Puts copies in the place of genes without children, at least one where there are two genes; a copy has no edges.
///
/// Only such genes can be replaced without hiding a cause of others. A copy is intervened on where its gene is, as two
/// names of one gene are.
private func duplicate(
    _ values: inout Matrix<Float>, _ labels: inout Matrix<Float>, _ graph: inout DirectedGraph, share: Double,
    stream: RandomStream
) {
    var stream = stream
    let d = values.columns
    let childless = (0..<d).filter { graph.children[$0].isEmpty }
    let count = min(childless.count, d - 1, max(1, Int(share * Double(d))))
    let copies = Set(stream.choice(count, of: childless.count).map { childless[$0] })
    let others = (0..<d).filter { !copies.contains($0) }
    for copy in copies.sorted() {
        let original = others[stream.index(below: others.count)]
        for cell in 0..<values.rows {
            values[cell, copy] = values[cell, original]
            labels[cell, copy] = labels[cell, original]
        }
    }
    graph = DirectedGraph(nodeCount: d, edges: graph.edges.filter { !copies.contains($0.target) })
}

/// Shuffles each gene's values among the cells.
private func permute(_ values: inout Matrix<Float>, stream: RandomStream) {
    for gene in 0..<values.columns {
        var own = stream.stream(gene)
        let column = values.column(gene)
        for (cell, place) in own.permutation(values.rows).enumerated() { values[cell, gene] = column[place] }
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

/// ln(1 + counts). The sum of a panel of few genes follows those genes: dividing by it would tie them together.
private func logarithms(_ counts: Matrix<Float>) -> Matrix<Float> {
    Matrix(rows: counts.rows, columns: counts.columns, values: counts.values.map { log1p($0) })
}
