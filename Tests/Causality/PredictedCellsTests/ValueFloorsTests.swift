import Matrices
import Probability
import Testing

@testable import PredictedCells

struct ValueFloorsTests {
    @Test func countsHaveAFloorAndIntensitiesHaveNone() {
        let counts = PlantedScreen.counts(200, rates: [0.1, 1, 8], seed: 1)
        let cells = Matrix<Float>(rows: 200, columns: 3, values: counts.flatMap(\.self))
        // The third gene is never at 0, but 0 is as low as it may fall.
        #expect(ValueFloors(cells).values == [0, 0, 0])
        let intensities = PlantedScreen.gaussian(200, genes: 3, move: [0, 5, 9], seed: 2)
        #expect(
            ValueFloors(Matrix(rows: 200, columns: 3, values: intensities.flatMap(\.self))).values == [nil, nil, nil])
    }

    @Test func standardisedCountsHaveFloorsOfTheirOwn() {
        let counts = PlantedScreen.counts(300, rates: [0.3, 0.5, 0.2], seed: 3)
        let cells = Matrix<Float>(
            rows: 300, columns: 3,
            values: counts.flatMap { [($0[0] - 0.25) / 0.5, ($0[1] - 0.5) / 0.5, 7] })
        // The first gene's floor lies above the second's, and the third never varies.
        #expect(ValueFloors(cells).values[0] == -0.5)
        #expect(ValueFloors(cells).values[1] == -1)
    }

    @Test func constantScreensHaveNone() {
        #expect(ValueFloors(Matrix<Float>(rows: 30, columns: 2, repeating: 4)).values == [nil, nil])
    }
}
