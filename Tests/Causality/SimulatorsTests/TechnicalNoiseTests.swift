import Foundation
import Matrices
import Probability
import Testing

@testable import Simulators

struct TechnicalNoiseTests {
    static let noise = TechnicalNoise(
        outlierProbability: 0.1, outlierLogMean: 2, outlierLogDeviation: 0.5, libraryLogMean: 6,
        libraryLogDeviation: 0.4,
        dropoutShape: 3, dropoutPercentile: 60)

    /// 0.5 to 6.5.
    static func expression(cells: Int, genes: Int) -> Matrix<Float> {
        Matrix(
            rows: cells, columns: genes,
            values: (0..<cells * genes).map { 0.5 + Float((7 * ($0 / genes) + 13 * ($0 % genes)) % 31) / 5 })
    }

    /// Each gene's column is multiplied by its factor; of 20,000 genes the share of outliers lies within five standard
    /// errors of 0.1, the factors' log mean and deviation within five of 2 and 0.5.
    @Test func outliersAreWholeGenes() {
        var stream = RandomStream(seed: 1)
        let before = Self.expression(cells: 2, genes: 20_000)
        var after = before
        let factors = Self.noise.multiplyOutliers(&after, &stream)
        for gene in 0..<20_000 {
            for cell in 0..<2 { #expect(after[cell, gene] == before[cell, gene] * Float(factors[gene])) }
        }
        let logs = factors.filter { $0 != 1 }.map { log($0) }
        let n = Double(logs.count)
        #expect(abs(n / 20_000 - 0.1) < 5 * (0.09 / 20_000).squareRoot())
        let mean = logs.reduce(0, +) / n
        let deviation = (logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)).squareRoot()
        #expect(abs(mean - 2) < 5 * 0.5 / n.squareRoot())
        #expect(abs(deviation - 0.5) < 5 * 0.5 / (2 * n).squareRoot())
    }

    /// Totals are the drawn ones (single precision of 30 values: 1e-6 relative), shares within a cell stay, a cell of zeros
    /// stays; drawn totals have the mean and deviation asked for, within five standard errors of 5,000 cells.
    @Test func librariesGetTheirTotals() {
        var stream = RandomStream(seed: 2)
        var before = Self.expression(cells: 5000, genes: 30)
        for gene in 0..<30 { before[7, gene] = 0 }
        var after = before
        let totals = Self.noise.scaleLibraries(&after, &stream)
        for cell in 0..<5000 where cell != 7 {
            let sum = after.row(cell).reduce(0.0) { $0 + Double($1) }
            #expect(abs(sum / totals[cell] - 1) < 1e-6)
            #expect(abs(after[cell, 3] / after[cell, 4] / (before[cell, 3] / before[cell, 4]) - 1) < 1e-6)
        }
        #expect(after.row(7).allSatisfy { $0 == 0 })
        let logs = totals.map { log($0) }
        let mean = logs.reduce(0, +) / 5000
        let deviation = (logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4999).squareRoot()
        #expect(abs(mean - 6) < 5 * 0.4 / 5000.0.squareRoot())
        #expect(abs(deviation - 0.4) < 5 * 0.4 / 10_000.0.squareRoot())
    }

    /// The rate of dropout in closed form: the mean of 1 − sigmoid over the values. Bernoulli draws have a standard error
    /// of at most 0.5/√n; five are allowed. Kept values are not touched.
    @Test func dropoutHasItsRate() {
        var stream = RandomStream(seed: 3)
        let before = Self.expression(cells: 2000, genes: 30)
        var after = before
        Self.noise.dropOut(&after, &stream)
        let logs = before.values.map { log(1 + Double($0)) }
        // 31 values occur nearly equally often: the percentile 60 lies well within the 19th (at 18.6 of 31).
        let middle = log(1 + 0.5 + 18.0 / 5)
        let expected = logs.reduce(0) { $0 + 1 / (1 + exp(3 * ($1 - middle))) } / Double(logs.count)
        let dropped = Double(after.values.count { $0 == 0 }) / Double(logs.count)
        #expect(abs(dropped - expected) < 5 * 0.5 / Double(logs.count).squareRoot())
        #expect(zip(before.values, after.values).allSatisfy { $1 == 0 || $0 == $1 })
        // Values at the percentile itself: half of them.
        let at = before.values.indices.filter { abs(logs[$0] - middle) < 1e-6 }
        let share = Double(at.count { after.values[$0] == 0 }) / Double(at.count)
        #expect(abs(share - 0.5) < 5 * 0.5 / Double(at.count).squareRoot())
    }

    /// Mean and variance of counts are the mean, within five standard errors (√(m/n), and √((m + 2m²)/n) of a variance),
    /// below and above the point where the method of drawing changes; zeros stay and absurd means do not trap.
    @Test(arguments: [0.2, 3, 40, 5000] as [Float]) func moleculesArePoisson(mean: Float) {
        var stream = RandomStream(seed: 4)
        var counts = Matrix<Float>(rows: 20_000, columns: 1, repeating: mean)
        TechnicalNoise.countMolecules(&counts, &stream)
        let (n, m) = (20_000.0, Double(mean))
        let average = counts.values.reduce(0.0) { $0 + Double($1) } / n
        let variance = counts.values.reduce(0.0) { $0 + (Double($1) - average) * (Double($1) - average) } / (n - 1)
        #expect(abs(average - m) < 5 * (m / n).squareRoot())
        #expect(abs(variance - m) < 5 * ((m + 2 * m * m) / n).squareRoot())
        #expect(counts.values.allSatisfy { $0 == $0.rounded() && $0 >= 0 })

        var extreme = Matrix<Float>(rows: 1, columns: 2, values: [0, .infinity])
        TechnicalNoise.countMolecules(&extreme, &stream)
        #expect(extreme[0, 0] == 0 && extreme[0, 1] > 9e11)
    }

    /// A population without any expression goes through as it is.
    @Test func emptyPopulations() {
        var nothing = Matrix<Float>(rows: 3, columns: 4)
        Self.noise.apply(to: &nothing, stream: RandomStream(seed: 5))
        #expect(nothing.values.allSatisfy { $0 == 0 })
    }

    /// The published settings, and those of 10x Chromium each with its own three options.
    @Test func technologiesHaveTheirSettings() {
        let chromium = (0..<400).map { SequencingTechnology.tenXChromium.noise(RandomStream(seed: $0))! }
        #expect(Set(chromium.map(\.outlierLogMean)) == [3, 5])
        #expect(Set(chromium.map(\.libraryLogMean)) == [6, 4.5])
        #expect(Set(chromium.map(\.libraryLogDeviation)) == [0.3, 0.4, 0.7])
        #expect(Set(chromium.map(\.dropoutPercentile)) == [74, 82, 45])
        // Two of three options are 6: 266.7 of 400 expected, standard deviation 9.4. Both rare ones together: 44.4 and 6.3.
        #expect(abs(chromium.count { $0.libraryLogMean == 6 } - 267) < 47)
        #expect(abs(chromium.count { $0.libraryLogMean == 4.5 && $0.outlierLogMean == 5 } - 44) < 31)
        func settings(_ technology: SequencingTechnology) -> [Double] {
            let noise = technology.noise(RandomStream(seed: 0))!
            return [
                noise.outlierProbability, noise.outlierLogMean, noise.outlierLogDeviation, noise.libraryLogMean,
                noise.libraryLogDeviation, noise.dropoutShape, noise.dropoutPercentile,
            ]
        }
        #expect(settings(.illumina) == [0.01, 0.8, 1, 7, 0.4, 8, 80])
        #expect(settings(.dropSeq) == [0.01, 3, 1, 4.4, 0.8, 8, 85])
        #expect(settings(.smartSeq) == [0.01, 4.5, 1, 10.8, 0.55, 2, 92])
        #expect(SequencingTechnology.none.noise(RandomStream(seed: 0)) == nil)
    }
}
