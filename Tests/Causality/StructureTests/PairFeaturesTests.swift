import Foundation
import Matrices
import Probability
import Testing

@testable import Structure

struct PairFeaturesTests {
    /// 40 cells × 4 genes from a formula; each of the last 16 cells has an intervention, the genes taking turns.
    static func formulaScreen() -> (values: Matrix<Float>, interventions: Matrix<Float>) {
        var values = Matrix<Float>(rows: 40, columns: 4)
        var interventions = values
        for row in 0..<40 {
            let u = (0..<4).map { gene in
                let x = sin(12.9898 * Double(row) + 78.233 * Double(gene) + 1) * 1000
                return x - x.rounded(.down)
            }
            let second = u[0] * u[0] + 0.3 * u[1]
            for (gene, x) in [u[0], second, second - 0.5 * u[2], u[3]].enumerated() { values[row, gene] = Float(x) }
            if row >= 24 {
                values[row, row % 4] = Float(2 + 0.1 * Double(row - 24))
                interventions[row, row % 4] = 1
            }
        }
        return (values, interventions)
    }

    /// A linear chain in a random stream, every gene intervened on in some cells.
    static func chain(
        genes d: Int, observed: Int, perGene: Int, seed: UInt64
    ) -> (values: Matrix<Float>, interventions: Matrix<Float>) {
        var stream = RandomStream(seed: seed)
        let n = observed + perGene * d
        var values = Matrix<Float>(rows: n, columns: d)
        var interventions = values
        for row in 0..<n {
            let target = row < observed ? -1 : (row - observed) % d
            for gene in 0..<d {
                let parent = gene > 0 ? 1.2 * values[row, gene - 1] : 0
                values[row, gene] = gene == target ? Float(2 + stream.normal()) : parent + Float(stream.normal())
            }
            if target >= 0 { interventions[row, target] = 1 }
        }
        return (values, interventions)
    }

    /// Expected: the definitions in numpy and scipy by `Reference/Golden/pair_features.py`, on the same 40 × 4
    /// values in double precision. Tolerance 2e-5: single precision sums of 40 terms, and six printed digits; 2 % for the
    /// entropies, where exp(−u²/2) is taken as (1 − u²/64)³².
    @Test(arguments: [
        (PairFeatures.Feature.correlation, 0.010816), (.rankCorrelation, 0.427894), (.partialCorrelation, 0.010684),
        (.rankPartialCorrelation, 0.349387), (.childCorrelation, 0.454260), (.childRankCorrelation, 0.679349),
        (.childPartialCorrelation, 0.452920), (.childRankPartialCorrelation, 0.615312), (.childCoefficient, 0.440356),
        (.squareMoment, 0.510356), (.cubeMoment, 1.204400), (.squaresMoment, 0.799514), (.likelihoodRatio, 0.010514),
        (.quadraticFit, 0.081302), (.cubicFit, -0.340374), (.residualDependence, 0.240981), (.shift, 0.870921),
        (.shiftInStandardErrors, 0.960358), (.varianceShift, 0.170730), (.slopeWithin, -0.107372),
        (.correlationWithin, -0.200609), (.sourceIntervened, 0.321888), (.targetIntervened, 0.321888),
        (.cells, 0.371357), (.intervenedShare, 0.4), (.entropyDifference, -2.070568),
    ]) func agreesWithNumpy(_ feature: PairFeatures.Feature, _ expected: Double) {
        let screen = Self.formulaScreen()
        let features = PairFeatures(values: screen.values, interventions: screen.interventions)
        let tolerance = feature == .entropyDifference ? 0.04 : 2e-5
        #expect(abs(Double(features[0, 1, feature]) - expected) < tolerance, "\(features[0, 1, feature])")
    }

    /// From the same script, for gene 1.
    @Test(arguments: [
        (PairFeatures.Feature.varianceExplained, 0.253750), (.skewness, 0.535909), (.excessKurtosis, -0.474888),
        (.isDiagonal, 1),
    ]) func diagonalAgreesWithNumpy(_ feature: PairFeatures.Feature, _ expected: Double) {
        let screen = Self.formulaScreen()
        let features = PairFeatures(values: screen.values, interventions: screen.interventions)
        #expect(abs(Double(features[1, 1, feature]) - expected) < 2e-5, "\(features[1, 1, feature])")
        #expect(features[0, 1, feature] == 0)
    }

    @Test func reversesAreTransposes() {
        let screen = Self.formulaScreen()
        let features = PairFeatures(values: screen.values, interventions: screen.interventions)
        for feature in PairFeatures.Feature.allCases {
            guard let reverse = PairFeatures.Feature.allCases.first(where: { "\($0)" == "\(feature)Reverse" }) else {
                continue
            }
            for i in 0..<4 {
                for j in 0..<4 { #expect(features[i, j, feature] == features[j, i, reverse], "\(feature)") }
            }
        }
    }

    /// Sums in another order differ by single-precision rounding: 1e-4 on statistics of order 1.
    @Test(arguments: [8, 0]) func orderOfCellsDoesNotMatter(_ perGene: Int) {
        let (values, interventions) = Self.chain(genes: 6, observed: 150, perGene: perGene, seed: 1)
        var stream = RandomStream(seed: 2)
        let order = stream.permutation(values.rows)
        func shuffled(_ matrix: Matrix<Float>) -> Matrix<Float> {
            Matrix(rows: matrix.rows, columns: matrix.columns, values: order.flatMap { Array(matrix.row($0)) })
        }
        let a = PairFeatures(values: values, interventions: interventions)
        let b = PairFeatures(values: shuffled(values), interventions: shuffled(interventions))
        #expect(zip(a.values, b.values).allSatisfy { abs($0 - $1) < 1e-4 })
    }

    @Test(arguments: [8, 0]) func genesCarryTheirFeaturesAlong(_ perGene: Int) {
        let (values, interventions) = Self.chain(genes: 6, observed: 150, perGene: perGene, seed: 3)
        let order = [3, 0, 5, 1, 4, 2]
        func shuffled(_ matrix: Matrix<Float>) -> Matrix<Float> {
            Matrix(
                rows: matrix.rows, columns: 6,
                values: (0..<matrix.rows).flatMap { row in order.map { matrix[row, $0] } })
        }
        let a = PairFeatures(values: values, interventions: interventions)
        let b = PairFeatures(values: shuffled(values), interventions: shuffled(interventions))
        for feature in PairFeatures.Feature.allCases {
            for i in 0..<6 {
                for j in 0..<6 {
                    #expect(abs(b[i, j, feature] - a[order[i], order[j], feature]) < 1e-4, "\(feature)")
                }
            }
        }
    }

    /// Shifting and scaling a gene's values changes nothing but its zeros.
    @Test func unitsDoNotMatter() {
        let (values, interventions) = Self.chain(genes: 4, observed: 100, perGene: 5, seed: 4)
        let other = Matrix<Float>(rows: values.rows, columns: 4, values: values.values.map { 1000 + 8 * $0 })
        let a = PairFeatures(values: values, interventions: interventions)
        let b = PairFeatures(values: other, interventions: interventions)
        for feature in PairFeatures.Feature.allCases where !"\(feature)".contains("Share") {
            // 1000 costs single precision three of its seven digits.
            for i in 0..<4 { for j in 0..<4 { #expect(abs(a[i, j, feature] - b[i, j, feature]) < 5e-3, "\(feature)") } }
        }
    }

    @Test(arguments: [
        "one cell", "two cells", "no cells", "constant gene", "equal genes", "all intervened", "not finite",
        "counts of zero",
        "one gene", "heavy tails",
    ]) func degenerateInputStaysFinite(_ kind: String) {
        var (values, interventions) = Self.chain(genes: 5, observed: 30, perGene: 4, seed: 5)
        func top(_ matrix: Matrix<Float>, _ rows: Int) -> Matrix<Float> {
            Matrix(rows: rows, columns: 5, values: Array(matrix.values.prefix(rows * 5)))
        }
        switch kind {
        case "one cell": (values, interventions) = (top(values, 1), top(interventions, 1))
        case "two cells": (values, interventions) = (top(values, 2), top(interventions, 2))
        case "no cells": (values, interventions) = (top(values, 0), top(interventions, 0))
        case "constant gene": for row in 0..<values.rows { values[row, 2] = 1e6 }
        case "equal genes": for row in 0..<values.rows { values[row, 2] = values[row, 1] }
        case "all intervened": interventions = Matrix(rows: values.rows, columns: 5, repeating: 1)
        case "not finite":
            values[3, 1] = .nan
            values[4, 2] = .infinity
        case "counts of zero": values = Matrix(rows: values.rows, columns: 5)
        case "one gene":
            values = Matrix(rows: 50, columns: 1, values: values.column(0))
            interventions = Matrix(rows: 50, columns: 1)
        default: for row in 0..<values.rows { values[row, 0] = row == 7 ? 3e37 : values[row, 0] }
        }
        for mask in [interventions, nil] {
            let features = PairFeatures(values: values, interventions: mask, areCounts: true)
            #expect(features.values.count == values.columns * values.columns * PairFeatures.names.count)
            #expect(features.values.allSatisfy { $0.isFinite && abs($0) <= 10 })
        }
    }

    @Test func withoutInterventionsTheirFeaturesAreZero() {
        let values = Self.chain(genes: 4, observed: 80, perGene: 0, seed: 6).values
        let features = PairFeatures(values: values)
        #expect(features == PairFeatures(values: values, interventions: Matrix(rows: 80, columns: 4)))
        for feature in [
            PairFeatures.Feature.shift, .shiftInStandardErrors, .zeroShift, .slopeWithin, .sourceIntervened,
        ] {
            #expect((0..<16).allSatisfy { features[$0 / 4, $0 % 4, feature] == 0 })
        }
    }

    @Test func zerosAreCounted() {
        // Gene 0 is 0 in cells 0–4 of 10, gene 1 in cells 0–3, and 0 throughout under do(0), cells 8 and 9 of 12.
        var values = Matrix<Float>(rows: 12, columns: 2, repeating: 3)
        var interventions = Matrix<Float>(rows: 12, columns: 2)
        for row in 0..<5 { values[row, 0] = 0 }
        for row in [0, 1, 2, 3, 10, 11] { values[row, 1] = 0 }
        for row in [10, 11] { interventions[row, 0] = 1 }
        let features = PairFeatures(values: values, interventions: interventions, areCounts: true)
        #expect(abs(features[0, 0, .zeroShare] - 5.0 / 12) < 1e-6)
        #expect(abs(features[0, 1, .zeroShift] - 0.6) < 1e-6)
        // The same in standard errors: 0.6 of a deviation √(0.4 · 0.6), from 10 cells to 2; ln(1 + x), x = 1.581.
        #expect(abs(features[0, 1, .presenceShift] - 0.948) < 1e-3)
        // Both 0 in 4 of 12; shares 5/12 and 6/12: φ = (4·12 − 30) / √(5·7·6·6).
        #expect(abs(features[0, 1, .coZero] - 18 / Float(1260).squareRoot()) < 1e-6)
        #expect(features[0, 1, .counts] == 1)
    }
}
