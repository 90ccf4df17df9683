import AnnotatedData
import Foundation
import Matrices
import Preprocessing
import Testing

struct ControlMatchingTests {
    private func result(
        _ rows: [[Float]], strata: [Int], controls: [Int], training: [Int]? = nil, topGenes: Int? = nil
    ) throws -> PreprocessingResult {
        let data = AnnotatedMatrix(
            x: .dense(Matrix(rows: rows.count, columns: rows[0].count, values: rows.flatMap(\.self))),
            cells: AnnotationTable(names: rows.indices.map { "c\($0)" }),
            genes: AnnotationTable(names: rows[0].indices.map { "g\($0)" }))
        var options = PreprocessingOptions()
        options.scale = .logIntensity
        options.topGenes = topGenes
        return try preprocess(
            data, options: options, statisticsCells: training,
            matching: ControlMatching(strata: strata, isControl: rows.indices.map(controls.contains)))
    }

    private func values(_ result: PreprocessingResult) throws -> [Float] { try #require(result.data.x).dense.values }

    /// Two plates that differ by 11; the mean of all controls is 7.5. Two controls at distance a from their mean get √3 a:
    /// the deviation of a third cell from the mean of two has variance σ² 3/2, their own σ²/2.
    @Test func cellsAreCentredOnTheControlsBesideThem() throws {
        let result = try result(
            [[1], [3], [10], [11], [15], [20]], strata: [4, 4, 4, 7, 7, 7], controls: [0, 1, 3, 4])
        let root = Float(3).squareRoot()
        let expected = [7.5 - root, 7.5 + root, 15.5, 7.5 - 2 * root, 7.5 + 2 * root, 14.5]
        #expect(zip(try values(result), expected).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(!result.notices.contains { $0.code.contains("CONTROL") })
    }

    /// Training controls of plate 0 are 1 and 3, its test control is 4; the mean of training controls is 2.
    @Test func testCellsAreCentredOnTestControls() throws {
        let result = try result(
            [[1], [3], [10], [4], [10]], strata: [0, 0, 0, 0, 0], controls: [0, 1, 3], training: [0, 1, 2])
        #expect(Array(try values(result)[2...]) == [10, 2, 8])
        #expect(result.notices.contains { $0.code == "SINGLE_CONTROL" })
    }

    /// Stratum 1 has no control: its cell is centred on the mean of all, 2.
    @Test func strataWithoutControlFallBack() throws {
        let result = try result([[1], [3], [9]], strata: [0, 0, 1], controls: [0, 1])
        #expect(try values(result)[2] == 9)
        #expect(result.notices.contains { $0.code == "NO_MATCHED_CONTROL" })
        #expect { try self.result([[1], [2]], strata: [0, 0], controls: []) } throws: {
            ($0 as? PreprocessingError)?.code == "NO_CONTROLS"
        }
    }

    /// Gene 0 differs between plates only, gene 1 answers to the treatment.
    @Test func genesAreChosenByWhatIsLeftOfThem() throws {
        let rows: [[Float]] = [[0, 5], [1, 6], [0, 9], [30, 5], [31, 6], [30, 9]]
        let result = try result(rows, strata: [0, 0, 0, 1, 1, 1], controls: [0, 1, 3, 4], topGenes: 1)
        #expect(result.data.genes.names == ["g1"])
    }

    /// Whatever stands in the test cells, controls or treated: training values and the choice of genes stay the same.
    @Test func testCellsDoNotLeak() throws {
        func value(_ cell: Int, _ gene: Int) -> Float { Float((cell * 7 + gene * 5 + cell * gene) % 11) }
        let rows = (0..<24).map { cell in (0..<6).map { value(cell, $0) } }
        let strata = (0..<24).map { $0 % 3 }
        let training = (0..<24).filter { $0 % 4 != 0 }
        var changed = rows
        for cell in 0..<24 where cell % 4 == 0 { changed[cell] = (0..<6).map { Float(1000 * $0 + cell) } }
        let runs = try [rows, changed].map {
            try result($0, strata: strata, controls: Array(0..<12), training: training, topGenes: 3)
        }
        #expect(runs[0].data.genes.names == runs[1].data.genes.names && runs[0].genesAfter == 3)
        let kept = try runs.map { try #require($0.data.x).dense }
        for cell in training { #expect(kept[0].row(cell) == kept[1].row(cell), "cell \(cell)") }
        // A treated test cell did change.
        #expect(kept[0].row(12) != kept[1].row(12))
    }
}
