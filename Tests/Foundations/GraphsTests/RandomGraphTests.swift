import Probability
import Testing

@testable import Graphs

struct RandomGraphTests {
    static let network = RegulatoryNetwork(
        [("a", "b"), ("b", "c"), ("c", "a"), ("a", "d"), ("a", "e"), ("e", "e"), ("f", "g"), ("f", "h")].map {
            .init(regulator: $0.0, target: $0.1, effect: .activates)
        })

    static let all: [RandomGraph] = [
        .erdosRenyi(edgesPerNode: 2), .scaleFree(edgesPerNode: 2, power: 1),
        .scaleFreeTransposed(edgesPerNode: 2, power: 1.5), .wattsStrogatz(dimensions: 2, reach: 1, rewiring: 0.3),
        .stochasticBlock(edgesPerNode: 2, blocks: 3, damping: 0.1), .geometric(radius: 0.4),
        .geneNetwork(network, topShare: 0.2),
    ]

    private func graphs(_ distribution: RandomGraph, _ d: Int, count: Int) -> [DirectedGraph] {
        let stream = RandomStream(seed: 1).stream(distribution.family.rawValue)
        return (0..<count).map { number in
            var own = stream.stream(number)
            return distribution.draw(nodeCount: d, stream: &own)
        }
    }

    @Test func everyFamilyIsTried() { #expect(Set(Self.all.map(\.family)) == Set(GraphFamily.allCases)) }

    @Test(arguments: all) func isAcyclicAndRepeats(_ distribution: RandomGraph) {
        for d in [1, 2, 3, 7, 8] {
            let drawn = graphs(distribution, d, count: 20)
            #expect(drawn.allSatisfy { $0.isAcyclic && $0.nodeCount == d })
            #expect(drawn == graphs(distribution, d, count: 20))
            if d == 1 { #expect(drawn[0].edgeCount == 0) }
            if d == 8 { #expect(Set(drawn.map { $0.edges }).count > 10) }
        }
    }

    /// Nodes are permuted: over 400 graphs an edge leads as often to the larger number as to the smaller, to five standard
    /// errors of at least 200 edges.
    @Test(arguments: all) func theOrderOfNodesTellsNothing(_ distribution: RandomGraph) {
        let edges = graphs(distribution, 8, count: 400).flatMap(\.edges)
        let rising = edges.count { $0.source < $0.target }
        #expect(edges.count > 200)
        // Edges of one graph depend on each other: a hub's point one way. Eight standard errors of independent edges.
        #expect(abs(Double(rising) / Double(edges.count) - 0.5) < 4 / Double(edges.count).squareRoot())
    }

    /// e·d = 60 edges expected of 435 pairs, standard deviation 7.2: over 200 graphs five standard errors are 2.6.
    @Test func erdosRenyiHasTheExpectedEdges() {
        let edges = graphs(.erdosRenyi(edgesPerNode: 2), 30, count: 200).map { Double($0.edgeCount) }
        #expect(abs(edges.reduce(0, +) / 200 - 60) < 2.6)
        // At most 0.99 of all pairs: 10 of 10 in 90 % of the draws.
        #expect(graphs(.erdosRenyi(edgesPerNode: 1000), 5, count: 200).contains { $0.edgeCount < 10 })
    }

    /// 0 + 1 + 2 + 3 · 27 edges for m = 3 and d = 30: new nodes always find min(m, earlier) distinct partners.
    @Test func scaleFreeHasAFixedNumberOfEdges() {
        #expect(graphs(.scaleFree(edgesPerNode: 3, power: 1), 30, count: 10).allSatisfy { $0.edgeCount == 84 })
    }

    /// Before it is permuted, the third node of m = 1 finds in-degrees 1 and 0, so it chooses the first with probability
    /// (1 + 1) / (1 + 1 + 1) = 2/3; then the fourth node finds 2, 0 and 0 and chooses it with (2ᵖ + 1) / (2ᵖ + 3): 0.769 at
    /// p = 2.5, where (k + 1)ᵖ would give 0.886. Five standard errors of 3,000 and of 2,000 draws.
    @Test func attachmentFollowsTheAppeal() {
        var stream = RandomStream(seed: 2)
        let drawn = (0..<3000).map { _ in DirectedGraph.scaleFree(4, edgesPerNode: 1, power: 2.5, &stream) }
        let first = drawn.filter { $0[2, 0] }
        #expect(abs(Double(first.count) / 3000 - 2.0 / 3) < 0.043)
        let expected = (5.657 + 1) / (5.657 + 3)
        #expect(abs(Double(first.count { $0[3, 0] }) / Double(first.count) - expected) < 0.053)
    }

    /// With m = 1 and d = 100 a preferential tree's largest degree is near √100 and above, an Erdős–Rényi graph's in-degree
    /// of mean 1 almost never above 7; the bounded side never exceeds m.
    @Test func hubsLieOnTheNamedSide() {
        let hubsOfParents = graphs(.scaleFree(edgesPerNode: 1, power: 1), 100, count: 20)
        let hubsOfChildren = graphs(.scaleFreeTransposed(edgesPerNode: 1, power: 1), 100, count: 20)
        for graph in hubsOfParents { #expect(graph.children.map(\.count).max()! <= 1) }
        for graph in hubsOfChildren { #expect(graph.parents.map(\.count).max()! <= 1) }
        let largest = hubsOfChildren.map { Double($0.children.map(\.count).max()!) }.reduce(0, +) / 20
        #expect(largest > 10)
    }

    /// Without moved links: on a periodic 4 × 4 lattice each node has 4 neighbours within one step and 10 within two; on
    /// 3 × 3 × 3 six; on 2 × 2 two, as both ways round lead to the same node.
    @Test func latticesHaveTheirNeighbours() {
        var stream = RandomStream(seed: 3)
        func degrees(_ d: Int, _ dimensions: Int, _ reach: Int) -> Set<Int> {
            let graph = DirectedGraph.wattsStrogatz(d, dimensions: dimensions, reach: reach, rewiring: 0, &stream)
            return Set((0..<d).map { graph.parents[$0].count + graph.children[$0].count })
        }
        #expect(degrees(16, 2, 1) == [4] && degrees(16, 2, 2) == [10] && degrees(27, 3, 1) == [6])
        #expect(degrees(4, 2, 1) == [2] && degrees(5, 1, 1) == [2] && degrees(5, 1, 2) == [4])
        #expect(DirectedGraph.latticeSide(64, dimensions: 3) == 4 && DirectedGraph.latticeSide(65, dimensions: 3) == 5)
        // Moving keeps the number of links, even where all ends move.
        let moved = DirectedGraph.wattsStrogatz(25, dimensions: 2, reach: 1, rewiring: 1, &stream)
        #expect(moved.edgeCount == 50)
    }

    /// Two blocks of about equal size among 40 nodes with no links between: no edge crosses, e·d edges on average. The
    /// standard deviation of the number of edges is below √80, five standard errors of 200 draws 3.2.
    @Test func blocksAreLinkedWithin() {
        let drawn = graphs(.stochasticBlock(edgesPerNode: 2, blocks: 2, damping: 0), 40, count: 200)
        // Blocks so small that p reaches 0.99 have fewer edges; a cut below 9 or above 31 of 40 leaves the other block
        // room for 80 edges still, so all draws have 80 on average.
        let mean = drawn.map { Double($0.edgeCount) }.reduce(0, +) / 200
        #expect(abs(mean - 80) < 3.2)
        let crossed = drawn.filter { graph in
            let component = Set([0] + graph.ancestors(of: 0) + graph.descendants(of: 0))
            return component.count == 40
        }
        #expect(crossed.count < 20)
    }

    @Test func geometricGraphsLinkTheNear() {
        // P(distance < r) = πr² − 8r³/3 + r⁴/2 for two uniform points of the unit square: 0.2896 at r = 0.35; 435 pairs of 30
        // nodes give 126. The pairs' indicators are nearly uncorrelated: variance below 3 · 435 · p(1 − p); five standard
        // errors of 300 draws are 4.8.
        let mean = graphs(.geometric(radius: 0.35), 30, count: 300).map { Double($0.edgeCount) }.reduce(0, +) / 300
        let r = 0.35
        #expect(abs(mean - 435 * (Double.pi * r * r - 8 * r * r * r / 3 + r * r * r * r / 2)) < 4.8)
        #expect(graphs(.geometric(radius: 2), 6, count: 1)[0].edgeCount == 15)
    }
}
