import Foundation
import Graphs
import Matrices
import Probability

/// A structural causal model drawn at random, with known truth.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | G | `graph` | d nodes | i → j |
/// | f_j | `mechanisms` | d | mean of gene j given its parents |
/// | σ_j | `NoiseScale.constant` | d | noise scale of gene j |
/// | σ_j(x)² = log(1 + exp h(x_pa)) | `NoiseScale.varying` | d | where it depends on the parents |
/// | ε | `noise` | | Gaussian, Laplace or Cauchy |
///
/// x_j = f_j(x_pa(j)) + σ_j ε_j; an intervention sets x_j to a value of random sign, whatever the parents do.
/// Source: Lorch et al. 2022, "Amortized Inference for Causal Structure Learning".
/// Deviation from the paper: none for these families.
public struct CausalWorld: Sendable {
    enum NoiseScale: Sendable, Equatable {
        case constant(Float)
        case varying(Mechanism)
    }

    public let options: CausalWorldOptions
    public let graph: DirectedGraph
    public let noise: NoiseFamily
    let mechanisms: [Mechanism]
    let noiseScales: [NoiseScale]
    private let order: [Int]

    /// Draws graph, mechanisms and noise.
    public init(options: CausalWorldOptions, stream: RandomStream) {
        precondition(options.genes > 0, "a world has at least one gene")
        func pick<Value>(_ values: [Value], _ name: String) -> Value {
            var own = stream.stream(name)
            return values[own.index(below: values.count)]
        }
        var graphStream = stream.stream("graph")
        let graph = DirectedGraph.random(
            pick(options.graphs, "family"), nodeCount: options.genes,
            edgesPerNode: pick(options.edgesPerGene, "edges"), power: pick(options.attachmentPowers, "power"),
            stream: &graphStream)
        let family = pick(options.mechanisms, "mechanism")
        var varies = stream.stream("heteroscedastic")
        let noiseVaries = varies.bernoulli(options.heteroscedasticShare)

        var own = stream.stream("parameters")
        func draw(_ range: ClosedRange<Double>) -> Double { own.uniform(range.lowerBound, range.upperBound) }
        var mechanisms: [Mechanism] = []
        var scales: [NoiseScale] = []
        for parents in graph.parents {
            let bias = draw(options.biases)
            switch family {
            case .linear:
                let weights = parents.map { _ in
                    Float(own.bernoulli(0.5) ? draw(options.weights) : -draw(options.weights))
                }
                mechanisms.append(.linear(weights: weights, bias: Float(bias)))
            case .randomFourier:
                let lengthScale = draw(options.lengthScales)
                mechanisms.append(
                    .randomFourier(
                        parents: parents.count, lengthScale: lengthScale, outputScale: draw(options.outputScales),
                        bias: bias, stream: &own))
            }
            if noiseVaries {
                scales.append(
                    .varying(
                        .randomFourier(parents: parents.count, lengthScale: 10, outputScale: 2, bias: 0, stream: &own)))
            } else {
                scales.append(.constant(Float(draw(options.noiseScales))))
            }
        }
        self.init(
            options: options, graph: graph, noise: pick(options.noises, "noise"), mechanisms: mechanisms,
            noiseScales: scales)
    }

    init(
        options: CausalWorldOptions, graph: DirectedGraph, noise: NoiseFamily, mechanisms: [Mechanism],
        noiseScales: [NoiseScale]
    ) {
        guard let order = graph.topologicalOrder else { preconditionFailure("a world's graph is acyclic") }
        self.options = options
        self.graph = graph
        self.noise = noise
        self.mechanisms = mechanisms
        self.noiseScales = noiseScales
        self.order = order
    }

    /// The weight of each edge where mechanisms are linear, nil elsewhere.
    public func weight(of edge: Edge) -> Double? {
        guard case .linear(let weights, _) = mechanisms[edge.target],
            let position = graph.parents[edge.target].firstIndex(of: edge.source)
        else { return nil }
        return Double(weights[position])
    }

    /// Cells sampled ancestrally: first the observational ones, then cells with one intervened gene each, the targeted
    /// genes taking turns. The numbers of cells are those of the options unless given.
    public func sample(
        observational: Int? = nil, interventional: Int? = nil, stream: RandomStream
    ) -> WorldSample {
        let d = graph.nodeCount
        let observed = observational ?? options.observationalCells
        let rows = observed + (interventional ?? options.interventionalCells)
        var targetStream = stream.stream("targets")
        let share = options.targetedShares[targetStream.index(below: options.targetedShares.count)]
        let targets = targetStream.choice(max(1, min(d, Int((share * Double(d)).rounded()))), of: d)

        var columns = Array(repeating: Float(0), count: d * rows)
        var mean = Array(repeating: Float(0), count: rows)
        var scale = mean
        var scratch = mean
        for gene in order {
            var own = stream.stream("gene").stream(gene)
            mechanisms[gene].evaluate(
                parents: graph.parents[gene], columns: columns, rows: rows, output: &mean, scratch: &scratch)
            switch noiseScales[gene] {
            case .constant(let value):
                for row in 0..<rows { scale[row] = value }
            case .varying(let function):
                function.evaluate(
                    parents: graph.parents[gene], columns: columns, rows: rows, output: &scale, scratch: &scratch)
                for row in 0..<rows { scale[row] = Float(log1p(exp(Double(scale[row])))).squareRoot() }
            }
            let start = gene * rows
            for row in 0..<rows { columns[start + row] = mean[row] + scale[row] * Float(draw(&own)) }
            if let turn = targets.firstIndex(of: gene) {
                for row in stride(from: observed + turn, to: rows, by: targets.count) {
                    let value = own.uniform(
                        options.interventionValues.lowerBound, options.interventionValues.upperBound)
                    columns[start + row] = Float(own.bernoulli(0.5) ? value : -value)
                }
            }
        }

        var values = Matrix<Float>(rows: rows, columns: d)
        var interventions = Matrix<Float>(rows: rows, columns: d)
        for gene in 0..<d {
            for row in 0..<rows { values.values[row * d + gene] = columns[gene * rows + row] }
        }
        for row in observed..<rows { interventions[row, targets[(row - observed) % targets.count]] = 1 }
        return WorldSample(world: self, values: values, interventions: interventions)
    }

    private func draw(_ stream: inout RandomStream) -> Double {
        switch noise {
        case .gaussian: stream.normal()
        case .laplace: stream.laplace()
        case .cauchy: stream.cauchy()
        }
    }
}
