import Probability
import Testing

@testable import Identification

/// On random graphs with random worlds, whose truth is known by definition.
struct RandomGraphsTests {
    @Test func formulasGiveTheTruthAndRefusalsAreHedges() throws {
        var stream = RandomStream(seed: 2).stream("random graphs")
        var (identified, refused, nested) = (0, 0, 0)
        for round in 0..<600 {
            let diagram = try RandomDiagram.draw(4 + round % 4, bidirected: 0.7, stream: &stream)
            let query = RandomDiagram.query(diagram, stream: &stream)
            let answer = diagram.identify(query)
            let root = answer.derivation.root
            if let hedge = answer.hedge {
                refused += 1
                #expect(hedge.isValid(for: root.outcomes, root.treatments, in: diagram))
            } else {
                identified += 1
                let lines = answer.derivation.steps.map(\.line)
                nested += lines.contains(.nested) ? 1 : 0
                expectTruth(diagram, query, &stream, "round \(round)")
            }
        }
        // Else the rounds would not have tried what they are meant to.
        #expect(identified > 100 && refused > 50 && nested > 8, "\([identified, refused, nested])")
    }
}
