import AnnotatedData
import Graphs

/// The acyclic decoding in words: how many edges it holds, and what was dropped for it.
struct AcyclicSummary: Codable, Sendable, Equatable {
    struct Dropped: Codable, Sendable, Equatable {
        let source: String
        let target: String
        let probability: Float
        /// The genes of the cycle that it closes with edges kept: source, target, …, source.
        let cycle: [String]
    }

    /// Edges of probability above one half that are kept.
    let edges: Int
    let dropped: [Dropped]
    /// Whether no acyclic graph is more probable; else one may be.
    let isMostProbable: Bool

    init(_ decoding: AcyclicDecoding, genes: [String]) {
        edges = decoding.graph.edgeCount
        dropped = decoding.dropped.map { one in
            Dropped(
                source: genes[one.edge.source], target: genes[one.edge.target], probability: one.probability,
                cycle: one.cycle.map { genes[$0] })
        }
        isMostProbable = decoding.isExact
    }

    /// None where nothing was dropped.
    var notices: [Notice] {
        guard !dropped.isEmpty else { return [] }
        let shown = dropped.prefix(3).map { "\($0.cycle.joined(separator: " → ")) at \($0.probability)" }
        let more = dropped.count > 3 ? " and \(dropped.count - 3) more" : ""
        let unsure =
            isMostProbable
            ? ""
            : " More than \(AcyclicDecoding.exactSize) genes lie on common cycles: another choice may be a little more "
                + "probable."
        return [
            Notice(
                code: "CYCLES_BROKEN",
                message:
                    "Of \(edges + dropped.count) edges to which the amortised network gives a probability above 0.5, the "
                    + "acyclic decoding keeps \(edges) and drops \(dropped.count), each the first link of a cycle: \(shown.joined(separator: "; "))\(more)."
                    + unsure)
        ]
    }
}
