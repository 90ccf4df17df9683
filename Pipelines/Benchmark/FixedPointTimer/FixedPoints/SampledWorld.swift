import Graphs
import Matrices
import Networks
import Probability
import Tensors

@testable import MechanismNetworks

/// A data set, its graph and noise to sample from, and both ways to do that with a network of the published size.
struct SampledWorld {
    let graph: DirectedGraph
    private let network: FixedPointNetwork
    private let weights: Weights
    private let rows, noise: Matrix<Float>

    /// - Parameter edgesPerNode: On average, of a random order of the nodes.
    init(rows n: Int, nodes d: Int, samples: Int, edgesPerNode: Int, seed: UInt64) {
        let stream = RandomStream(seed: seed)
        var weights = Weights()
        network = FixedPointNetwork(FixedPointOptions(), weights: &weights, stream: stream.stream("weights"))
        self.weights = weights
        var draw = stream.stream("graph")
        let share = min(1, Double(2 * edgesPerNode) / Double(max(1, d - 1)))
        var edges: [Edge] = []
        for target in 0..<d {
            for source in 0..<target where draw.bernoulli(share) { edges.append(Edge(source, target)) }
        }
        graph = DirectedGraph(nodeCount: d, edges: edges)
        func normal(_ rows: Int, _ name: String) -> Matrix<Float> {
            var own = stream.stream(name)
            return Matrix(rows: rows, columns: d, values: (0..<rows * d).map { _ in Float(own.normal()) })
        }
        (self.rows, noise) = (normal(n, "rows"), normal(samples, "noise"))
    }

    private var tape: Tape { Tape(weights: weights, recording: false) }

    /// The encoder's, once for a data set in both ways.
    func tokens() -> (values: [Float], shape: [Int]) {
        let x = tape.constant(rows.values, shape: [rows.rows, rows.columns])
        let tokens = network.encoder.tokens(x, parents: graph.parents)
        return (tokens.values, tokens.shape)
    }

    /// As the published code samples: d rounds, each with the embedding of the data set and all nodes.
    func iterated(_ tokens: (values: [Float], shape: [Int])) -> [Float] {
        let tape = tape
        let added = tape.constant(noise.values, shape: [noise.rows, noise.columns])
        var z = added
        for _ in graph.parents {
            let embedding = network.decoder.embedding(
                tape.constant(tokens.values, shape: tokens.shape), parents: graph.parents)
            z = network.decoder.means(at: z, embedding, parents: graph.parents) + added
        }
        return z.values
    }

    /// Embedded once.
    func embedded(_ tokens: (values: [Float], shape: [Int])) -> EmbeddedMechanisms {
        let tape = tape
        let embedding = network.decoder.embedding(
            tape.constant(tokens.values, shape: tokens.shape), parents: graph.parents)
        return EmbeddedMechanisms(network.decoder, embedding, parents: graph.parents, on: tape)
    }

    /// One sweep along the graph.
    func swept(_ mechanisms: EmbeddedMechanisms) -> [Float] {
        var z = noise
        for node in graph.topologicalOrder! {
            let means = mechanisms.means(of: node, parents: z.selectingColumns(graph.parents[node]))
            for row in 0..<z.rows { z[row, node] += means[row] }
        }
        return z.values
    }
}
