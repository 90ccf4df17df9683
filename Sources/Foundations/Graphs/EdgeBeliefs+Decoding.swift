/// An acyclic graph read from edge beliefs, and what had to be left out for it.
public struct AcyclicDecoding: Sendable, Equatable {
    public struct BrokenEdge: Sendable, Equatable {
        public let source: Int
        public let target: Int
        public let probability: Float

        public init(source: Int, target: Int, probability: Float) {
            self.source = source
            self.target = target
            self.probability = probability
        }
    }

    public let graph: DirectedGraph
    /// Edges above the threshold that would have closed a cycle, by falling probability.
    public let brokenEdges: [BrokenEdge]
}

extension EdgeBeliefs {
    /// The edges with a probability above `threshold`, cycles broken at their least probable edge.
    ///
    /// Edges enter by falling probability; one that would close a cycle stays out. It is the least probable of that
    /// cycle, since all others entered before it.
    public func acyclicGraph(threshold: Float = 0.5) -> AcyclicDecoding {
        let d = genes.count
        var children: [[Int]] = Array(repeating: [], count: d)
        var kept: [Edge] = []
        var broken: [AcyclicDecoding.BrokenEdge] = []

        func reaches(_ start: Int, _ goal: Int) -> Bool {
            var seen = Array(repeating: false, count: d)
            var waiting = [start]
            while let node = waiting.popLast() {
                if node == goal { return true }
                if seen[node] { continue }
                seen[node] = true
                waiting.append(contentsOf: children[node])
            }
            return false
        }

        for edge in ranked where edge.probability > threshold {
            if reaches(edge.target, edge.source) {
                broken.append(.init(source: edge.source, target: edge.target, probability: edge.probability))
            } else {
                children[edge.source].append(edge.target)
                kept.append(Edge(edge.source, edge.target))
            }
        }
        return AcyclicDecoding(graph: DirectedGraph(nodeCount: d, edges: kept), brokenEdges: broken)
    }
}
