import Matrices
import Probability
import Testing

@testable import PredictedCells

struct ValueFloorsTests {
    func matrix(_ rows: [[Float]]) -> Matrix<Float> {
        Matrix(rows: rows.count, columns: rows[0].count, values: rows.flatMap(\.self))
    }

    @Test func countsHaveAFloorAndIntensitiesHaveNone() {
        let counts = ValueFloors(
            matrix(PlantedScreen.counts(200, rates: [0.1, 1, 8], seed: 1)), groups: [Array(0..<200)], fallback: [0])
        // The third gene is hardly ever at 0, but 0 is as low as it may fall.
        #expect(counts.isFloored == [true, true, true])
        for gene in 0..<3 { #expect(counts.value(0, gene) == 0) }
        let intensities = ValueFloors(
            matrix(PlantedScreen.gaussian(200, genes: 3, move: [0, 5, 9], seed: 2)), groups: [Array(0..<200)],
            fallback: [0])
        #expect(intensities.isFloored == [false, false, false])
        // Single cells and pairs are no evidence of a floor.
        let pairs = ValueFloors(
            matrix(PlantedScreen.gaussian(200, genes: 1, move: [0], seed: 2)),
            groups: (0..<100).map { [2 * $0, 2 * $0 + 1] }, fallback: Array(0..<100))
        #expect(pairs.isFloored == [false])
    }

    @Test func standardisedCountsHaveFloorsOfTheirOwn() {
        let counts = PlantedScreen.counts(300, rates: [0.3, 0.5], seed: 3)
        let floors = ValueFloors(
            matrix(counts.map { [($0[0] - 0.25) / 0.5, ($0[1] - 0.5) / 0.5, 7] }), groups: [Array(0..<300)],
            fallback: [0])
        #expect(floors.isFloored == [true, true, false])
        #expect([floors.value(0, 0), floors.value(0, 1)] == [-0.5, -1])
    }

    /// Counts centred on the controls of their group: the last group is of two cells, one of them at 0.
    @Test func groupsHaveFloorsOfTheirOwn() {
        let centres: [Float] = [0.5, 0.75, 0.75]
        let groups = [Array(0..<100), Array(100..<200), [200, 201]]
        var rows = PlantedScreen.counts(200, rates: [0.4], seed: 4) + [[0], [3]]
        for (group, centre) in zip(groups, centres) { for row in group { rows[row][0] -= centre } }
        let floors = ValueFloors(matrix(rows), groups: groups, fallback: [1, 0, 1])
        #expect(floors.isFloored == [true])
        #expect((0..<3).map { floors.value($0, 0) } == [-0.5, -0.75, -0.75])
    }

    @Test func constantScreensHaveNone() {
        let floors = ValueFloors(Matrix(rows: 30, columns: 2, repeating: 4), groups: [Array(0..<30)], fallback: [0])
        #expect(floors.isFloored == [false, false])
    }
}
