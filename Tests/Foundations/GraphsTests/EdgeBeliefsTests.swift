import Graphs
import Testing

struct EdgeBeliefsTests {
    @Test func ranksAllOrderedPairs() {
        let beliefs = EdgeBeliefs(genes: ["a", "b", "c"], probabilities: [9, 0.2, 0.9, 0.5, 9, 0.2, 0, 0.1, 9])
        #expect(beliefs[0, 0] == 0)
        #expect(
            beliefs.ranked.map { [$0.source, $0.target] } == [[0, 2], [1, 0], [0, 1], [1, 2], [2, 1], [2, 0]])
    }
}
