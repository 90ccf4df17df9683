import Foundation
import Graphs
import Testing

@testable import Runs

@Suite struct SampledGraphsTests {
    /// Independent edges are told from chains that stay where they set out.
    @Test func sharesThatDifferByMoreThanChance() {
        // χ² = 0; 7 degrees of freedom.
        #expect(!SampledGraphs.differ(Array(repeating: 50, count: 8), of: Array(repeating: 100, count: 8), amongst: 1))
        // χ² = 8 · 25/25 = 8: below 18.5, its quantile for 1 %.
        let near = [45, 55, 45, 55, 45, 55, 45, 55]
        #expect(!SampledGraphs.differ(near, of: Array(repeating: 100, count: 8), amongst: 1))
        // χ² = 8 · 81/25 = 25.9: beyond it, but not beyond 34.2, the quantile for 1 % of 625.
        let far = [41, 59, 41, 59, 41, 59, 41, 59]
        #expect(SampledGraphs.differ(far, of: Array(repeating: 100, count: 8), amongst: 1))
        #expect(!SampledGraphs.differ(far, of: Array(repeating: 100, count: 8), amongst: 625))
        #expect(!SampledGraphs.differ([100, 0], of: [100, 10_000], amongst: 1), "rare")
        #expect(!SampledGraphs.differ([7], of: [10], amongst: 1), "one chain")
    }

    @Test func twoGenesSettle() throws {
        let beliefs = EdgeBeliefs(genes: ["a", "b"], probabilities: [0, 0.5, 0.4, 0])
        let graphs = try SampledGraphs(of: beliefs, count: 400, seed: 3) { _ in }
        #expect(graphs.unsettledEdges == 0)
        // Acyclic: neither (.3), a → b (.3), b → a (.2) of .8.
        let rows = String(decoding: graphs.table, as: UTF8.self).split(separator: "\n").dropFirst()
        let share = Double(rows.count { $0.hasSuffix("\ta\tb") }) / 400
        // Four standard errors of a share of 400 that is .375.
        #expect(abs(share - 0.375) < 0.1, "\(share)")
    }
}
