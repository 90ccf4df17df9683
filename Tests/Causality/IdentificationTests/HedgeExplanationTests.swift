import Testing

@testable import Identification

struct HedgeExplanationTests {
    private func explanation(
        _ graph: String, _ query: String, experiments: [[String]] = []
    ) throws -> HedgeExplanation {
        let query = try CausalQuery(parsing: query)
        let answer = try Diagrams.of(graph).identify(query, experiments: experiments)
        return try #require(HedgeExplanation(answer, query: query))
    }

    @Test func theBow() throws {
        let explanation = try explanation("X -> Y, X <-> Y, X -> M", "P(Y | do(X))")
        #expect(explanation.confoundedPairs == ["Y ↔ X"] || explanation.confoundedPairs == ["X ↔ Y"])
        #expect(explanation.remedies.contains("measure the cause that X and Y share, or know that there is none"))
        // M lies on no path: setting it changes nothing.
        #expect(!explanation.remedies.contains("an experiment that sets M"))
        #expect(explanation.text.hasPrefix("P(Y | do(X)) can't be computed from what was measured:"))
    }

    @Test func anExperimentThatWouldHelpIsNamed() throws {
        let explanation = try explanation("Z -> X, X -> Y, Z <-> X, Z <-> Y", "P(Y | do(X))")
        #expect(explanation.remedies.contains("an experiment that sets Z"))
    }

    @Test func whyExperimentsDoNotHelp() throws {
        let explanation = try explanation(
            "Z -> X, X -> Y, X <-> Y, Z <-> Y", "P(Y | do(X))", experiments: [["Z"], ["Y"]])
        #expect(explanation.reasons.contains { $0.hasPrefix("The experiment do(Z) leaves a tie of its own") })
        #expect(explanation.reasons.contains { $0.hasPrefix("The experiment do(Y) sets Y, whose own response") })
    }

    /// What is promised to unblock is tried here in the diagram changed by hand.
    @Test func remediesHold() throws {
        let graph = "A -> X, X -> Y, X <-> Y, A <-> X, B -> Y"
        let answer = try Diagrams.of(graph).ask("P(Y | do(X))")
        let (a, b) = (answer.derivation.diagram.number(of: "X")!, answer.derivation.diagram.number(of: "Y")!)
        #expect(answer.unblockings.contains(.commonCause(min(a, b), max(a, b))))
        let measured = "A -> X, X -> Y, C -> X, C -> Y, A <-> X, B -> Y"
        #expect(try Diagrams.of(measured).ask("P(Y | do(X))").isIdentifiable)
    }

    /// Twenty treatments, each confounded with the next: the sentences stay readable.
    @Test func longListsAreCut() throws {
        let names = (1...20).map { "X\($0)" } + ["Y"]
        let chain = zip(names, names.dropFirst()).map { "\($0) -> \($1), \($0) <-> \($1)" }.joined(separator: ",")
        let explanation = try explanation(chain, "P(Y | do(X1))")
        #expect(explanation.confoundedPairs.count == 20)
        #expect(explanation.reasons[0].contains("and 13 more"))
    }

    @Test func nothingSingleHelps() throws {
        let explanation = try explanation(
            "X -> Y, W -> Y, X <-> Y, W <-> Y", "P(Y | do(X, W))")
        #expect(explanation.remedies.isEmpty)
        #expect(explanation.text.contains("nothing single would unblock it"))
    }
}
