import Testing

@testable import Shifts

@Suite struct RetrievalScoresTests {
    private static let truth: [[Double]] = [[1, 0], [0, 1], [-1, 0], [1, 1]]
    private static let strata = ["a", "a", "a", "b"]

    private static func values(
        _ predicted: [[Double]], perturbed: [Int?] = [nil, nil, nil, nil]
    ) -> [[PredictionMetric: Double]] {
        RetrievalScores(shifts: (predicted, truth), means: (predicted, truth), perturbed: perturbed).values(
            strata: strata)
    }

    @Test("A prediction is told from the truths of its stratum")
    func discrimination() {
        // The first is nearest to its own truth, the second farthest, the third says nothing, the fourth is alone.
        let found = Self.values([[2, 0.1], [0, -1], [0, 0], [1, 0]])
        #expect(found.map { $0[.discrimination] } == [1, 0, 0.5, nil])
        // By distance: the second is 2 from its own and √2 from both others, the third 1 from all.
        #expect(found.map { $0[.centroidAccuracy] } == [1, 0, 0.5, nil])
        // Ranks from 0 among three: 0, 0 (all are 2 from it, so that its rank is 1, the mean of 0, 1 and 2), 1.
        #expect(found[0][.discriminationByManhattan] == 1)
        let score = found[1][.discriminationByManhattan] ?? 0
        #expect(abs(score - 2.0 / 3) < 1e-15)
    }

    @Test("Retrieval asks the other way round: is a truth nearest to its own prediction?")
    func retrieval() {
        // The third prediction is nearest to every truth but the second's.
        let found = Self.values([[0.5, 0.5], [0, 1], [1, 0], [0, 0]])
        #expect(found.map { $0[.retrieval] } == [0.5, 1, 0, nil])
        let same = Self.values(Array(repeating: [0.3, 0.4], count: 4))
        #expect(same.map { $0[.retrieval] } == [0.5, 0.5, 0.5, nil])
    }

    @Test("The gene that is perturbed itself does not tell treatments apart")
    func perturbedGene() {
        let predicted: [[Double]] = [[5, 0], [0, 0.9], [-1, 0], [1, 1]]
        let with = Self.values(predicted)
        let without = Self.values(predicted, perturbed: [0, nil, nil, nil])
        // Without the first gene the first prediction is (·, 0): as near to the third truth as to its own.
        #expect(with[0][.discriminationByManhattan] == 1)
        let score = without[0][.discriminationByManhattan] ?? 0
        #expect(abs(score - 2.5 / 3) < 1e-15)
    }
}
