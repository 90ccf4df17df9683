import Foundation
import Matrices
import Probability
import Testing

@testable import Discovery

struct AdditiveModelsTests {
    private func covariances(_ data: DiscoveryData) -> BootstrapCovariances {
        BootstrapCovariances(
            SplineBasis(data).columns, width: SplineBasis.width, intervenedCells: data.intervenedCells,
            times: Array(repeating: 1, count: data.cells))
    }

    /// Beside scikit-learn's splines with the same knots. Tolerance: normal equations of nearly orthogonal columns
    /// against SVD.
    @Test func splinesLeaveWhatThoseOfThePackageLeave() throws {
        let covariances = covariances(try GoldenCells("curved").data)
        for expected in try GoldenCells.values().curved.regressions {
            var regression = ParentRegression(covariances, child: expected.gene)
            for parent in expected.parents { regression.add(parent) }
            #expect(abs(regression.variance - expected.share) < 1e-8)
            // What comes back without the first parent is what it would explain beside the others.
            var without = regression
            without.remove(expected.parents[0])
            let returned = regression.explained(byParent: expected.parents[0])
            #expect(abs(without.variance - regression.variance - returned) < 1e-8)
            #expect(abs((without.explained(by: expected.parents[0]) ?? 0) - returned) < 1e-8)
        }
    }

    @Test func findsTheCurvedGraph() throws {
        let scores = try AdditiveModels().scores(of: GoldenCells("curved").data)
        let edges: Set = [[0, 1], [0, 2], [1, 2], [2, 3]]
        for i in 0..<4 {
            for j in 0..<4 where i != j { #expect((scores[i * 4 + j] > 0.5) == edges.contains([i, j])) }
        }
    }

    /// Without interventions the direction of a curved pair shows in what splines leave.
    @Test(arguments: [false, true]) func orientsACurvedPair(_ isReversed: Bool) throws {
        var stream = RandomStream(seed: 5)
        var values = Matrix<Float>(rows: 400, columns: 2)
        for row in 0..<400 {
            let cause = stream.normal()
            values[row, isReversed ? 1 : 0] = Float(cause)
            values[row, isReversed ? 0 : 1] = Float(sin(2 * cause) + cause / 2 + 0.4 * stream.normal())
        }
        let data = try DiscoveryData(values: values, interventions: nil, genes: ["a", "b"])
        let scores = try AdditiveModels().scores(of: data)
        #expect(scores[isReversed ? 2 : 1] == 1 && scores[isReversed ? 1 : 2] == 0)
    }

    /// scipy.stats.chi2.sf(x, 10). Tolerance: as many digits as are written here.
    @Test(arguments: [(1.0, 0.999827884), (10, 0.440493285), (29.58829845, 0.001), (90, 5.355926e-15)])
    func significanceIsThatOfTheDistribution(_ x: Double, _ expected: Double) {
        #expect(abs(AdditiveModels.upperTail(x) / expected - 1) < 1e-5)
    }

    /// Two values allow one column, and what has no spread has none.
    @Test func genesOfFewValuesHaveFewerColumns() throws {
        var values = Matrix<Float>(rows: 30, columns: 2)
        for row in 0..<30 { values[row, 0] = Float(row % 2) }
        let columns = SplineBasis(
            try DiscoveryData(values: values, interventions: nil, genes: ["a", "b"])
        ).columns
        let used = (0..<20).filter { column in columns.column(column).contains { $0 != 0 } }
        #expect(used == [0])
    }
}
