import Probability

@testable import Identification

enum RandomDiagram {
    /// Nodes V1… in an order of their own, each pair with an edge such that a node has `directed` parents on average,
    /// and `bidirected` ↔ a node.
    static func draw(
        _ count: Int, directed: Double = 1.2, bidirected: Double = 0.5, stream: inout RandomStream
    ) throws -> CausalDiagram {
        let names = stream.permutation(count).map { "V\($0 + 1)" }
        let pairs = Double(count * (count - 1)) / 2
        var description = DiagramDescription(nodes: names)
        for later in 1..<count {
            for earlier in 0..<later {
                let pair = DiagramDescription.Pair(names[earlier], names[later])
                if stream.bernoulli(directed * Double(count) / pairs) { description.directed.append(pair) }
                if stream.bernoulli(bidirected * Double(count) / pairs) { description.bidirected.append(pair) }
            }
        }
        description.nodes.sort()
        return try CausalDiagram(description)
    }

    /// One outcome or two, one treatment or two, a condition now and then.
    static func query(_ diagram: CausalDiagram, stream: inout RandomStream) -> NodeQuery {
        var nodes = stream.permutation(diagram.count)
        func take(_ count: Int) -> NodeSet {
            defer { nodes.removeFirst(min(count, nodes.count)) }
            return NodeSet(nodes.prefix(count))
        }
        let outcomes = take(1 + stream.index(below: 2))
        let treatments = take(1 + stream.index(below: 2))
        return NodeQuery(outcomes: outcomes, treatments: treatments, conditions: take(stream.index(below: 3) / 2))
    }
}
