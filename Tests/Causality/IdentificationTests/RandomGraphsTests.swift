import Probability
import Testing

@testable import Identification

/// On random graphs with random worlds, whose truth is known by definition.
struct RandomGraphsTests {
    /// Verdicts against Tian & Pearl 2002, "A general identification condition for causal effects", which asks of each
    /// district of the outcomes' ancestors without the treatments whether its c-factor follows from that of its
    /// district.
    private func isIdentifiableByTian(_ diagram: CausalDiagram, _ y: NodeSet, _ x: NodeSet) -> Bool {
        let relevant = diagram.ancestors(of: y, within: diagram.nodes.subtracting(x))
        return diagram.districts(of: relevant).allSatisfy { district in
            var whole = diagram.district(of: district.first!, within: diagram.nodes)
            while whole != district {
                let ancestors = diagram.ancestors(of: district, within: whole)
                if ancestors == district { return true }
                if ancestors == whole { return false }
                whole = diagram.district(of: district.first!, within: ancestors)
            }
            return true
        }
    }

    @Test func verdictsAreThoseOfTian() throws {
        var stream = RandomStream(seed: 12).stream("verdicts")
        var refused = 0
        for round in 0..<600 {
            // Some beyond the 128 nodes that sets hold without memory of their own.
            let count = round % 100 == 0 ? 150 : 4 + round % 9
            let diagram = try RandomDiagram.draw(count, bidirected: 0.7, stream: &stream)
            var query = RandomDiagram.query(diagram, stream: &stream)
            query.conditions = []
            let isIdentifiable = diagram.identify(query).isIdentifiable
            #expect(isIdentifiable == isIdentifiableByTian(diagram, query.outcomes, query.treatments), "\(round)")
            refused += isIdentifiable ? 0 : 1
        }
        #expect(refused > 60 && refused < 540, "\(refused)")
    }

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
