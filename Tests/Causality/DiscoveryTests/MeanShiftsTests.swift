import Matrices
import Structure
import Testing

@testable import Discovery

struct MeanShiftsTests {
    /// Beside numpy; s / (1 + s) of its shifts. Tolerance: order of summation in double precision.
    @Test func shiftsAreThoseOfNumpy() throws {
        let data = try GoldenCells("interventions").data
        let expected = try GoldenCells.values().interventions.shifts
        let scores = try MeanShifts().scores(of: data)
        for i in 0..<6 {
            for j in 0..<6 {
                let shift = abs(expected[i][j])
                #expect(abs(scores[i * 6 + j] - shift / (1 + shift)) < 1e-10)
            }
        }
        #expect(scores[5 * 6..<6 * 6].allSatisfy { $0 == 0 } && scores[0] > 0.5)
    }

    /// j is 0 and 2 in turn in cells that nobody perturbed, 4 under do(i) and 10 under do(j).
    private func scores(controls: Int) throws -> [Double] {
        var values = Matrix<Float>(rows: controls + 20, columns: 2)
        var interventions = values
        for row in 0..<controls { values[row, 1] = row % 2 == 0 ? 0 : 2 }
        for row in controls..<controls + 10 {
            values[row, 0] = Float(row % 2)
            values[row, 1] = 4
            interventions[row, 0] = 1
            values[row + 10, 1] = 10
            interventions[row + 10, 1] = 1
        }
        return try MeanShifts().scores(
            of: DiscoveryData(values: values, interventions: interventions, genes: ["i", "j"]))
    }

    /// Mean 1 and deviation 1 there: a shift of 3 deviations.
    @Test func referenceIsWhatNobodyPerturbed() throws {
        #expect(try abs(scores(controls: 20)[1] - 3.0 / 4) < 1e-12)
    }

    /// Nine are too few; the nine (5 zeros, 4 twos) and the ten tens of do(j) have mean 108/19 and mean square 1016/19.
    @Test func withFewControlsReferenceIsAllCellsWithoutTheIntervention() throws {
        let mean = 108.0 / 19
        let shift = (mean - 4) / (1016.0 / 19 - mean * mean).squareRoot()
        #expect(try abs(scores(controls: 9)[1] - shift / (1 + shift)) < 1e-12)
    }

    @Test func withoutInterventionsThereIsNothingToSee() throws {
        let cells = try GoldenCells("laplace").cells
        let error = #expect(throws: DiscoveryError.self) { try ClassicalMethod.meanShift.discover(in: cells) }
        #expect(error?.code == "NO_INTERVENTIONS")
    }
}
