import Graphs
import Probability
import Testing

struct RandomGraphsTests {
    private func graphs(_ family: GraphFamily, _ d: Int, _ e: Double, count: Int) -> [DirectedGraph] {
        let stream = RandomStream(seed: 1).stream(family.rawValue)
        return (0..<count).map { number in
            var own = stream.stream(number)
            return .random(family, nodeCount: d, edgesPerNode: e, stream: &own)
        }
    }

    @Test(arguments: GraphFamily.allCases) func isAcyclicAndRepeats(_ family: GraphFamily) {
        let drawn = graphs(family, 30, 2, count: 20)
        #expect(drawn.allSatisfy { $0.isAcyclic })
        #expect(drawn == graphs(family, 30, 2, count: 20))
        #expect(drawn[0] != drawn[1])
        #expect(graphs(family, 1, 2, count: 1)[0].edgeCount == 0)
    }

    /// e·d = 60 edges expected of 435 pairs, standard deviation 7.2: over 200 graphs five standard errors are 2.6.
    @Test func erdosRenyiHasTheExpectedEdges() {
        let edges = graphs(.erdosRenyi, 30, 2, count: 200).map { Double($0.edgeCount) }
        #expect(abs(edges.reduce(0, +) / 200 - 60) < 2.6)
    }

    /// 0 + 1 + 2 + 3 · 27 edges for m = 3 and d = 30: new nodes always find min(m, earlier) distinct partners.
    @Test func scaleFreeHasAFixedNumberOfEdges() {
        #expect(graphs(.scaleFree, 30, 3, count: 10).allSatisfy { $0.edgeCount == 84 })
    }

    /// With m = 1 and d = 100 a preferential tree's largest degree is near √100 and above, an Erdős–Rényi graph's in-degree
    /// of mean 1 almost never above 7; the bounded side never exceeds m.
    @Test func hubsLieOnTheNamedSide() {
        let hubsOfParents = graphs(.scaleFree, 100, 1, count: 20)
        let hubsOfChildren = graphs(.scaleFreeTransposed, 100, 1, count: 20)
        for graph in hubsOfParents { #expect(graph.children.map(\.count).max()! <= 1) }
        for graph in hubsOfChildren { #expect(graph.parents.map(\.count).max()! <= 1) }
        let largest = hubsOfChildren.map { Double($0.children.map(\.count).max()!) }.reduce(0, +) / 20
        #expect(largest > 10)
    }
}
