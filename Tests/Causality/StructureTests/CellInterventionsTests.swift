import AnnotatedData
import Matrices
import Probability
import Screens
import Testing

@testable import Structure

@Suite struct CellInterventionsTests {
    private let labels = Matrix<Float>(
        rows: 5, columns: 4, values: [0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0])

    @Test func aMatrixComesBack() {
        let interventions = CellInterventions(labels)
        #expect(interventions.sets == [[1], [], [0, 3]])
        #expect(interventions.matrix(cells: Array(0..<5), genes: Array(0..<4)) == labels)
        #expect(interventions.areControls([0, 1, 4]) == [false, true, true])
        #expect(interventions.cellsOfSet == [[0, 3], [1, 4], [2]])
        #expect(interventions.hasAny)
        #expect(!interventions.selecting(cells: [1, 4]).hasAny)
    }

    @Test func cellsAndGenesAreArrangedAsAsked() {
        let part = CellInterventions(labels).matrix(cells: [2, 0], genes: [3, 1])
        #expect(part.values == [1, 0, 0, 1])
        // Gene 0 is left out: the cell that had it and 3 keeps 3, which is now the first.
        let some = CellInterventions(labels).selecting(genes: [3, 2])
        #expect(some.matrix(cells: Array(0..<5), genes: [0, 1]).values == [0, 0, 0, 0, 1, 0, 0, 0, 0, 0])
    }

    @Test func controlsAreCellsThatNothingWasDoneTo() {
        let cells = InterventionalCells(
            genes: ["a", "b", "c", "d"], values: Matrix(rows: 5, columns: 4), interventions: labels)
        // On c nobody intervened, but three of these cells are no controls.
        let panel = cells.panel(cells: [0, 1, 2, 3], genes: [2])
        #expect(panel.interventions?.values == [0, 0, 0, 0])
        #expect(panel.isControl == [false, true, false, false])
    }

    // MARK: Drawing

    @Test func sharesKeepProportionsAndSpareTheRare() {
        let shares = StratifiedDraw.shares(of: [100_000, 50_000, 120, 30], limit: 15_130)
        #expect(shares.reduce(0, +) == 15_130)
        // 100 of the third and all 30 of the fourth are spared; the rest is shared 2 : 1, to a rounding.
        #expect(shares[2] == 100 && shares[3] == 30)
        #expect(abs(shares[0] - 10_000) <= 1 && abs(shares[1] - 5_000) <= 1)
        // More interventions than cells are wanted.
        #expect(StratifiedDraw.shares(of: Array(repeating: 3, count: 50), limit: 20).reduce(0, +) == 20)
    }

    @Test func drawnCellsAreDistinctAndFollowTheSeed() {
        let strata = (0..<1000).map { Int32($0 % 10 == 0 ? 7 : 2) }
        let stream = RandomStream(seed: 3).stream("cells")
        let places = StratifiedDraw.places(250, strata: strata, stream: stream)
        #expect(places.count == 250 && Set(places).count == 250 && places == places.sorted())
        // A quarter of the 100 would be 25; all of them are fewer than are left to a stratum.
        #expect(places.count { strata[$0] == 7 } == 100)
        #expect(places == StratifiedDraw.places(250, strata: strata, stream: stream))
        #expect(places != StratifiedDraw.places(250, strata: strata, stream: RandomStream(seed: 4).stream("cells")))
        // Names of strata make no difference.
        #expect(places == StratifiedDraw.places(250, strata: strata.map { 9 - $0 }, stream: stream))
    }

    @Test func aDesignSaysWhatWasDrawn() {
        let contexts = [
            Context(perturbation: "control", isControl: true), Context(perturbation: "a", isControl: false),
            Context(perturbation: "unknown", isControl: false),
        ]
        let design = InterventionDesign(
            genes: ["a", "b"], contexts: contexts, contextOfCell: (0..<900).map { $0 % 3 },
            knownTargets: ["a": ["a", "elsewhere"]])
        #expect(design.cells.count == 600 && design.notices.map(\.code) == ["UNKNOWN_TARGETS"])
        let sampled = design.sampled(atMost: 300, seed: 5)
        #expect(sampled.cells.count == 300 && Set(sampled.cells).isSubset(of: design.cells))
        let notice = sampled.notices.last
        #expect(notice?.code == "CELLS_SAMPLED")
        #expect(
            notice?.message.contains("300 of 600 cells") == true
                && notice?.message.contains("150 of 300 controls, and cells of 1 intervention (seed 5") == true,
            "\(notice?.message ?? "")")
        #expect(design.sampled(atMost: 600, seed: 5) == design)
    }

    // MARK: Values

    @Test func aDesignTakesItsCellsFromBlocks() throws {
        let matrix = Matrix<Float>(rows: 6, columns: 2, values: (0..<12).map { $0 % 5 == 0 ? 0 : Float($0) })
        let design = InterventionDesign(
            genes: ["a", "b"], cells: [1, 2, 5], interventions: nil, notices: [])
        let places = matrix.values.indices.filter { matrix.values[$0] != 0 }
        let sparse = SparseMatrix(
            rows: 6, columns: 2, rowStarts: (0...6).map { row in places.count { $0 < 2 * row } },
            columnIndices: places.map { Int32($0 % 2) }, values: places.map { matrix.values[$0] })
        for form in [CellMatrix.dense(matrix), .sparse(sparse)] {
            let cells = try InterventionalCells(design, of: Blocks(base: form, height: 2), areCounts: false)
            #expect(cells.values == matrix.selectingRows([1, 2, 5]))
        }
    }

    /// A matrix in blocks of a few cells.
    private struct Blocks: MatrixBlocks {
        let base: CellMatrix
        let height: Int
        var rows: Int { base.rows }
        var columns: Int { base.columns }
        var storedCount: Int { base.storedCount }

        func forEachBlock(_ body: (MatrixBlock) throws -> Void) throws {
            for first in stride(from: 0, to: rows, by: height) {
                let places = Array(first..<min(rows, first + height))
                try body(MatrixBlock(firstRow: first, matrix: base.selectingRows(places)))
            }
        }
    }

    /// Totals of many genes say how deep a cell was read, those of few follow single genes.
    @Test(arguments: [3, ExpressionScale.genesForTotals])
    func countsOfFewGenesKeepTheirTotals(_ d: Int) {
        // The second cell has twice the counts of the first.
        let values = (0..<3 * d).map { Float($0 / d == 1 ? 8 : 4) }
        let screen = PerturbationScreen(
            genes: (0..<d).map { "g\($0)" }, expression: Matrix(rows: 3, columns: d, values: values), scale: .counts,
            contexts: [Context(perturbation: "control", isControl: true)], contextOfCell: [0, 0, 0])
        let cells = InterventionalCells(screen: screen)
        let isNormalised = d >= ExpressionScale.genesForTotals
        // ln(1 + 4) and ln(1 + 8); normalised to the median total, all are ln(1 + 4). In single precision.
        #expect(abs(cells.values[0, 0] - 1.609_437_9) < 1e-6)
        #expect(abs(cells.values[1, 0] - (isNormalised ? 1.609_437_9 : 2.197_224_6)) < 1e-6)
        #expect(cells.notices.map(\.code) == (isNormalised ? [] : ["TOTALS_NOT_NORMALISED"]))
        #expect(cells.areCounts)
    }

    @Test func interventionsWithoutEffectAreTold() throws {
        var stream = RandomStream(seed: 6)
        let d = 4
        var values = Matrix<Float>(rows: 200, columns: d, values: (0..<200 * d).map { _ in Float(stream.normal()) })
        var labels = Matrix<Float>(rows: 200, columns: d)
        for cell in 100..<200 { labels[cell, cell % d] = 1 }
        let genes = (0..<d).map { "g\($0)" }
        let silent = try #require(InterventionEfficacy.notice(values, CellInterventions(labels), genes: genes))
        #expect(silent.code == "INEFFECTIVE_INTERVENTIONS" && silent.message.contains(" of 4 genes"))
        // Three of four genes that shift by four standard deviations are the most.
        for cell in 100..<200 where cell % d > 0 { values[cell, cell % d] += 4 }
        #expect(InterventionEfficacy.notice(values, CellInterventions(labels), genes: genes) == nil)
    }
}
