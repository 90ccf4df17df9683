import Matrices
import Probability
import Testing

@testable import Shifts

@Suite struct PopulationDistanceTests {
    static let a = Matrix<Float>(rows: 4, columns: 2, values: [0, 1, 2, 0, 1, 3, -1, 0.5])
    static let b = Matrix<Float>(rows: 3, columns: 2, values: [2, 2, 3, 1, 0.5, 4])

    /// scipy 1: cdist of all pairs with (n − 1) corrections, wasserstein_distance a gene.
    @Test("Distances as scipy has them")
    func scipy() {
        let values = PopulationDistance.measures(Self.a, Self.b, resamples: 0, random: RandomStream(seed: 0)).map(
            \.value)
        let expected = [1.799401906807432, 2.166666666666667, 1.2708333333333335, 0.31389815974076996]
        #expect(values.count == expected.count)
        #expect(zip(values, expected).allSatisfy { abs($0 - $1) < 1e-9 })
    }

    @Test("One population against itself is at no distance; a common shift moves means and transport alike")
    func shifted() throws {
        var random = RandomStream(seed: 2)
        let x = Matrix<Float>(rows: 150, columns: 2, values: (0..<300).map { _ in Float(random.normal()) })
        let moved = Matrix<Float>(rows: 150, columns: 2, values: x.values.map { $0 + 0.5 })
        let measures = PopulationDistance.measures(x, moved, resamples: 40, random: RandomStream(seed: 0))
        #expect(abs(measures[0].value - 0.5 * 2.0.squareRoot()) < 1e-6)
        #expect(abs(measures[2].value - 0.5) < 1e-6)
        for measure in measures {
            #expect(
                try #require(measure.lower) <= measure.value + 0.1 && measure.value <= #require(measure.upper) + 0.1)
        }
        let other = Matrix<Float>(rows: 150, columns: 2, values: (0..<300).map { _ in Float(random.normal()) })
        let same = PopulationDistance.measures(x, other, resamples: 0, random: RandomStream(seed: 0))
        // Unbiased: around 0, by the deviation of a two-sample statistic of 150 cells.
        #expect(abs(same[1].value) < 0.1 && abs(same[3].value) < 0.05)
    }

    @Test("The same seed gives the same numbers, and a cap on cells is named")
    func reproducible() {
        var random = RandomStream(seed: 4)
        let x = Matrix<Float>(rows: 40, columns: 3, values: (0..<120).map { _ in Float(random.normal()) })
        let y = Matrix<Float>(rows: 30, columns: 3, values: (0..<90).map { _ in Float(random.normal()) })
        let one = PopulationDistance.measures(x, y, resamples: 5, maximumCells: 20, random: RandomStream(seed: 9))
        #expect(one == PopulationDistance.measures(x, y, resamples: 5, maximumCells: 20, random: RandomStream(seed: 9)))
        #expect(one[3].variant.contains("20 and 20 cells"))
    }
}
