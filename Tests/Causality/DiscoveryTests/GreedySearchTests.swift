import Foundation
import Matrices
import Probability
import Testing

@testable import Discovery

struct GreedySearchTests {
    private func search(
        _ values: Matrix<Float>, _ interventions: Matrix<Float>? = nil, ties: [Double], onlyAdds: Bool = false
    ) throws -> GreedySearch {
        let genes = (0..<values.columns).map { "g\($0)" }
        let data = try DiscoveryData(values: values, interventions: interventions, genes: genes)
        let covariances = BootstrapCovariances(
            data.standardised, width: 1, intervenedCells: data.intervenedCells,
            times: Array(repeating: 1, count: data.cells))
        return GreedySearch(covariances, ties: ties, onlyAdds: onlyAdds)
    }

    /// One edge between two genes pays off exactly where −n/2 ln(1 − ρ²) > ½ ln n: at n = 100, ρ² > 1 − 100^(−1/100).
    @Test(arguments: [(1.05, true), (0.95, false)]) func criterionDecides(_ factor: Double, _ expected: Bool) throws {
        let correlation = (1 - pow(100, -0.01)).squareRoot() * factor
        var values = Matrix<Float>(rows: 100, columns: 2)
        for row in 0..<100 {
            let x = cos(2 * .pi * Double(row) / 100)
            let y = sin(2 * .pi * Double(row) / 100)
            values[row, 0] = Float(x)
            values[row, 1] = Float(correlation * x + (1 - correlation * correlation).squareRoot() * y)
        }
        #expect(try search(values, ties: [0, 0]).adjacency.contains(true) == expected)
        // Equal scores fall to the larger tie.
        guard expected else { return }
        #expect(try search(values, ties: [0.2, 0.9]).adjacency == [false, true, false, false])
        #expect(try search(values, ties: [0.9, 0.2]).adjacency == [false, false, true, false])
    }

    /// 0 → 1, 2, 3, 4 → 5: the strongest pair is 0 and 5, whose edge is of no use beside those of the genes between.
    @Test(arguments: [false, true]) func searchesTakeEdgesBackUnlessTheyOnlyAdd(_ onlyAdds: Bool) throws {
        var stream = RandomStream(seed: 3)
        var values = Matrix<Float>(rows: 700, columns: 6)
        var interventions = values
        for row in 0..<700 {
            values[row, 0] = Float(stream.normal())
            for gene in 1...4 {
                values[row, gene] = values[row, 0] + Float(stream.normal())
                values[row, 5] += values[row, gene]
            }
            values[row, 5] += Float(0.2 * stream.normal())
            // Which are the parents, interventions on the child decide.
            if row >= 500 {
                values[row, 5] = Float(5 * stream.normal())
                interventions[row, 5] = 1
            }
        }
        let found = try search(values, interventions, ties: [0, 0.5, 0.5, 0.5, 0.5, 1], onlyAdds: onlyAdds)
        #expect(found.adjacency[5] == onlyAdds)
        #expect((1...4).allSatisfy { found.adjacency[$0 * 6 + 5] })
        #expect(found.regressions[5].parents.contains(0) == onlyAdds)
    }
}
