import Foundation
import Probability
import Testing

@testable import Identification

struct EstimandTests {
    private func estimand(_ graph: String, _ query: String) throws -> Estimand {
        try Diagrams.of(graph).ask(query).derivation.estimand
    }

    @Test func backDoor() throws {
        let backDoor = try estimand("Z -> X, Z -> Y, X -> Y", "P(Y | do(X))")
        #expect(backDoor.text == "Σ_{Z} P(Y | X, Z) P(Z)")
        #expect(
            backDoor.latex
                == #"\sum_{\text{Z}} P(\text{Y} \mid \text{X}, \text{Z}) P(\text{Z})"#)
        let json = String(decoding: try JSONEncoder().encode(backDoor.tree), as: UTF8.self)
        #expect(json == #"["sum",["Z"],["prod",[["p",["Y"],["X","Z"]],["p",["Z"],[]]]]]"#)
    }

    @Test func namesAreEscapedInLaTeX() throws {
        #expect(try estimand("a_1 -> b%", "P(b% | do(a_1))").latex == #"P(\text{b\%} \mid \text{a\_1})"#)
    }

    /// Everything before is no condition: pillows are enough.
    @Test func conditionsAreFew() throws {
        #expect(try estimand("A -> B, B -> C, C -> D, D -> E", "P(E | do(A))").text.contains("P(E | D)"))
        #expect(try estimand("W -> X, X -> Y", "P(Y | do(X))").text == "P(Y | X)")
    }

    @Test func conditionalEffectsCancel() throws {
        // The mechanism of Z stands in numerator and denominator.
        let conditional = try estimand("X -> Z, Z -> Y, X -> Y, X <-> Z, Z -> W", "P(Y | do(X), Z)")
        #expect(conditional.text == "P(Y | X, Z)")
    }

    @Test func theLiteralFormIsOnAllPredecessors() throws {
        let derivation = try Diagrams.of("Z -> X, Z -> Y, X -> Y").ask("P(Y | do(X))").derivation
        #expect(derivation.literalEstimand()?.text == "Σ_{Z} P(Y | X, Z) P(Z)")
        let chain = try Diagrams.of("A -> B, B -> C").ask("P(C | do(B))").derivation
        #expect(chain.literalEstimand()?.text == "P(C | A, B)")
        #expect(derivation.literalEstimand(limit: 2) == nil)
    }

    @Test func pruningSparesNodes() throws {
        let chain = try Diagrams.of("X -> M, M -> Y").ask("P(Y | do(X))").derivation
        #expect(chain.estimand.text == "Σ_{M} P(M | X) P(Y | M)")
        let pruned = try #require(chain.pruned())
        #expect(pruned.estimand.text == "P(Y | X)")
        #expect(pruned.spared == ["M"])
        // The mediator of the front door can't be spared.
        #expect(try Diagrams.of(Diagrams.frontDoor).ask("P(R | do(X))").derivation.pruned() == nil)
    }

    @Test func prunedFormulasGiveTheTruth() throws {
        var stream = RandomStream(seed: 11).stream("pruning")
        var pruned = 0
        for round in 0..<300 {
            let diagram = try RandomDiagram.draw(5 + round % 3, stream: &stream)
            let query = RandomDiagram.query(diagram, stream: &stream)
            let answer = diagram.identify(query)
            guard answer.isIdentifiable, let fewer = answer.derivation.pruned() else { continue }
            pruned += 1
            let world = DiscreteWorld(diagram, stream: &stream)
            let small = fewer.estimand.diagram
            func moved(_ table: ProbabilityTable) -> ProbabilityTable {
                let kept = table.marginal(
                    NodeSet((0..<diagram.count).filter { small.number(of: diagram.names[$0]) != nil }))
                return ProbabilityTable(
                    axes: zip(kept.nodes, kept.levels).map { (node: small.number(of: diagram.names[$0])!, levels: $1) },
                    values: kept.values)
            }
            let joint = moved(world.distribution())
            let value = fewer.estimand.value { _ in joint }
            #expect(value.largestDifference(from: moved(world.truth(query))) < 1e-9, "round \(round)")
        }
        #expect(pruned > 30, "\(pruned)")
    }

    /// Tables against sums and products written out.
    @Test func tables() {
        let a = ProbabilityTable(axes: [(node: 1, levels: 2), (node: 0, levels: 3)], values: [1, 2, 3, 4, 5, 6])
        #expect(a.nodes == [0, 1] && a.values == [1, 4, 2, 5, 3, 6])
        let b = ProbabilityTable(axes: [(node: 1, levels: 2), (node: 2, levels: 2)], values: [1, 10, 100, 1000])
        let product = a.times(b)
        #expect(
            product.nodes == [0, 1, 2] && product.values == [1, 10, 400, 4000, 2, 20, 500, 5000, 3, 30, 600, 6000])
        #expect(product.summed(over: [0, 2]).values == [66, 16500])
        #expect(product.divided(by: b).values.count == 12)
        #expect(ProbabilityTable.one.times(a) == a)
        #expect(product[{ [2, 1, 1][$0] }] == 6000)
    }
}
