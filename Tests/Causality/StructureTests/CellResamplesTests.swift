import Matrices
import Probability
import Testing

@testable import Structure

@Suite struct CellResamplesTests {
    @Test func everyTargetKeepsItsCells() {
        var interventions = Matrix<Float>(rows: 40, columns: 3)
        for cell in 0..<10 { interventions[cell, 0] = 1 }
        for cell in 10..<13 { interventions[cell, 2] = 1 }
        let resamples = CellResamples(
            cells: Array(0..<40), interventions: CellInterventions(interventions), stream: RandomStream(seed: 1))
        var seen = Set<Int>()
        for number in 0..<20 {
            let cells = resamples.cells(of: number)
            #expect(cells.count { $0 < 10 } == 10 && cells.count { (10..<13).contains($0) } == 3 && cells.count == 40)
            #expect(cells == resamples.cells(of: number))
            // 40 draws with replacement give 25 different cells on average, all 40 with a chance of 1e-16.
            #expect(Set(cells).count < 40)
            seen.formUnion(cells)
        }
        // A cell is missed by all with a chance of 0.37^20.
        #expect(seen.count == 40)
    }

    /// Those of several interventions stay mixed, as statistics that read some cells only need them.
    @Test func cellsKeepTheirOrder() {
        var interventions = Matrix<Float>(rows: 40, columns: 3)
        for cell in 0..<40 where cell % 4 > 0 { interventions[cell, cell % 4 - 1] = 1 }
        let order = RandomStream(seed: 5).order(40)
        let resamples = CellResamples(
            cells: order, interventions: CellInterventions(interventions), stream: RandomStream(seed: 1))
        let cells = resamples.cells(of: 0)
        let places = cells.map { order.firstIndex(of: $0)! }
        #expect(places == places.sorted())
        for remainder in 0..<4 { #expect(cells.count { $0 % 4 == remainder } == 10) }
    }

    /// Quantiles of 1, 2, …, 21 at 5 % and 95 %: 2 and 20.
    @Test func limitsAreQuantiles() {
        let resampled = ResampledBeliefs((1...21).map { [Float($0) / 21, 0] })
        #expect(resampled.count == 21 && resampled.low[1] == 0 && resampled.high[1] == 0)
        #expect(abs(resampled.low[0] - 2 / 21) < 1e-6 && abs(resampled.high[0] - 20 / 21) < 1e-6)
        // 11 of 21 are above one half.
        #expect(abs(resampled.likelyShare[0] - 11 / 21) < 1e-6)
    }

    @Test func cellsInAnyOrderGiveTheSameLimits() throws {
        var stream = RandomStream(seed: 2)
        let values = Matrix(rows: 50, columns: 4, values: (0..<200).map { _ in Float(stream.normal()) })
        let predictor = try StructurePredictor(StructurePredictorTests.tensors())
        var options = StructureOptions()
        let genes = ["a", "b", "c", "d"]
        #expect(try predictor.predict(values: values, genes: genes, options: options).resampled == nil)
        options.resamples = 4
        let plain = try predictor.predict(values: values, genes: genes, options: options)
        let moved = try predictor.predict(
            values: values.selectingRows(RandomStream(seed: 3).order(50)), genes: genes, options: options)
        #expect(plain.resampled == moved.resampled && plain.beliefs == moved.beliefs)
        let resampled = try #require(plain.resampled)
        #expect(resampled.count == 4 && zip(resampled.low, resampled.high).allSatisfy { $0 <= $1 })
        #expect(zip(resampled.low, resampled.high).contains { $0 < $1 })
        options.seed = 1
        #expect(try predictor.predict(values: values, genes: genes, options: options).resampled != resampled)
    }
}
