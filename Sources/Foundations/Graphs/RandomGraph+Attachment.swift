import Foundation
import Probability

extension DirectedGraph {
    /// Each new node points to m distinct earlier ones (to all where there are fewer), drawn in proportion to
    /// kᵖ + 1, where k is the number of nodes that point there already and p the power.
    ///
    /// igraph's `Graph.Barabasi` by its method `psumtree`, whose weight for nodes nobody points to is 1. For p = 1 this is
    /// the (k + 1)ᵖ of the paper.
    static func scaleFree(
        _ d: Int, edgesPerNode m: Int, power: Double, _ stream: inout RandomStream
    ) -> DirectedGraph {
        var inDegree = Array(repeating: 0, count: d)
        var appeal = Array(repeating: 1.0, count: d)
        var edges: [Edge] = []
        for new in 1..<max(d, 1) {
            var weights = Array(appeal[..<new])
            for _ in 0..<min(m, new) {
                let old = stream.index(weights: weights)
                weights[old] = 0
                edges.append(Edge(new, old))
                inDegree[old] += 1
                appeal[old] = pow(Double(inDegree[old]), power) + 1
            }
        }
        return DirectedGraph(nodeCount: d, edges: edges)
    }
}
