import Foundation
import Matrices
import Probability
import Testing

@testable import Discovery

struct HillClimbingTests {
    private func covariances(_ data: DiscoveryData) -> BootstrapCovariances {
        BootstrapCovariances(
            data.standardised, width: 1, intervenedCells: data.intervenedCells,
            times: Array(repeating: 1, count: data.cells))
    }

    /// Bayesian criterion of a graph less that of the graph without edges.
    private func difference(_ parents: [[Int]], _ covariances: BootstrapCovariances) -> Double {
        parents.indices.reduce(0) { sum, child in
            var regression = ParentRegression(covariances, child: child)
            let alone = regression.variance
            for parent in parents[child] { regression.add(parent) }
            let count = covariances.counts[child]
            return sum - 0.5 * count * log(regression.variance / alone)
                - 0.5 * Double(parents[child].count) * log(count)
        }
    }

    private func parents(_ adjacency: [Bool], _ d: Int) -> [[Int]] {
        (0..<d).map { child in (0..<d).filter { adjacency[$0 * d + child] } }
    }

    /// Beside pgmpy (BICGauss), and with interventions statsmodels on each gene's own cells. Tolerance: a few hundred
    /// cells times the error of a logarithm; pgmpy fits iteratively.
    @Test func criterionIsThatOfThePackages() throws {
        let golden = try GoldenCells.values()
        for (name, graphs) in [
            ("gaussian", golden.gaussian.graphs + [golden.gaussian.search]),
            ("interventions", golden.interventions.graphs),
        ] {
            let covariances = covariances(try GoldenCells(name).data)
            for graph in graphs { #expect(abs(difference(graph.parents, covariances) - graph.difference) < 1e-6) }
        }
    }

    /// Equivalent graphs score alike, so the graphs may differ and the optimum may not.
    @Test func searchIsAsGoodAsThatOfPgmpy() throws {
        let covariances = covariances(try GoldenCells("gaussian").data)
        let found = GreedySearch(covariances, ties: Array(repeating: 0, count: 6)).adjacency
        let expected = try GoldenCells.values().gaussian.search.difference
        #expect(abs(difference(parents(found, 6), covariances) - expected) < 1e-6)
    }

    @Test func findsTheGraphThatInterventionsReveal() throws {
        let data = try GoldenCells("interventions").data
        let truth = try GoldenCells.values().interventions.truth
        let scores = try HillClimbing().scores(of: data)
        for child in 0..<6 {
            for source in 0..<6 where source != child {
                #expect((scores[source * 6 + child] > 0.5) == truth[child].contains(source))
            }
        }
    }

    /// Products over drawn cells less those left out, against two passes over them. Tolerance: double precision.
    @Test func covariancesCountCellsAsOftenAsDrawn() throws {
        let data = try GoldenCells("interventions").data
        var stream = RandomStream(seed: 3)
        let times = BootstrapCovariances.draw(data.cells, &stream)
        #expect(times.reduce(0, +) == data.cells && times.contains { $0 > 1 })
        // Two columns a gene, so that blocks have two rows.
        let covariances = BootstrapCovariances(
            data.standardised, width: 2, intervenedCells: Array(data.intervenedCells[..<3]), times: times)
        for child in 0..<3 {
            let left = Set(data.intervenedCells[child])
            let rows = times.indices.filter { !left.contains($0) }.flatMap { Array(repeating: $0, count: times[$0]) }
            let expected = data.standardised.covariance(rows: rows, ddof: 0)
            #expect(covariances.counts[child] == Double(rows.count))
            for a in 0..<6 {
                for (b, value) in covariances.row(a, child: child).enumerated() {
                    #expect(abs(value - expected[a, b]) < 1e-12)
                }
            }
            let blocks = covariances.blocks(child: child)
            for gene in 0..<3 {
                for (place, value) in blocks[gene * 4..<gene * 4 + 4].enumerated() {
                    #expect(abs(value - expected[gene * 2 + place / 2, gene * 2 + place % 2]) < 1e-12)
                }
            }
        }
    }
}
