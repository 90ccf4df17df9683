import Foundation
import Graphs

/// Every acyclic graph on a few nodes, found by trying all graphs: 25 on 3 nodes, 543 on 4.
func allAcyclicGraphs(_ count: Int) -> [DirectedGraph] {
    let pairs = (0..<count * count).map { Edge($0 / count, $0 % count) }.filter { $0.source != $0.target }
    return (0..<1 << pairs.count).map { chosen in
        DirectedGraph(nodeCount: count, edges: pairs.indices.filter { chosen >> $0 & 1 == 1 }.map { pairs[$0] })
    }.filter(\.isAcyclic)
}

extension EdgeBeliefs {
    /// log of Π p over the edges of a graph × Π (1 − p) over all other pairs.
    func logProbability(of graph: DirectedGraph) -> Double {
        var sum = 0.0
        for edge in ranked {
            let p = Double(edge.probability)
            sum += log(graph[edge.source, edge.target] ? p : 1 - p)
        }
        return sum
    }
}
