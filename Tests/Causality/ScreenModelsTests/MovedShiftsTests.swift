import Foundation
import Matrices
import Probability
import Screens
import ShiftProcesses
import Testing

@testable import ScreenModels

/// A plain test of mean shifts.
struct MovedShiftsTests {
    /// Ten treatments and twenty genes; a cell has variance 4, a treatment 25 cells, the controls 100.
    private func table(_ shifts: Matrix<Double>) throws -> ShiftTable {
        try ShiftTable(
            contexts: (0..<shifts.rows).map { Context(perturbation: "p\($0)") }, shifts: shifts,
            variances: Array(repeating: 4, count: shifts.columns), cells: Array(repeating: 25, count: shifts.rows),
            controls: Array(repeating: [.init(group: 0, share: 1)], count: shifts.rows), controlCells: [100])
    }

    /// The error of a shift is √(4/25 + 4/100); thresholds are those of Benjamini and Hochberg, by hand: of 200, the k-th is
    /// kept where p ≤ .05 k / 200, which is |z| ≥ 3.662 for k = 1 and 3.481 for k = 2.
    @Test func theFalseDiscoveryRateIsKept() throws {
        let error = 0.2.squareRoot()
        var shifts = Matrix<Double>(rows: 10, columns: 20, repeating: 0.01)
        shifts[3, 7] = 3.6 * error
        #expect(MovedShifts(try table(shifts), contextNoise: 0).count == 0)
        shifts[3, 7] = -3.7 * error
        #expect(MovedShifts(try table(shifts), contextNoise: 0).genes[3] == [7])
        // A second one carries the first over its threshold.
        shifts[3, 7] = 3.6 * error
        shifts[3, 2] = 3.5 * error
        let both = MovedShifts(try table(shifts), contextNoise: 0)
        #expect(both.genes[3] == [7, 2] && both.count == 2 && both.tested == 200)
        // Noise between contexts of a tenth of the variance of cells: an error of √.6 instead of √.2.
        #expect(MovedShifts(try table(shifts), contextNoise: 0.1).count == 0)
    }

    @Test func genesThatNeverVaryAreNotCounted() throws {
        var shifts = Matrix<Double>(rows: 10, columns: 20, repeating: 0.01)
        for treatment in 0..<10 { shifts[treatment, 4] = 0 }
        #expect(MovedShifts(try table(shifts), contextNoise: 0).tested == 190)
    }
}
