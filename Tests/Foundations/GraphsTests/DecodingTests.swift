import Graphs
import Testing

struct DecodingTests {
    @Test func breaksACycleAtItsLeastProbableEdge() {
        // a → b 0.9, b → c 0.6, c → a 0.8, a → d 0.7, d → a 0.3, d → c exactly at the threshold.
        let beliefs = EdgeBeliefs(
            genes: ["a", "b", "c", "d"],
            probabilities: [0, 0.9, 0, 0.7, 0, 0, 0.6, 0, 0.8, 0, 0, 0, 0.3, 0, 0.5, 0])
        let decoding = beliefs.acyclicGraph()
        #expect(decoding.graph.edges == [Edge(0, 1), Edge(0, 3), Edge(2, 0)])
        #expect(decoding.brokenEdges == [.init(source: 1, target: 2, probability: 0.6)])
        #expect(beliefs.acyclicGraph(threshold: 0.75).graph.edges == [Edge(0, 1), Edge(2, 0)])
    }

    @Test func keepsAnAcyclicGraphWhole() {
        let beliefs = EdgeBeliefs(genes: ["a", "b", "c"], probabilities: [0, 1, 1, 0, 0, 1, 0, 0, 0])
        #expect(beliefs.acyclicGraph().graph.edgeCount == 3)
        #expect(beliefs.acyclicGraph().brokenEdges.isEmpty)
    }

    @Test func certaintyOfEverythingStillDecodes() {
        let beliefs = EdgeBeliefs(genes: (0..<8).map(String.init), probabilities: Array(repeating: 1, count: 64))
        let decoding = beliefs.acyclicGraph()
        #expect(decoding.graph.isAcyclic)
        #expect(decoding.graph.edgeCount == 28)
        #expect(decoding.brokenEdges.count == 28)
    }
}
