import AnnotatedData
import Foundation
import Graphs
import Probability

/// Acyclic graphs drawn from beliefs about edges, as a table.
struct SampledGraphs {
    /// `sample source target`: a row for each edge, samples numbered from 1; a graph without edges is one row with
    /// neither source nor target.
    let table: Data
    /// Edges whose share of the graphs differs among the chains by more than chance.
    let unsettledEdges: Int

    /// Chains that go on side by side, however many cores there are.
    private static let chains = 8

    /// How often each gene is put to a new place before the first graph of a chain; a twentieth of it between two.
    ///
    /// Where edges of high probability exclude one another chains turn slowly, the more so the more genes there are; but a
    /// sweep takes time in proportion to their square.
    private static func sweepsBefore(genes: Int) -> Int { min(1000, max(100, 100_000 / max(1, genes))) }

    init(
        of beliefs: EdgeBeliefs, count: Int, seed: UInt64, report: @Sendable (_ fraction: Double) -> Void
    ) throws {
        let stream = RandomStream(seed: seed).stream("structure").stream("graphs")
        let names = beliefs.genes.map { $0.field() }
        let before = Self.sweepsBefore(genes: names.count)
        let chains = min(Self.chains, count)
        let parts = (0..<chains).map { number in
            (number: number, samples: count * number / chains..<count * (number + 1) / chains)
        }
        let drawn = try Workers.map(parts, report: { fraction, _ in report(fraction) }) { part in
            var chain = AcyclicGraphChain(beliefs, stream: stream.stream(part.number))
            chain.advance(sweeps: before)
            var text = ""
            var counts: [Edge: Int] = [:]
            for sample in part.samples {
                chain.advance(sweeps: before / 20)
                let edges = chain.draw().edges
                if edges.isEmpty { text += "\(sample + 1)\t\t\n" }
                for edge in edges {
                    text += "\(sample + 1)\t\(names[edge.source])\t\(names[edge.target])\n"
                    counts[edge, default: 0] += 1
                }
            }
            return (text: text, counts: counts)
        }
        table = Data(("sample\tsource\ttarget\n" + drawn.map(\.text).joined()).utf8)
        let edges = drawn.reduce(into: Set<Edge>()) { $0.formUnion($1.counts.keys) }
        unsettledEdges = edges.count { edge in
            Self.differ(drawn.map { $0.counts[edge] ?? 0 }, of: parts.map(\.samples.count), amongst: edges.count)
        }
    }

    /// Whether shares differ by more than those of independent draws do: Pearson's test of homogeneity, its χ² made
    /// normal by a cube root (Wilson & Hilferty 1931), at a level of 1 % over all edges.
    ///
    /// Rare and certain edges are left out, as χ² is none for them.
    static func differ(_ counts: [Int], of totals: [Int], amongst tests: Int) -> Bool {
        let share = Double(counts.reduce(0, +)) / Double(totals.reduce(0, +))
        guard counts.count > 1, 0.05 < share, share < 0.95 else { return false }
        let statistic = zip(counts, totals).reduce(0.0) { sum, chain in
            let excess = Double(chain.0) - share * Double(chain.1)
            return sum + excess * excess / (Double(chain.1) * share * (1 - share))
        }
        let freedom = Double(counts.count - 1)
        let spread = 2 / (9 * freedom)
        let score = (cbrt(statistic / freedom) - (1 - spread)) / spread.squareRoot()
        return 0.5 * erfc(score / 2.0.squareRoot()) < 0.01 / Double(tests)
    }
}
