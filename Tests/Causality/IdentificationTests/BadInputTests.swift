import Testing

@testable import Identification

/// Graphs and queries that can't be used: each its own code, with the names.
struct BadInputTests {
    private func expect(
        _ code: String, _ element: String, location: SourceLocation = #_sourceLocation, _ body: () throws -> Void
    ) {
        let error = #expect(throws: IdentificationError.self, sourceLocation: location) { try body() }
        #expect(error?.code == code, sourceLocation: location)
        #expect(error?.element == element, sourceLocation: location)
        #expect(error?.remedy.isEmpty == false, sourceLocation: location)
    }

    private func diagram(_ nodes: [String], _ directed: [[String]], _ bidirected: [[String]] = []) throws {
        _ = try CausalDiagram(
            DiagramDescription(
                nodes: nodes, directed: directed.map { .init($0[0], $0[1]) },
                bidirected: bidirected.map { .init($0[0], $0[1]) }))
    }

    @Test func graphs() {
        expect("DUPLICATE_NAMES", "A") { try diagram(["A", "B", "A"], []) }
        expect("NO_NAMES", "nodes") { try diagram(["A", ""], []) }
        expect("UNKNOWN_NODES", "A → C") { try diagram(["A", "B"], [["A", "C"]]) }
        expect("UNKNOWN_NODES", "C ↔ B") { try diagram(["A", "B"], [], [["C", "B"]]) }
        expect("SELF_LOOP", "A → A") { try diagram(["A"], [["A", "A"]]) }
        expect("SELF_LOOP", "A ↔ A") { try diagram(["A"], [], [["A", "A"]]) }
        expect("DUPLICATE_EDGES", "A → B") { try diagram(["A", "B"], [["A", "B"], ["A", "B"]]) }
        expect("DUPLICATE_EDGES", "B ↔ A") { try diagram(["A", "B"], [], [["A", "B"], ["B", "A"]]) }
        expect("CYCLE", "A, B, C") {
            try diagram(["A", "B", "C", "D"], [["A", "B"], ["B", "C"], ["C", "A"], ["A", "D"]])
        }
        let error = #expect(throws: IdentificationError.self) {
            try CausalDiagram(DiagramDescription(nodes: ["U"], latent: ["U"]))
        }
        #expect(error?.code == "EMPTY_GRAPH")
    }

    @Test func queries() throws {
        let diagram = try Diagrams.of("X -> Y, Y -> Z, U -> X, U -> Y", latent: ["U"])
        expect("UNKNOWN_NODES", "Q") { _ = try diagram.ask("P(Y | do(Q))") }
        expect("LATENT", "U") { _ = try diagram.ask("P(Y | do(X), U)") }
        expect("REPEATED", "Y") { _ = try diagram.ask("P(Y, Y | do(X))") }
        expect("OVERLAP", "Y") { _ = try diagram.ask("P(Y | do(Y))") }
        expect("OVERLAP", "Z") { _ = try diagram.ask("P(Z | do(X), Z)") }
        expect("OVERLAP", "X") { _ = try diagram.ask("P(Z | do(X), X)") }
        expect("NO_OUTCOMES", "character 3 of the query") { _ = try diagram.ask("P(| do(X))") }
        expect("NO_OUTCOMES", "P( | do(X))") { _ = try diagram.identify(CausalQuery(outcomes: [], treatments: ["X"])) }
        expect("UNKNOWN_NODES", "Q") { _ = try diagram.ask("P(Y | do(X))", experiments: [["Q"]]) }
    }

    @Test(arguments: [
        ("Q(Y)", 1), ("P Y", 3), ("P(Y | do(X)", 12), ("P(Y | do(X)) and", 14), ("P(Y,, Z)", 5), ("P(Y | )", 7),
        ("P(Y=1 | do(X))", 4), ("P(Y | do())", 10), ("P(Y | do(X=), Z)", 12), ("P(\"Y | do(X))", 3),
        ("P(Y | do(X), Z", 15),
    ])
    func placesInAQuery(_ text: String, _ place: Int) {
        expect("BAD_QUERY", "character \(place) of the query") { _ = try CausalQuery(parsing: text) }
    }
}
