import AnnotatedData
import Matrices
import Preprocessing
import Screens
import Testing

@testable import Runs

@Suite struct MeasuredShiftsTests {
    /// Controls 1, 2, 3 and cells 4, 5, 6 of the first gene; a second gene in which nothing differs.
    private static func screen(treated: [Float], contexts: [Context], of cells: [Int]) -> PerturbationScreen {
        let values: [Float] = [1, 2, 3] + treated
        return PerturbationScreen(
            genes: ["a", "b"],
            expression: Matrix(rows: values.count, columns: 2, values: values.flatMap { [$0, 7] }), scale: .log1p,
            contexts: [Context(perturbation: "control", isControl: true)] + contexts,
            contextOfCell: [0, 0, 0] + cells)
    }

    /// Both variances are 1, so the error of the difference is √(2/3), t = 3 / √(2/3) with 4 degrees of freedom, and by the
    /// distribution's closed form p = .0213; of two tests the smaller p is doubled.
    @Test func shiftsErrorsAndTestsAreThoseByHand() throws {
        let found = try MeasuredShifts(
            Self.screen(treated: [4, 5, 6], contexts: [Context(perturbation: "x", dose: 2)], of: [1, 1, 1]))
        let one = try #require(found[.init(perturbation: "x", dose: 2)])
        #expect(one.cells == 3 && found.controls == 3)
        #expect(one.shift == [3, 0])
        #expect(abs(one.error[0] - (1.0 / 3).squareRoot()) < 1e-12)
        #expect(abs(found.controlError[0] - (1.0 / 3).squareRoot()) < 1e-12)
        #expect(abs(one.adjustedP[0] - 2 * 0.021_311_6) < 1e-6 && one.adjustedP[1] == 1)
        #expect(one.moved == 1)
        #expect(found.byGene(.init(perturbation: "x", dose: 2)) == ["a": 3, "b": 0])
        #expect(found[.init(perturbation: "x", dose: 3)] == nil)
    }

    /// The same treatment in two kinds of cells is one treatment.
    @Test func contextsOfOneTreatmentArePooled() throws {
        let contexts = ["A", "B"].map { Context(perturbation: "x", covariates: ["cell_line": $0]) }
        let found = try MeasuredShifts(Self.screen(treated: [4, 6], contexts: contexts, of: [1, 2]))
        let one = try #require(found[.init(perturbation: "x", dose: nil)])
        #expect(one.cells == 2 && one.shift == [3, 0] && one.adjustedP[0].isFinite)
    }

    /// One cell has a mean and no error: nothing is tested.
    @Test func aSingleCellIsNotTested() throws {
        let found = try MeasuredShifts(
            Self.screen(treated: [4], contexts: [Context(perturbation: "x")], of: [1]))
        let one = try #require(found[.init(perturbation: "x", dose: nil)])
        #expect(one.shift == [2, 0] && one.error[0].isNaN && one.adjustedP.allSatisfy(\.isNaN))
        #expect(one.moved == 0)
    }
}

@Suite struct CellMeasurementsTests {
    /// Four cells over two genes and a mitochondrial one: totals 4, 4, 8, 0; genes 2, 1, 3, 0; mitochondrial 50, 0, 25 %.
    private static let data = AnnotatedMatrix(
        x: .dense(Matrix(rows: 4, columns: 3, values: [2, 0, 2, 0, 4, 0, 1, 5, 2, 0, 0, 0])),
        cells: AnnotationTable(names: (0..<4).map { "c\($0)" }), genes: AnnotationTable(names: ["A", "B", "mt-C"]))

    @Test func histogramsHoldWhatWasReadAndKept() throws {
        var options = PreprocessingOptions()
        options.maxMitochondrialPercent = 30
        options.minGenesPerCell = 2
        let found = try #require(CellMeasurements(Self.data, options)).histograms(kept: [2])
        #expect(found.map(\.metric) == ["counts per cell", "genes per cell", "mitochondrial percent"])
        #expect(found.map { $0.counts.reduce(0, +) } == [4, 4, 3])
        #expect(found.map { $0.kept.reduce(0, +) } == [1, 1, 1])
        #expect(found[0].edges.first == 0 && found[0].edges.last == 8)
        #expect(found[0].counts[0] == 1 && found[0].counts[15] == 2 && found[0].counts[29] == 1)
        #expect(found[2].kept[15] == 1)
        #expect(found.map(\.bounds) == [[:], ["minGenesPerCell": 2], ["maxMitochondrialPercent": 30]])
        // What the artifact holds can be read back.
        for one in found {
            #expect(try CanonicalJSON.decode(QualityHistogram.self, from: CanonicalJSON.encode(one)) == one)
        }
    }

    @Test func treatmentsHaveTheMediansOfTheirCells() throws {
        let design = PerturbationScreen(
            genes: ["A"], expression: Matrix(rows: 4, columns: 1), scale: .counts,
            contexts: [
                Context(perturbation: "x", dose: 1, covariates: ["batch": "1"]),
                Context(perturbation: "x", dose: 1, covariates: ["batch": "2"]),
                Context(perturbation: "control", isControl: true),
            ], contextOfCell: [0, 1, 2, 0])
        let found = try #require(CellMeasurements(Self.data, .init())).treatments(of: design, kept: [0, 1, 2])
        #expect(
            found == [
                .init(perturbation: "control", dose: nil, cells: 1, counts: 8, genes: 3, mitochondrialPercent: 25),
                .init(perturbation: "x", dose: 1, cells: 2, counts: 4, genes: 1.5, mitochondrialPercent: 25),
            ])
    }

    @Test func withoutMitochondrialGenesNothingIsSaidOfThem() throws {
        var options = PreprocessingOptions()
        options.mitochondrialPrefix = "MT_"
        let found = try #require(CellMeasurements(Self.data, options))
        #expect(found.histograms(kept: []).count == 2)
        #expect(
            CellMeasurements(AnnotatedMatrix(x: nil, cells: Self.data.cells, genes: Self.data.genes), options) == nil)
    }
}
