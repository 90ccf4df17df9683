import AnnotatedData
import Matrices
import Probability
import Testing

@testable import Screens

/// Screens walked through in blocks.
struct TreatmentMomentsTests {
    /// Blocks of so many cells, each sparse.
    struct Pieces: MatrixBlocks {
        let matrix: Matrix<Float>
        let height: Int
        var rows: Int { matrix.rows }
        var columns: Int { matrix.columns }
        var storedCount: Int { matrix.values.count }

        func forEachBlock(_ body: (MatrixBlock) throws -> Void) throws {
            for first in stride(from: 0, to: rows, by: height) {
                let part = matrix.selectingRows(Array(first..<min(rows, first + height)))
                let sparse = SparseMatrix(
                    rows: part.rows, columns: columns, rowStarts: (0...part.rows).map { $0 * columns },
                    columnIndices: (0..<part.rows).flatMap { _ in (0..<columns).map { Int32($0) } }, values: part.values
                )
                try body(MatrixBlock(firstRow: first, matrix: .sparse(sparse)))
            }
        }
    }

    static func data(cells: Int = 200) -> AnnotatedMatrix {
        var stream = RandomStream(seed: 2).stream("cells")
        let labels = (0..<cells).map { _ in ["control", "a", "b"][stream.index(below: 3)] }
        let batches = (0..<cells).map { _ in ["x", "y"][stream.index(below: 2)] }
        return AnnotatedMatrix(
            x: .dense(Matrix(rows: cells, columns: 3, values: stream.normals(cells * 3).map { $0 + 1000 })),
            cells: AnnotationTable(
                names: (0..<cells).map { "c\($0)" },
                columns: [
                    .init(name: "perturbation", values: .strings(labels)),
                    .init(name: "batch", values: .strings(batches)),
                ]), genes: AnnotationTable(names: ["g1", "g2", "g3"]))
    }

    static func options(matched: Bool) -> ScreenOptions {
        var options = ScreenOptions()
        if matched { options.matchControlsBy = ["batch"] }
        return options
    }

    func blockwise(_ data: AnnotatedMatrix, height: Int, matched: Bool) throws -> BlockwiseScreen {
        guard case .dense(let matrix) = data.x else { preconditionFailure("dense cells") }
        var annotation = data
        annotation.x = nil
        return try BlockwiseScreen(
            annotation, values: Pieces(matrix: matrix, height: height), scale: .log1p,
            options: Self.options(matched: matched))
    }

    @Test(arguments: [false, true]) func blocksChangeNothing(matched: Bool) throws {
        let data = Self.data()
        let whole = try PerturbationScreen(data, scale: .log1p, options: Self.options(matched: matched))
        let moments = try TreatmentMoments(whole)
        for height in [1, 7, 500] {
            let screen = try blockwise(data, height: height, matched: matched)
            #expect(screen.contexts == whole.contexts && screen.contextOfCell == whole.contextOfCell)
            let other = try TreatmentMoments(screen)
            #expect(other.groups.map(\.means) == moments.groups.map(\.means))
            #expect(other.groups.map(\.squares) == moments.groups.map(\.squares))
        }
    }

    @Test(arguments: [false, true]) func momentsAreThoseOfTheCells(matched: Bool) throws {
        let screen = try PerturbationScreen(Self.data(), scale: .log1p, options: Self.options(matched: matched))
        let moments = try TreatmentMoments(screen)
        #expect(moments.counts == screen.cellsOfContext.map(\.count))
        let shifts = screen.meanShifts()
        #expect(moments.meanShifts().map(\.context) == shifts.map(\.context))
        // Rounding of means near 1,000.
        for (own, expected) in zip(moments.meanShifts(), shifts) {
            for gene in 0..<3 {
                #expect(abs(own.shift[gene] - expected.shift[gene]) < 1e-9)
                #expect(abs(own.baseline[gene] - expected.baseline[gene]) < 1e-9)
            }
        }
        let controls = screen.expression.columnMoments(rows: screen.controlCells)
        for (own, expected) in zip(moments.controls().variances, controls.variances) {
            #expect(abs(own - expected) < 1e-9)
        }
        #expect(moments.controlsOfStratum == screen.controlsOfStratum.mapValues(\.count))
    }

    @Test func someCellsAreHeld() throws {
        let data = Self.data()
        let whole = try PerturbationScreen(data, scale: .log1p, options: Self.options(matched: true))
        let screen = try blockwise(data, height: 30, matched: true)
        let places = [0, 3, 29, 30, 31, 150, 199]
        #expect(try screen.held(cells: places) == whole.subset(cells: places))
        #expect(try screen.held(cells: whole.controlCells) == whole.subset(cells: whole.controlCells))
    }

    @Test func valuesThatAreNoneAreNamed() throws {
        var data = Self.data()
        guard case .dense(var matrix) = data.x else { preconditionFailure("dense cells") }
        matrix[41, 1] = .nan
        data.x = .dense(matrix)
        let screen = try blockwise(data, height: 30, matched: false)
        #expect {
            _ = try TreatmentMoments(screen)
        } throws: {
            ($0 as? ScreenError)?.code == "NONFINITE" && ($0 as? ScreenError)?.element == "cell 41, gene g2"
        }
    }

    @Test func cellsWithoutLabelsAreRefused() throws {
        var data = Self.data()
        data.cells["perturbation"] = .strings(
            [nil] + Array(repeating: "control", count: 100) + Array(repeating: "a", count: 99))
        #expect(throws: ScreenError.self) { try blockwise(data, height: 30, matched: false) }
    }
}
