import Graphs
import Testing

struct GraphComparisonTests {
    private func graph(_ edges: [Edge]) -> DirectedGraph { DirectedGraph(nodeCount: 4, edges: edges) }

    @Test func countsDifferences() {
        // One right, one reversed, one missing, one extra.
        let result = GraphComparison(
            predicted: graph([Edge(0, 1), Edge(2, 1), Edge(0, 3)]), truth: graph([Edge(0, 1), Edge(1, 2), Edge(2, 3)]))
        #expect(result.structuralHammingDistance == 3)
        #expect(result.precision == 1.0 / 3 && result.recall == 1.0 / 3 && result.f1 == 1.0 / 3)
    }

    @Test func emptyGraphsAreDefined() {
        let none = graph([])
        let one = graph([Edge(0, 1)])
        let both = GraphComparison(predicted: none, truth: none)
        #expect(both.precision == 1 && both.recall == 1 && both.f1 == 1)
        let missed = GraphComparison(predicted: none, truth: one)
        #expect(missed.precision == 0 && missed.recall == 0 && missed.f1 == 0)
        let invented = GraphComparison(predicted: one, truth: none)
        #expect(invented.precision == 0 && invented.recall == 0 && invented.f1 == 0)
    }

    /// Pairs by falling probability: hit 0.9, miss 0.8, tie of hit and miss at 0.5, three misses at 0.
    /// AP = (1·1 + 1·(2/4)) / 2 (scikit-learn's definition).
    @Test func ranksWithTies() {
        let beliefs = EdgeBeliefs(genes: ["a", "b", "c"], probabilities: [0, 0.9, 0.8, 0.5, 0, 0.5, 0, 0, 0])
        let truth = DirectedGraph(nodeCount: 3, edges: [Edge(0, 1), Edge(1, 2)])
        let scores = EdgeRankingScores(beliefs, truth: truth)
        #expect(scores.averagePrecision == 0.75)
        // Hit at 0.9 beats all 4 misses; hit at 0.5 beats 2, ties 1, loses 1: (4 + 2.5) / 8.
        #expect(scores.areaUnderROC == 6.5 / 8)
        #expect(scores.prevalence == 2.0 / 6)
        // (0.1² + 0.8² + 0.5² + 0.5²) / 6, in single precision.
        #expect(abs(scores.brierScore - 1.15 / 6) < 1e-7)
    }

    @Test func pairsOfAnyKindAreRankedWhateverTheirOrder() {
        let pairs = [(0.5, true), (0.9, true), (0.5, false), (0.8, false)].map { (probability: $0.0, isEdge: $0.1) }
        // Precision 1 at the first hit, 2/4 at the tie that holds the second: (1 + 0.5) / 2.
        let scores = EdgeRankingScores(pairs)
        #expect(scores.averagePrecision == 0.75 && scores.prevalence == 0.5)
        #expect(EdgeRankingScores(pairs.reversed()) == scores)
    }

    @Test func oneSidedTruthIsDefined() {
        let beliefs = EdgeBeliefs(genes: ["a", "b"], probabilities: [0, 0.4, 0.6, 0])
        let none = EdgeRankingScores(beliefs, truth: DirectedGraph(nodeCount: 2, edges: []))
        #expect(none.areaUnderROC == 0.5 && none.averagePrecision == 0)
        let single = EdgeRankingScores(
            EdgeBeliefs(genes: ["a"], probabilities: [0]), truth: DirectedGraph(nodeCount: 1, edges: []))
        #expect(single.areaUnderROC == 0.5 && single.averagePrecision == 0 && single.brierScore == 0)
    }
}
