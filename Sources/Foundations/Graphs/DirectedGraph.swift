/// i → j.
public struct Edge: Sendable, Hashable, Codable, Comparable {
    public let source: Int
    public let target: Int

    public init(_ source: Int, _ target: Int) {
        self.source = source
        self.target = target
    }

    public static func < (a: Edge, b: Edge) -> Bool { (a.source, a.target) < (b.source, b.target) }
}

/// A directed graph on the nodes 0..<nodeCount, without loops; cycles are allowed.
public struct DirectedGraph: Sendable, Equatable {
    /// For each node its parents, rising.
    public let parents: [[Int]]
    /// For each node its children, rising.
    public let children: [[Int]]

    public var nodeCount: Int { parents.count }

    /// An edge given twice counts once.
    public init(nodeCount: Int, edges: some Sequence<Edge>) {
        var parents: [[Int]] = Array(repeating: [], count: nodeCount)
        var children = parents
        for edge in Set(edges).sorted() {
            precondition(
                (0..<nodeCount).contains(edge.source) && (0..<nodeCount).contains(edge.target),
                "edge \(edge.source) → \(edge.target) among \(nodeCount) nodes")
            precondition(edge.source != edge.target, "node \(edge.source) cannot be its own parent")
            children[edge.source].append(edge.target)
            parents[edge.target].append(edge.source)
        }
        self.parents = parents
        self.children = children
    }

    /// `adjacency[i * nodeCount + j]` says whether i → j; the diagonal is passed over.
    public init(nodeCount: Int, adjacency: [Bool]) {
        precondition(adjacency.count == nodeCount * nodeCount, "\(nodeCount)² entries, not \(adjacency.count)")
        let present = adjacency.indices.filter { adjacency[$0] && $0 / nodeCount != $0 % nodeCount }
        self.init(nodeCount: nodeCount, edges: present.map { Edge($0 / nodeCount, $0 % nodeCount) })
    }

    /// Whether source → target.
    public subscript(source: Int, target: Int) -> Bool { children[source].contains(target) }

    /// All edges, rising by source, then target.
    public var edges: [Edge] { children.indices.flatMap { source in children[source].map { Edge(source, $0) } } }

    public var edgeCount: Int { children.reduce(0) { $0 + $1.count } }

    /// nodeCount × nodeCount, row-major: row = source, column = target.
    public var adjacency: [Bool] {
        var result = Array(repeating: false, count: nodeCount * nodeCount)
        for edge in edges { result[edge.source * nodeCount + edge.target] = true }
        return result
    }

    /// The graph whose node `order[v]` stands at place v here.
    public func relabelled(_ order: [Int]) -> DirectedGraph {
        precondition(order.count == nodeCount, "\(nodeCount) labels expected, \(order.count) given")
        return DirectedGraph(nodeCount: nodeCount, edges: edges.map { Edge(order[$0.source], order[$0.target]) })
    }

    /// Every edge turned round.
    public var transposed: DirectedGraph {
        DirectedGraph(nodeCount: nodeCount, edges: edges.map { Edge($0.target, $0.source) })
    }
}
