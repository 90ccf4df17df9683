import Matrices
import Screens
import Testing

@testable import ShiftProcesses

struct ShiftTableTests {
    private func table(
        _ shifts: [Double] = [1, 2, 3, 4], variances: [Double] = [1, 1], cells: [Double] = [2, 2], group: Int = 0,
        controlCells: [Double] = [4], names: [String] = ["a", "b"]
    ) throws -> ShiftTable {
        try ShiftTable(
            contexts: names.map { Context(perturbation: $0) }, shifts: Matrix(rows: 2, columns: 2, values: shifts),
            variances: variances, cells: cells, controls: Array(repeating: [.init(group: group, share: 1)], count: 2),
            controlCells: controlCells)
    }

    private func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch { return (error as? ShiftProcessError)?.code }
    }

    @Test func whatNoProcessCanBeMadeFrom() {
        #expect(code { _ = try table([1, .nan, 3, 4]) } == "NONFINITE")
        #expect(code { _ = try table([1, 1e300, 3, 4]) } == "NONFINITE")
        #expect(code { _ = try table(variances: [1]) } == "COUNT")
        #expect(code { _ = try table(variances: []) } == "NO_GENES")
        #expect(code { _ = try table(variances: [0, 0]) } == "NOISE")
        #expect(code { _ = try table(variances: [1, .nan]) } == "NOISE")
        #expect(code { _ = try table(cells: [2, 0]) } == "NOISE")
        #expect(code { _ = try table(cells: [2]) } == "COUNT")
        #expect(code { _ = try table(group: 1) } == "COUNT")
        #expect(code { _ = try table(names: ["a", "a"]) } == "DUPLICATE")
        #expect(code { _ = try table() } == nil)
        let none = code {
            _ = try ShiftTable(
                contexts: [], shifts: Matrix(rows: 0, columns: 2), variances: [1, 1], cells: [], controls: [],
                controlCells: [])
        }
        #expect(none == "NO_TREATMENTS")
    }

    /// One gene that never varies counts as quiet as the quietest, not as certain.
    @Test func silentGenes() throws {
        #expect(try table(variances: [0, 0.25]).variances == [0.25, 0.25])
    }

    @Test func controlsAreInAllThatShareThem() throws {
        let noise = try table(cells: [2, 5]).noise([0, 1])
        #expect(noise.values == [0.5 + 0.25, 0.25, 0.25, 0.2 + 0.25])
    }

    /// Two strata with two and one controls, one without; one gene; cells as the rows below.
    private var screen: PerturbationScreen {
        // Context, stratum, value.
        let cells: [(Int, Int, Float)] = [
            (0, 0, 1), (0, 0, 3), (0, 1, 4), (1, 0, 5), (1, 0, 6), (1, 1, 10), (2, 2, 9),
        ]
        return PerturbationScreen(
            genes: ["g"], expression: Matrix(rows: cells.count, columns: 1, values: cells.map(\.2)), scale: .log1p,
            contexts: [
                Context(perturbation: "control", isControl: true), Context(perturbation: "a"),
                Context(perturbation: "b"),
            ], contextOfCell: cells.map(\.0), controlStrata: cells.map(\.1))
    }

    @Test func aScreen() throws {
        let table = try ShiftTable(screen)
        #expect(table.contexts.map(\.perturbation) == ["a", "b"])
        // (5 + 6 + 10)/3 − (⅔ 2 + ⅓ 4); 9 − (1 + 3 + 4)/3, in single precision.
        #expect(abs(table.shifts[0, 0] - 13.0 / 3) < 1e-6 && abs(table.shifts[1, 0] - 19.0 / 3) < 1e-6)
        // Squares about 2 and about 5.5, 2 degrees of freedom: 2 + ½.
        #expect(table.variances == [1.25])
        #expect(table.cells == [3, 1] && table.controlCells == [2, 1])
        // a: ⅔ of the first stratum's mean and ⅓ of the second's. b has no stratum of controls: all three, alike.
        let noise = table.noise([0, 1])
        // 1/3 + (2/3)²/2 + (1/3)²; 1 + (2/3)²/2 + (1/3)². Order of summation.
        #expect(abs(noise[0, 0] - (1.0 / 3 + 2.0 / 9 + 1.0 / 9)) < 1e-12)
        #expect(abs(noise[1, 1] - (1 + 1.0 / 3)) < 1e-12 && abs(noise[0, 1] - 1.0 / 3) < 1e-12)
    }

    @Test func noControls() throws {
        let treated = screen.subset(cells: [3, 4, 5, 6])
        let table = try ShiftTable(treated)
        #expect(table.controlCells.isEmpty && table.noise([0, 1]).values == [1.0 / 3, 0, 0, 1])
    }

    @Test func nothingTwice() {
        #expect(code { _ = try ShiftTable(screen.subset(cells: [0, 3])) } == "NO_REPLICATES")
        #expect(code { _ = try ShiftTable(screen.subset(cells: [0, 1])) } == "NO_TREATMENTS")
    }
}
