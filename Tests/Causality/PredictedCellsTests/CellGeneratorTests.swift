import Foundation
import Matrices
import Probability
import Screens
import Testing

@testable import PredictedCells

struct CellGeneratorTests {
    let asked = Context(perturbation: "drug", dose: 3)
    static let rates = [0.1, 0.3, 0.6, 1, 2, 4, 0.5, 0.8, 1.5, 0.2]

    /// Counts of ten genes; the drug triples the first three at dose 1 and 10.
    var counts: PlantedScreen {
        var planted = PlantedScreen()
        planted.add(PlantedScreen.control, PlantedScreen.counts(250, rates: Self.rates, seed: 1))
        for (dose, factor) in [(1.0, 2.0), (10, 4)] {
            let rates = Self.rates.enumerated().map { $0 < 3 ? $1 * factor : $1 }
            planted.add(
                Context(perturbation: "drug", dose: dose), PlantedScreen.counts(120, rates: rates, seed: UInt64(dose)))
        }
        planted.add(
            Context(perturbation: "other", dose: 1),
            PlantedScreen.counts(120, rates: Self.rates.map { $0 * 0.8 }, seed: 9))
        return planted
    }

    /// The mean shift of cells at three times the rate.
    func truth(_ generator: CellGenerator) -> (cells: Matrix<Float>, shift: [Double]) {
        let rates = Self.rates.enumerated().map { $0 < 3 ? $1 * 3 : $1 }
        let cells = Matrix<Float>(
            rows: 2000, columns: 10, values: PlantedScreen.counts(2000, rates: rates, seed: 77).flatMap(\.self))
        return (cells, zip(cells.columnMeans(), generator.controlMean(for: asked)).map { $0 - $1 })
    }

    @Test func cellsHaveThePredictedMeanAndTheSpreadOfRealOnes() throws {
        let generator = try CellGenerator(training: counts.screen, stream: RandomStream(seed: 1))
        let (real, shift) = truth(generator)
        let cells = try generator.cells(
            1000, for: asked, shift: shift, stream: RandomStream(seed: 2))
        for (mean, expected) in zip(cells.columnMeans(), real.columnMeans()) {
            #expect(abs(mean - expected) < 1e-3)
        }
        #expect(cells.values.allSatisfy { $0 >= 0 })
        let (own, measured) = (cells.columnMoments().variances, real.columnMoments().variances)
        // Variances of 120 to 250 cells, from which the shape is taken, vary by 10 %; twice that.
        for (a, b) in zip(own, measured) { #expect(abs(a / b - 1) < 0.2) }
        for gene in 0..<10 {
            let zeros = cells.column(gene).count { $0 == 0 }
            // Of 250 cells: 0.03, three times that.
            #expect(abs(Double(zeros) / 1000 - Double(real.column(gene).count { $0 == 0 }) / 2000) < 0.09)
        }
        let moved = try generator.cells(250, for: asked, shift: shift, source: .shifted, stream: RandomStream(seed: 2))
        let ratio = moved.columnMoments().variances[0] / real.columnMoments().variances[0]
        // Controls of a third of the rate have about a third of the variance.
        #expect(ratio < 0.6)
    }

    @Test func correlationsOfBaseCellsStay() throws {
        var planted = PlantedScreen()
        let (still, move) = ([Float](repeating: 0, count: 6), [Float](repeating: 1, count: 6))
        planted.add(PlantedScreen.control, PlantedScreen.gaussian(500, genes: 6, move: still, seed: 3))
        planted.add(asked, PlantedScreen.gaussian(200, genes: 6, move: move, seed: 4))
        let generator = try CellGenerator(training: planted.screen, stream: RandomStream(seed: 1))
        let base = generator.controls
        for count in [500, 3000] {
            let cells = try generator.cells(
                count, for: Context(perturbation: "new"), shift: [2, 0, -1, 0.5, 0, 0], stream: RandomStream(seed: 2))
            #expect(cells.rows == count && cells.columns == 6)
            let (own, expected) = (cells.correlation(), base.correlation())
            // Cells drawn twice are mixed in pairs: 0.02 of a correlation of 0.64.
            for (a, b) in zip(own.values, expected.values) { #expect(abs(a - b) < 0.05) }
            #expect(Set((0..<count).map { Array(cells.row($0)) }).count == count)
        }
        // All base cells once, nothing done: the base cells themselves, in some order.
        let cells = try generator.baseCells(500, for: Context(perturbation: "new"), stream: RandomStream(seed: 2))
        func sorted(_ cells: Matrix<Float>) -> [[Float]] {
            (0..<cells.rows).map { Array(cells.row($0)) }.sorted { $0[0] < $1[0] }
        }
        for (a, b) in zip(sorted(cells), sorted(base)) {
            // Single precision.
            for (x, y) in zip(a, b) { #expect(abs(x - y) < 1e-5) }
        }
    }

    @Test func cellsRepeatWhateverTheThreads() throws {
        let screen = counts.screen
        let generator = try CellGenerator(training: screen, stream: RandomStream(seed: 1))
        #expect(try CellGenerator(training: screen, stream: RandomStream(seed: 1)) == generator)
        let shift = truth(generator).shift
        func cells(_ seed: UInt64, workers: Int) throws -> Matrix<Float> {
            try generator.cells(700, for: asked, shift: shift, stream: RandomStream(seed: seed), workers: workers)
        }
        #expect(try cells(2, workers: 1) == cells(2, workers: 3))
        #expect(try cells(2, workers: 2) != cells(3, workers: 2))
    }

    @Test func limitsBoundWhatIsKept() throws {
        var limits = CellGenerator.Limits()
        limits.controlsOfStratum = 60
        limits.cellsOfTreatment = 30
        let generator = try CellGenerator(training: counts.screen, limits: limits, stream: RandomStream(seed: 1))
        #expect(generator.controls.rows == 60 && generator.treated.rows == 90)
        // Means are those of all controls.
        let all = counts.screen.expression.columnMeans(rows: counts.screen.controlCells)
        for (own, mean) in zip(generator.controlMean(for: asked), all) { #expect(abs(own - mean) < 1e-6) }
        limits.values = 800
        let small = try CellGenerator(training: counts.screen, limits: limits, stream: RandomStream(seed: 1))
        #expect(small.controls.values.count + small.treated.values.count <= 800)
    }

    @Test func strataHaveControlsOfTheirOwn() throws {
        var planted = PlantedScreen()
        for (stratum, place) in [(0, Float(0)), (1, 10)] {
            let kind = ["line": "\(stratum)"]
            planted.add(
                Context(perturbation: "control", isControl: true, covariates: kind),
                PlantedScreen.gaussian(40, genes: 3, move: [place, place, place], seed: UInt64(stratum)),
                stratum: stratum)
            planted.add(
                Context(perturbation: "a", covariates: kind),
                PlantedScreen.gaussian(20, genes: 3, move: [place, place, place], seed: 7), stratum: stratum)
        }
        let generator = try CellGenerator(training: planted.screen, stream: RandomStream(seed: 1))
        func mean(_ context: Context, _ stratum: Int? = nil) throws -> Double {
            try generator.cells(40, for: context, shift: [0, 0, 0], stratum: stratum, stream: RandomStream(seed: 2))
                .columnMeans()[0]
        }
        // Of the same line, of the stratum named, of all where nothing is known: 40 cells vary by 0.16.
        #expect(abs(try mean(Context(perturbation: "new", covariates: ["line": "1"])) - 10) < 0.6)
        #expect(abs(try mean(Context(perturbation: "new", covariates: ["line": "1"]), 0)) < 0.6)
        #expect(abs(try mean(Context(perturbation: "new")) - 5) < 0.6)
        // Another line's cells of the same perturbation are a template.
        let templates = generator.templates(
            for: Context(perturbation: "a", covariates: ["line": "1"]), shift: [0, 0, 0], leaving: 1)
        #expect(templates.map(\.context) == [0])
    }

    /// Counts of two plates, each gene less the mean of the plate's controls.
    @Test func centredCountsKeepTheFloorsOfTheirPlates() throws {
        var planted = PlantedScreen()
        var shares: [Double] = []
        for plate in 0..<2 {
            let rates = [0.4 + 0.4 * Double(plate), 1]
            let controls = PlantedScreen.counts(200, rates: rates, seed: UInt64(20 + plate))
            let treated = PlantedScreen.counts(150, rates: rates.map { $0 * 2 }, seed: UInt64(30 + plate))
            let means = (0..<2).map { gene in controls.reduce(0) { $0 + $1[gene] } / 200 }
            func centred(_ rows: [[Float]]) -> [[Float]] { rows.map { [$0[0] - means[0], $0[1] - means[1]] } }
            planted.add(PlantedScreen.control, centred(controls), stratum: plate)
            planted.add(Context(perturbation: "a", dose: 1), centred(treated), stratum: plate)
            shares.append(Double(treated.count { $0[0] == 0 }) / 150)
        }
        let generator = try CellGenerator(training: planted.screen, stream: RandomStream(seed: 1))
        let shift = (0..<2).map { Double(generator.shifts[0, $0]) }
        for plate in 0..<2 {
            let cells = try generator.cells(
                200, for: Context(perturbation: "a", dose: 2), shift: shift, stratum: plate,
                stream: RandomStream(seed: 2)
            )
            let floor = cells.column(0).min() ?? 0
            #expect(floor == planted.screen.expression.column(0)[plate * 350..<(plate + 1) * 350].min())
            // Shares of 150 cells: 0.04, and the plates' shifts differ by a quarter.
            #expect(abs(Double(cells.column(0).count { $0 == floor }) / 200 - shares[plate]) < 0.12)
            for gene in 0..<2 { #expect(abs(cells.columnMeans()[gene] - shift[gene]) < 1e-3) }
        }
    }

    @Test func nearDosesAndPartsWeighMost() throws {
        var planted = counts
        planted.add(Context(perturbation: "drug+other", dose: 1), PlantedScreen.counts(9, rates: Self.rates, seed: 5))
        planted.combinations = ["drug+other": ["drug", "other"]]
        let generator = try CellGenerator(training: planted.screen, stream: RandomStream(seed: 1))
        let templates = generator.templates(
            for: Context(perturbation: "drug", dose: 1.5), shift: truth(generator).shift)
        let names = templates.map {
            "\(generator.contexts[$0.context].perturbation) \(generator.contexts[$0.context].dose!)"
        }
        #expect(names.prefix(3) == ["drug 1.0", "drug 10.0", "drug+other 1.0"])
        #expect(templates.allSatisfy { $0.weight >= 0 })
    }

    @Test func badQuestionsAreRefused() throws {
        let generator = try CellGenerator(training: counts.screen, stream: RandomStream(seed: 1))
        let shift = [Double](repeating: 0, count: 10)
        func code(_ body: () throws -> Void) -> String? {
            do { try body() } catch { return (error as? PredictedCellsError)?.code }
            return nil
        }
        let stream = RandomStream(seed: 1)
        #expect(code { _ = try generator.cells(5, for: asked, shift: [1], stream: stream) } == "COUNT")
        #expect(code { _ = try generator.cells(-1, for: asked, shift: shift, stream: stream) } == "COUNT")
        let nan = [Double](repeating: .nan, count: 10)
        #expect(code { _ = try generator.cells(5, for: asked, shift: nan, stream: stream) } == "NONFINITE")
        for template in [
            CellTemplate(context: 9, weight: 1), .init(context: 0, weight: -1), .init(context: 0, weight: .nan),
        ] {
            let found = code {
                _ = try generator.cells(5, for: asked, shift: shift, templates: [template], stream: stream)
            }
            #expect(found == "TEMPLATE")
        }
        #expect(
            code { _ = try generator.cells(5, for: asked, shift: shift, stratum: 4, stream: stream) } == "NO_CONTROLS")
        #expect(try generator.cells(0, for: asked, shift: shift, stream: stream).rows == 0)
        var planted = PlantedScreen()
        planted.add(asked, [[1, 2]])
        #expect(code { _ = try CellGenerator(training: planted.screen, stream: stream) } == "NO_CONTROLS")
        planted.add(PlantedScreen.control, [[.nan, 2]])
        #expect(code { _ = try CellGenerator(training: planted.screen, stream: stream) } == "NONFINITE")
    }

    @Test func oneControlAndConstantGenes() throws {
        var planted = PlantedScreen()
        planted.add(PlantedScreen.control, [[1, 0, 3]])
        let generator = try CellGenerator(training: planted.screen, stream: RandomStream(seed: 1))
        #expect(generator.contexts.isEmpty)
        for source in CellMaking.ownSources {
            let cells = try generator.cells(
                6, for: asked, shift: [0.5, 0, -1], source: source, stream: RandomStream(seed: 1))
            for row in 0..<6 { #expect(Array(cells.row(row)) == [1.5, 0, 2]) }
        }
    }

    @Test func filesRestoreTheSameCells() throws {
        var generator = try CellGenerator(training: counts.screen, stream: RandomStream(seed: 1))
        let shift = truth(generator).shift
        try generator.choose(
            by: (0..<3).map { CellTrial(context: $0, shift: shift) }, stream: RandomStream(seed: 3))
        let data = try JSONEncoder().encode(generator.description)
        let description = try JSONDecoder().decode(CellGenerator.Description.self, from: data)
        let restored = try CellGenerator(restoring: description, arrays: generator.arrays)
        #expect(restored == generator)
        func cells(_ generator: CellGenerator) throws -> Matrix<Float> {
            try generator.cells(50, for: asked, shift: shift, stream: RandomStream(seed: 2))
        }
        #expect(try cells(restored) == cells(generator))
        for name in generator.arrays.keys {
            var arrays = generator.arrays
            arrays[name] = nil
            #expect(throws: PredictedCellsError.self) {
                try CellGenerator(restoring: description, arrays: arrays)
            }
            arrays[name] = generator.arrays[name]
            arrays[name]?.values[0] = .infinity
            #expect(throws: PredictedCellsError.self) {
                try CellGenerator(restoring: description, arrays: arrays)
            }
        }
    }
}
