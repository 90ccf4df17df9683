import AnnotatedData
import Foundation
import Graphs
import Probability

/// Acyclic graphs drawn from beliefs about edges, as a table.
enum SampledGraphs {
    /// Chains that go on side by side, however many cores there are.
    private static let chains = 8
    /// How often each gene is put to a new place before the first graph of a chain, and between two.
    private static let sweepsBefore = 100
    private static let sweepsBetween = 10

    /// `sample source target`: a row for each edge, samples numbered from 1; a graph without edges is one row with
    /// neither source nor target.
    static func table(
        of beliefs: EdgeBeliefs, count: Int, seed: UInt64, report: @Sendable (_ fraction: Double) -> Void
    ) throws -> Data {
        let stream = RandomStream(seed: seed).stream("structure").stream("graphs")
        let names = beliefs.genes.map { $0.field() }
        let parts = (0..<min(chains, count)).map { number in
            (number: number, samples: count * number / min(chains, count)..<count * (number + 1) / min(chains, count))
        }
        let texts = try Workers.map(parts, report: { fraction, _ in report(fraction) }) { part in
            var chain = AcyclicGraphChain(beliefs, stream: stream.stream(part.number))
            chain.advance(sweeps: sweepsBefore)
            var text = ""
            for sample in part.samples {
                chain.advance(sweeps: sweepsBetween)
                let edges = chain.draw().edges
                if edges.isEmpty { text += "\(sample + 1)\t\t\n" }
                for edge in edges { text += "\(sample + 1)\t\(names[edge.source])\t\(names[edge.target])\n" }
            }
            return text
        }
        return Data(("sample\tsource\ttarget\n" + texts.joined()).utf8)
    }
}
