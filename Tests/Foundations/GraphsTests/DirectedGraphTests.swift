import Graphs
import Probability
import Testing

struct DirectedGraphTests {
    /// 0 → 1 → 3, 0 → 2 → 3, 3 → 4; 5 alone.
    let diamond = DirectedGraph(
        nodeCount: 6, edges: [Edge(3, 4), Edge(0, 1), Edge(0, 2), Edge(1, 3), Edge(2, 3), Edge(0, 1)])

    @Test func knowsParentsAndChildren() {
        #expect(diamond.parents[3] == [1, 2])
        #expect(diamond.children[0] == [1, 2])
        #expect(diamond[2, 3] && !diamond[3, 2])
        #expect(diamond.edgeCount == 5)
        #expect(DirectedGraph(nodeCount: 6, adjacency: diamond.adjacency) == diamond)
        #expect(diamond.transposed.parents[0] == [1, 2])
    }

    @Test func knowsAncestry() {
        #expect(diamond.ancestors(of: 4) == [0, 1, 2, 3])
        #expect(diamond.descendants(of: 1) == [3, 4])
        #expect(diamond.descendants(of: 5) == [])
        let loop = DirectedGraph(nodeCount: 3, edges: [Edge(0, 1), Edge(1, 0), Edge(1, 2)])
        #expect(loop.ancestors(of: 0) == [0, 1])
        #expect(!loop.isAcyclic)
        #expect(loop.topologicalOrder == nil)
        // 0 leads to the cycle 1 → 2 → 3 → 1, which leads to 4.
        let cycle = DirectedGraph(
            nodeCount: 5, edges: [Edge(0, 1), Edge(1, 2), Edge(2, 3), Edge(3, 1), Edge(3, 4)])
        #expect(cycle.nodeOnCycle.map { (1...3).contains($0) } == true)
        #expect(diamond.nodeOnCycle == nil)
    }

    @Test func ordersParentsBeforeChildren() throws {
        let order = try #require(diamond.topologicalOrder)
        #expect(order.sorted() == Array(0..<6))
        for edge in diamond.edges {
            #expect(order.firstIndex(of: edge.source)! < order.firstIndex(of: edge.target)!)
        }
    }

    @Test func listsPathsShortestFirst() {
        let graph = DirectedGraph(nodeCount: 5, edges: diamond.edges.filter { $0.target < 5 } + [Edge(0, 3)])
        #expect(graph.paths(from: 0, to: 4) == [[0, 3, 4], [0, 1, 3, 4], [0, 2, 3, 4]])
        #expect(graph.paths(from: 0, to: 4, maximumLength: 2) == [[0, 3, 4]])
        #expect(graph.paths(from: 0, to: 4, limit: 2).count == 2)
        #expect(graph.paths(from: 4, to: 0) == [])
    }

    @Test func relabelsNodes() {
        let graph = DirectedGraph(nodeCount: 3, edges: [Edge(0, 1), Edge(1, 2)]).relabelled([2, 0, 1])
        #expect(graph.edges == [Edge(0, 1), Edge(2, 0)])
    }

    @Test func strongComponentsAreWhatLeadsToEachOther() {
        let graph = DirectedGraph(
            nodeCount: 8,
            edges: [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 3), (5, 6)].map { Edge($0, $1) })
        #expect(graph.strongComponents == [[0, 1, 2], [3, 4], [5], [6], [7]])
        #expect(graph.transposed.strongComponents == graph.strongComponents)
        var stream = RandomStream(seed: 11)
        for _ in 0..<20 {
            let random = DirectedGraph(nodeCount: 9, adjacency: (0..<81).map { _ in stream.bernoulli(0.15) })
            for component in random.strongComponents {
                for node in component {
                    let both = Set(random.ancestors(of: node)).intersection(random.descendants(of: node))
                    #expect(both.union([node]) == Set(component))
                }
            }
        }
    }
}
