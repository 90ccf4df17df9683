import Foundation
import Graphs
import Identification
import Testing

@testable import Runs

/// What `structure` writes, `identify` reads.
struct IdentificationGraphTests {
    /// a → b → c with c → a as well, which closes the cycle and is the least probable; d alone.
    private let beliefs = EdgeBeliefs(
        genes: ["a", "b & <b>", "c \"c\"", "d"],
        probabilities: [0, 0.9, 0.2, 0, 0.1, 0, 0.75, 0, 0.625, 0.4, 0, 0, 0, 0, 0, 0])

    private let expected = [("a", "b & <b>"), ("b & <b>", "c \"c\"")]

    @Test func theGraphML() throws {
        let decoding = AcyclicDecoding(beliefs)
        let (text, _) = GraphFiles.graphML(beliefs, decoding: decoding, threshold: 0.5)
        let graph = try GraphText.read(text)
        #expect(graph.nodes == beliefs.genes && graph.leftOut == 1)
        #expect(graph.directed == expected.map { DiagramDescription.Pair($0.0, $0.1) })
        #expect(try CausalDiagram(graph).count == 4)
    }

    @Test func theTableOfDecisions() throws {
        let graph = try GraphText.read(GraphFiles.decisions(AcyclicDecoding(beliefs), beliefs: beliefs))
        #expect(graph.directed == expected.map { DiagramDescription.Pair($0.0, $0.1) } && graph.leftOut == 1)
    }

    @Test func theTableOfAllEdges() throws {
        // Without a decision there is the cycle, which is told.
        let graph = try GraphText.read(EdgeTable.text(beliefs))
        #expect(graph.directed.count == 3 && graph.leftOut == 9)
        let error = #expect(throws: IdentificationError.self) { try CausalDiagram(graph) }
        #expect(error?.code == "CYCLE")
    }
}
