import Foundation
import Matrices
import Probability
import Testing

@testable import Structure

struct PairFeaturesSearchTests {
    /// 0 → 1 → 2 → 3 and 0 → 3, linear and Gaussian, 30 interventional cells a gene.
    private func cells(nonlinear: Bool, interventions perGene: Int = 30) -> (Matrix<Float>, Matrix<Float>) {
        var stream = RandomStream(seed: 1)
        let n = 400 + perGene * 4
        var values = Matrix<Float>(rows: n, columns: 4)
        var interventions = values
        func f(_ x: Float) -> Float { nonlinear ? 2 * x * x - 2 : x }
        for row in 0..<n {
            let target = row < 400 ? -1 : row % 4
            for gene in 0..<4 {
                var mean: Float = 0
                if gene > 0 { mean += f(values[row, gene - 1]) }
                if gene == 3 { mean -= f(values[row, 0]) }
                values[row, gene] =
                    gene == target ? Float(2 * stream.normal()) : mean + Float(stream.normal() * 0.8)
                if nonlinear, gene > 0 { values[row, gene] = tanh(values[row, gene] / 2) * 2 }
            }
            if target >= 0 { interventions[row, target] = 1 }
        }
        return (values, interventions)
    }

    private func edges(_ found: [Bool]) -> [[Int]] { found.indices.filter { found[$0] }.map { [$0 / 4, $0 % 4] } }

    @Test func findsALinearGraphWithInterventions() {
        let (values, interventions) = cells(nonlinear: false)
        let data = PairFeaturesData(values: values, interventions: interventions, areCounts: false)
        let covariances = PairFeaturesCovariances(data.standardised, width: 1, data: data)
        #expect(
            edges(PairFeaturesSearch(covariances, predictability: [0, 0, 0, 0]).adjacency) == [
                [0, 1], [0, 3], [1, 2], [2, 3],
            ])
    }

    /// A parabola has no correlation with its argument: the linear search is blind to 0 → 1, the cubic one is not.
    @Test func findsACurvedEdge() {
        let (values, interventions) = cells(nonlinear: true)
        let data = PairFeaturesData(values: values, interventions: interventions, areCounts: false)
        func search(_ columns: [Float], _ width: Int) -> [Bool] {
            PairFeaturesSearch(
                PairFeaturesCovariances(columns, width: width, data: data), predictability: [0, 0, 0, 0]
            ).adjacency
        }
        let linear = search(data.standardised, 1)
        let cubic = search(data.hermite, 3)
        #expect(!linear[0 * 4 + 1])
        #expect(cubic[0 * 4 + 1])
    }

    /// One edge between two genes pays off exactly where −n/2 ln(1 − ρ²) > ½ ln n: at n = 100, ρ² > 1 − 100^(−1/100).
    @Test(arguments: [(1.05, true), (0.95, false)]) func bayesianCriterionDecides(_ factor: Double, _ expected: Bool) {
        let threshold = (1 - pow(100, -0.01)).squareRoot() * factor
        // Two orthogonal columns of equal length, the second turned towards the first until the correlation is exact.
        var values = Matrix<Float>(rows: 100, columns: 2)
        for row in 0..<100 {
            let x = 2.0.squareRoot() * cos(2 * .pi * Double(row) / 100)
            let y = 2.0.squareRoot() * sin(2 * .pi * Double(row) / 100)
            values[row, 0] = Float(x)
            values[row, 1] = Float(threshold * x + (1 - threshold * threshold).squareRoot() * y)
        }
        let data = PairFeaturesData(values: values, interventions: nil, areCounts: false)
        let found = PairFeaturesSearch(
            PairFeaturesCovariances(data.standardised, width: 1, data: data), predictability: [0, 0]
        ).adjacency
        #expect(found.contains(true) == expected)
    }

    /// Two observed genes score alike in both directions: the better explained one becomes the child, whatever the order.
    @Test func tiesFallToTheBetterExplained() {
        var values = Matrix<Float>(rows: 100, columns: 2)
        var stream = RandomStream(seed: 2)
        for row in 0..<100 {
            values[row, 0] = Float(stream.normal())
            values[row, 1] = values[row, 0] + Float(stream.normal())
        }
        let data = PairFeaturesData(values: values, interventions: nil, areCounts: false)
        let covariances = PairFeaturesCovariances(data.standardised, width: 1, data: data)
        #expect(PairFeaturesSearch(covariances, predictability: [0.5, 0.6]).adjacency == [false, true, false, false])
        #expect(PairFeaturesSearch(covariances, predictability: [0.6, 0.5]).adjacency == [false, false, true, false])
    }

    /// Each child's covariance against the two-pass formula over its own cells, with interventions on one gene a cell and
    /// on several. Tolerance: single-precision products.
    @Test(arguments: [false, true]) func covariancesLeaveOutInterventions(_ onSeveral: Bool) {
        var (values, interventions) = cells(nonlinear: false)
        if onSeveral { for row in 0..<values.rows where row % 3 > 0 { interventions[row, row % 4] = 1 } }
        let data = PairFeaturesData(values: values, interventions: interventions, areCounts: false)
        let covariances = PairFeaturesCovariances(data.standardised, width: 1, data: data)
        for child in 0..<4 {
            let rows = (0..<values.rows).filter { interventions[data.order[$0], child] == 0 }
            #expect(covariances.counts[child] == Double(rows.count))
            func column(_ gene: Int) -> [Double] { rows.map { Double(data.standardised[gene * values.rows + $0]) } }
            for a in 0..<4 {
                for b in 0..<4 {
                    let n = Double(rows.count)
                    let meanA = column(a).reduce(0, +) / n
                    let meanB = column(b).reduce(0, +) / n
                    let expected = zip(column(a), column(b)).reduce(0) { $0 + ($1.0 - meanA) * ($1.1 - meanB) } / n
                    #expect(abs(covariances.matrix(child: child)[a * 4 + b] - expected) < 1e-5)
                }
            }
        }
    }

    /// Where cells have interventions on many genes, memory follows the cells, not cells × genes.
    @Test func aRowLeftOutOfManyGenesIsKeptOnce() {
        let (values, _) = cells(nonlinear: false)
        var interventions = Matrix<Float>(rows: values.rows, columns: 4)
        for row in 0..<values.rows where row % 5 > 0 { for gene in 0..<3 { interventions[row, gene] = 1 } }
        let marked = (0..<values.rows).count { $0 % 5 > 0 }
        let data = PairFeaturesData(values: values, interventions: interventions, areCounts: false)
        let products = PairFeaturesProducts(data.hermite, width: 3, data: data)
        #expect(products.left.count == marked * 12 && products.leftPlaces.count == marked * 3)
    }
}

extension PairFeaturesCovariances {
    /// Over all cells, from genes · width columns of them.
    fileprivate init(_ columns: [Float], width: Int, data: PairFeaturesData) {
        self.init(PairFeaturesProducts(columns, width: width, data: data), quarters: [0, 1, 2, 3])
    }
}
