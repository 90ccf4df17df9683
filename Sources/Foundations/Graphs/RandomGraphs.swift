import Foundation
import Probability

/// A family from which acyclic graphs are drawn, with its name as users write it.
///
/// Lorch et al. 2022, "Amortized Inference for Causal Structure Learning", appendix on simulated graphs: a graph is drawn
/// in a fixed order of nodes, then the nodes are permuted at random.
public enum GraphFamily: String, Sendable, Codable, CaseIterable {
    /// Every pair linked with the same probability (Erdős & Rényi 1959).
    case erdosRenyi
    /// Hubs with many parents: the in-degree follows a power law (Barabási & Albert 1999).
    case scaleFree
    /// Hubs with many children, as regulators are: the out-degree follows a power law.
    case scaleFreeTransposed
}

extension DirectedGraph {
    /// An acyclic graph of that family in which a node has `edgesPerNode` parents or children on average.
    ///
    /// - `power`: exponent of preferential attachment, for the scale-free families only.
    public static func random(
        _ family: GraphFamily, nodeCount: Int, edgesPerNode: Double, power: Double = 1, stream: inout RandomStream
    ) -> DirectedGraph {
        precondition(nodeCount > 0 && edgesPerNode >= 0, "\(nodeCount) nodes with \(edgesPerNode) edges each")
        let graph =
            switch family {
            case .erdosRenyi: erdosRenyi(nodeCount, edgesPerNode, &stream)
            case .scaleFree: scaleFree(nodeCount, Int(edgesPerNode.rounded()), power, &stream)
            case .scaleFreeTransposed: scaleFree(nodeCount, Int(edgesPerNode.rounded()), power, &stream).transposed
            }
        return graph.relabelled(stream.permutation(nodeCount))
    }

    /// Each pair (later → earlier) independently with p = min(0.99, e·d / (d(d − 1)/2)).
    private static func erdosRenyi(_ d: Int, _ e: Double, _ stream: inout RandomStream) -> DirectedGraph {
        let pairs = Double(d * (d - 1)) / 2
        let probability = pairs > 0 ? min(0.99, e * Double(d) / pairs) : 0
        var edges: [Edge] = []
        for later in 0..<d {
            for earlier in 0..<later where stream.bernoulli(probability) { edges.append(Edge(later, earlier)) }
        }
        return DirectedGraph(nodeCount: d, edges: edges)
    }

    /// Each new node points to m distinct earlier ones (to all where there are fewer), chosen in proportion to
    /// (in-degree + 1)^power.
    private static func scaleFree(
        _ d: Int, _ m: Int, _ power: Double, _ stream: inout RandomStream
    ) -> DirectedGraph {
        var inDegree = Array(repeating: 0, count: d)
        var edges: [Edge] = []
        for new in 1..<max(d, 1) {
            var weights = (0..<new).map { pow(Double(inDegree[$0] + 1), power) }
            for _ in 0..<min(m, new) {
                let old = stream.index(weights: weights)
                weights[old] = 0
                edges.append(Edge(new, old))
                inDegree[old] += 1
            }
        }
        return DirectedGraph(nodeCount: d, edges: edges)
    }
}
