import Matrices
import Probability
import Screens
import ShiftProcesses
import Testing

@testable import ScreenModels

struct ShiftPathsTests {
    /// What the causal model explains is no error of the controls: each path has its own view, and its say.
    @Test func errorsOfControlsFollowThePathsThatAnswer() throws {
        let (treatments, genes) = (8, 12)
        var stream = RandomStream(seed: 3)
        // All treatments lie 1 off, as where their controls do.
        let shifts = Matrix(
            rows: treatments, columns: genes,
            values: (0..<treatments * genes).map { _ in 1 + 0.3 * stream.normal() })
        let table = try ShiftTable(
            contexts: (0..<treatments).map { Context(perturbation: "p\($0)") }, shifts: shifts,
            variances: Array(repeating: 1, count: genes), cells: Array(repeating: 10, count: treatments),
            controls: Array(repeating: [.init(group: 0, share: 1)], count: treatments), controlCells: [4])
        let explained = Matrix(
            rows: treatments, columns: genes, values: Array(repeating: 1.0, count: treatments * genes))
        let paths = try ShiftPaths(table, explained: explained, workers: 1)
        for share in [0.0, 0.5, 1] {
            let errors = paths.controlErrors(.init(causal: share)).values
            for (place, value) in errors.enumerated() {
                let own = paths.residual.controlErrors.values[place]
                let other = paths.direct.controlErrors.values[place]
                // Rounding.
                #expect(abs(value - (share * own + (1 - share) * other)) < 1e-12)
            }
        }
        func size(_ values: [Double]) -> Double { values.reduce(0) { $0 + abs($1) } }
        // Beside what explains the common shift next to nothing is left to be an error: .3 of 1, less by averaging.
        #expect(size(paths.residual.controlErrors.values) < 0.5 * size(paths.direct.controlErrors.values))
    }
}
