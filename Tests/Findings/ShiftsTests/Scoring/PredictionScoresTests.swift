import Foundation
import Matrices
import Probability
import Testing

@testable import Shifts

/// `Pipelines/Golden/predictions.py`, tolerances in `provenance.json`.
@Suite struct PredictionScoresTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Reference/Golden/Predictions")

    private static func rows(_ name: String) throws -> [[Substring]] {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8).split(separator: "\n")
            .map { $0.split(separator: "\t") }
    }

    private static func matrix(_ name: String) throws -> Matrix<Float> {
        let rows = try rows(name)
        let values = rows.joined().compactMap { Float($0) }
        return Matrix(rows: rows.count, columns: values.count / rows.count, values: values)
    }

    @Test("Every metric as scipy and scikit-learn have it")
    func golden() throws {
        let (predicted, measured) = (try Self.matrix("predicted.tsv"), try Self.matrix("measured.tsv"))
        let control = try Self.matrix("control.tsv").values.map(Double.init)
        let both = Matrix(
            rows: predicted.rows + measured.rows, columns: predicted.columns,
            values: predicted.values + measured.values)
        let frame = CellFrame(both, random: RandomStream(seed: 0))
        let found = ShiftScores.values(
            predicted: zip(predicted.columnMeans(), control).map { $0 - $1 },
            truth: zip(measured.columnMeans(), control).map { $0 - $1 }
        ).merging(
            CellPopulation(predicted, frame: frame, random: RandomStream(seed: 1)).scores(
                against: CellPopulation(measured, frame: frame, random: RandomStream(seed: 2)))
        ) { $1 }
        var compared = 0
        for row in try Self.rows("predictions.tsv") {
            let expected = try #require(Double(row[1]))
            let value = row[0] == "bandwidth" ? frame.bandwidth : found[try #require(.init(rawValue: "\(row[0])"))]
            #expect(abs(try #require(value) - expected) < 1e-9 * max(1, abs(expected)), "\(row)")
            compared += 1
        }
        // What `EvaluationMetricsTests` hold against other packages, and random directions, are left.
        let others: Set<PredictionMetric> = [
            .spearman, .meanAbsoluteError, .energyDistanceBiased, .energyDistanceOfComponents, .eDistanceBiased,
            .slicedWasserstein,
        ]
        #expect(compared == Set(found.keys).subtracting(others).count + 1)
    }

    @Test("A prediction of nothing counts 0, and half of the signs")
    func nothing() {
        let values = ShiftScores.values(predicted: [0, 0, 0], truth: [1, -2, 3], topGenes: 2)
        #expect(values[.pearson] == 0 && values[.cosine] == 0 && values[.signAccuracy] == 0.5)
        // What is constant but for rounding does not correlate.
        let third = [0.1 + 0.2, 0.3, 0.3]
        #expect(ShiftScores.values(predicted: third, truth: [1, -2, 3])[.pearson] == 0)
        let squares = ShiftScores.squares(predicted: [0, 1, 3], truth: [1, -2, 3])
        #expect(squares.error == 10 && squares.truth == 14)
    }

    @Test("Cells moved alike: every distance has a closed form")
    func translation() {
        var random = RandomStream(seed: 3)
        let cells = Matrix<Float>(rows: 40, columns: 3, values: random.normals(120))
        let frame = CellFrame(cells, random: random)
        let population = CellPopulation(cells, frame: frame, random: random)
        let moved = population.translated(by: [3, 0, -4])
        let scores = moved.scores(against: population)
        // |shift|² twice, less 2 S/n for each population of the E-distance; the frame has all three dimensions.
        let variance = cells.columnMoments().variances.reduce(0, +)
        #expect(abs((scores[.eDistance] ?? 0) - (50 - 4 * variance / 40)) < 1e-9)
        #expect(abs((scores[.eDistanceBiased] ?? 0) - 50) < 1e-9)
        // All three dimensions are components.
        #expect(abs((scores[.energyDistanceOfComponents] ?? 0) - (scores[.energyDistance] ?? 1)) < 1e-9)
        #expect(abs((scores[.wasserstein] ?? 0) - 7.0 / 3) < 1e-12)
        #expect(scores[.varianceRatio] == 1)
        // Along a direction u the cells move by u · shift; the mean of its square over all directions is |shift|² / 3, and
        // over 200 of them within 4 standard errors (0.3 / √200 of it).
        let expected = (25.0 / 3).squareRoot()
        let sliced = scores[.slicedWasserstein] ?? 0
        #expect(abs(sliced - expected) < 0.15 * expected)
        let step: [Float] = [3, 0, -4]
        let values = cells.values.indices.map { cells.values[$0] + step[$0 % 3] }
        let made = CellPopulation(Matrix(rows: 40, columns: 3, values: values), frame: frame, random: random)
        for (metric, value) in made.scores(against: population) {
            // Single precision of the moved cells: 2⁻²³ of values up to 7.
            #expect(abs(value - (scores[metric] ?? .nan)) < 1e-4, "\(metric)")
        }
    }

    @Test("One dimension: the sliced distance is that of quantiles")
    func slices() {
        let a = Matrix<Float>(rows: 4, columns: 1, values: [0, 1, 2, 3])
        let b = Matrix<Float>(rows: 4, columns: 1, values: [0, 2, 4, 6])
        let frame = CellFrame(a, random: RandomStream(seed: 0))
        let found = CellPopulation(b, frame: frame, random: RandomStream(seed: 0)).scores(
            against: CellPopulation(a, frame: frame, random: RandomStream(seed: 0)))
        // Quantile functions 3u and 6u: √ of the mean of 9u² at u = (i + ½)/200, which is 3 to the order of 1/200².
        #expect(abs((found[.slicedWasserstein] ?? 0) - 3.0.squareRoot()) < 1e-4)
    }
}
