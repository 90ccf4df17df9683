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
/// x_j = f_j(x_pa(j)) + σ_j ε_j; a hard intervention sets x_j to a value of random sign, whatever the parents do.
/// Source: Lorch et al. 2022, "Amortized Inference for Causal Structure Learning".
/// Deviation from the paper: shift interventions, x_j = f_j(x_pa(j)) + σ_j ε_j + s_j, and interventions on activity, which
/// leave x_j as it is and put a_j in its place in f_k and σ_k of all its effects k.
public struct CausalWorld: Sendable {
    enum NoiseScale: Sendable, Equatable {
        case constant(Float)
        case varying(Mechanism)
    }

    public let options: CausalWorldOptions
    public let graph: DirectedGraph
    public let graphFamily: GraphFamily
    public let mechanismFamily: MechanismFamily
    public let noise: NoiseFamily
    let mechanisms: [Mechanism]
    let noiseScales: [NoiseScale]
    let order: [Int]

    /// Draws graph, mechanisms and noise.
    /// - Parameter networks: The known networks that the options name; see `CausalWorldOptions.validate(networks:)`.
    public init(options: CausalWorldOptions, networks: [String: RegulatoryNetwork] = [:], stream: RandomStream) {
        precondition(options.genes > 0, "a world has at least one gene")
        var graphStream = stream.stream("graph")
        let distribution = GraphChoice.draw(from: options.graphs, networks: networks, stream: &graphStream)
        graph = distribution.draw(nodeCount: options.genes, stream: &graphStream)
        graphFamily = distribution.family
        guard let order = graph.topologicalOrder else { preconditionFailure("a world's graph is acyclic") }
        self.order = order

        var choiceStream = stream.stream("mechanism")
        let place = choiceStream.index(weights: options.mechanisms.map { Double($0.count) })
        let choice = options.mechanisms[place].drawn(stream: &choiceStream)
        self.options = options
        mechanismFamily = choice.family
        noise = choice.noises[0]
        var own = stream.stream("parameters")
        func draw(_ range: ClosedRange<Double>) -> Double { own.uniform(range.lowerBound, range.upperBound) }
        var mechanisms: [Mechanism] = []
        var scales: [NoiseScale] = []
        for parents in graph.parents {
            let bias = draw(choice.biases[0])
            switch choice.family {
            case .linear:
                let weights = parents.map { _ in
                    Float(own.bernoulli(0.5) ? draw(choice.weights[0]) : -draw(choice.weights[0]))
                }
                mechanisms.append(.linear(weights: weights, bias: Float(bias)))
            case .randomFourier:
                let lengthScale = draw(choice.lengthScales[0])
                mechanisms.append(
                    .randomFourier(
                        parents: parents.count, lengthScale: lengthScale, outputScale: draw(choice.outputScales[0]),
                        bias: bias, stream: &own))
            case .hill:
                mechanisms.append(
                    .hill(
                        heights: parents.map { _ in (own.bernoulli(0.5) ? 1 : -1) * draw(choice.outputScales[0]) },
                        exponents: parents.map { _ in draw(choice.exponents[0]) },
                        thresholds: parents.map { _ in draw(choice.thresholds[0]) }, bias: bias))
            }
            switch choice.noiseScales[0] {
            case .constant(let range): scales.append(.constant(Float(draw(range))))
            case .heteroscedastic:
                scales.append(
                    .varying(
                        .randomFourier(parents: parents.count, lengthScale: 10, outputScale: 2, bias: 0, stream: &own)))
            }
        }
        self.mechanisms = mechanisms
        noiseScales = scales
    }

    /// f_j of rows of the parents of a gene, rows × parents in the order of the graph's.
    public func means(of gene: Int, parents: Matrix<Float>) -> [Float] {
        let columns = parents.transposed.values
        return [Float](unsafeUninitializedCapacity: parents.rows) { output, filled in
            columns.withUnsafeBufferPointer { columns in
                guard parents.rows > 0 else { return }
                // Nothing is read where there are no parents.
                let base = columns.baseAddress ?? UnsafePointer(output.baseAddress!)
                mechanisms[gene].evaluate(
                    parents: Array(0..<parents.columns), columns: base, rows: parents.rows,
                    output: output.baseAddress!)
            }
            filled = parents.rows
        }
    }

    /// The weight of each edge where mechanisms are linear, nil elsewhere.
    public func weight(of edge: Edge) -> Double? {
        guard case .linear(let weights, _) = mechanisms[edge.target],
            let position = graph.parents[edge.target].firstIndex(of: edge.source)
        else { return nil }
        return Double(weights[position])
    }
}
