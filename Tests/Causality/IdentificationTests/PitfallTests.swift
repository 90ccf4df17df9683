import Probability
import Testing

@testable import Identification

/// What is known to go wrong in implementations of these algorithms, each once.
struct PitfallTests {
    private func lines(_ answer: IdentificationAnswer) -> [Int] { answer.derivation.steps.map(\.line.rawValue) }

    /// Lines 6 and 7 take the current distribution: from the original one the napkin would be P(Y | X).
    @Test func theNapkinIsARatioAndNotAConditional() throws {
        let diagram = try Diagrams.of(Diagrams.napkin)
        let answer = try diagram.ask("P(Y | do(X))")
        #expect(lines(answer) == [3, 7, 2, 6])
        #expect(
            answer.derivation.estimand.text == "([Σ_{W1} P(W1) P(X, Y | W1, W2)] / [Σ_{W1} P(W1) P(X | W1, W2)])")
        var stream = RandomStream(seed: 3).stream("napkin")
        let query = try diagram.nodes(of: CausalQuery(parsing: "P(Y | do(X))"))
        let conditional = Estimand(
            .probability(of: diagram.set("Y"), given: diagram.set("X"), under: []), diagram: diagram)
        var largest = 0.0
        for _ in 0..<30 {
            let world = DiscreteWorld(diagram, stream: &stream)
            let joint = world.distribution()
            let truth = world.truth(query)
            #expect(answer.derivation.estimand.value { _ in joint }.largestDifference(from: truth) < 1e-12)
            largest = max(largest, conditional.value { _ in joint }.largestDifference(from: truth))
        }
        // Else these worlds could not tell the two apart.
        #expect(largest > 0.005)
        // A Verma constraint: the value of W2 does not matter.
        #expect(answer.derivation.estimand.expression.freeNodes == diagram.set("X", "Y", "W2"))
        #expect(diagram.names(of: answer.derivation.anyValue) == ["W1", "W2"])
    }

    @Test func theTracesOfThePaper() throws {
        let frontDoor = try Diagrams.of(Diagrams.frontDoor).ask("P(R | do(X))")
        #expect(lines(frontDoor) == [4, 7, 2, 1, 2, 6])
        #expect(frontDoor.derivation.estimand.text == "Σ_{S} [Σ_{X′} P(X′) P(R | S, X′)] P(S | X)")
        let napkin = try Diagrams.of(Diagrams.napkin)
        #expect(lines(try napkin.ask("P(Y | do(W1))")).contains(7))
        #expect(try napkin.ask("P(Y | do(W1))").isIdentifiable)
    }

    /// A copy of a treatment inside a factor is bound there: the treatment's own value never reaches it.
    @Test func aTreatmentSummedInsideAFactorIsACopy() throws {
        let diagram = try Diagrams.of(Diagrams.frontDoor)
        let estimand = try diagram.ask("P(R | do(X))").derivation.estimand
        guard case .sum(let over, .product(let factors)) = estimand.expression else {
            Issue.record("\(estimand.text)")
            return
        }
        #expect(over == diagram.set("S"))
        let inner = try #require(factors.first { if case .sum = $0 { true } else { false } })
        #expect(!inner.freeNodes.contains(diagram.number(of: "X")!))
        #expect(estimand.expression.freeNodes == diagram.set("X", "R"))
    }

    @Test func everyStepKeepsTheOneOrder() throws {
        var stream = RandomStream(seed: 4).stream("order")
        for _ in 0..<50 {
            let diagram = try RandomDiagram.draw(7, stream: &stream)
            for node in 0..<diagram.count { #expect(diagram.parents[node].allSatisfy { $0 < node }) }
            // Subgraphs take the numbers over, so there is nothing to be sorted again.
            let steps = diagram.identify(RandomDiagram.query(diagram, stream: &stream)).derivation.steps
            for step in steps { #expect(step.nodes.isSubset(of: diagram.nodes)) }
        }
    }

    /// X̄ cuts ↔ too: with the arrow X → Z alone cut, Z would still be taken for an ancestor by way of W ↔ X.
    @Test func cuttingIntoTreatmentsCutsBidirectedEdges() throws {
        let diagram = try Diagrams.of("X -> Y, Z <-> X, Z -> X")
        let (x, y, z) = (diagram.set("X"), diagram.set("Y"), diagram.set("Z"))
        #expect(!diagram.areSeparated(z, y, given: [], within: diagram.nodes))
        #expect(diagram.areSeparated(z, y, given: [], within: diagram.nodes, cutInto: x))
        let other = try Diagrams.of("X -> Y, Z <-> X, Y <-> Z")
        #expect(
            !other.areSeparated(
                other.set("Z"), other.set("Y"), given: [], within: other.nodes, cutInto: other.set("X")))
        #expect(
            other.areSeparated(
                other.set("X"), other.set("Z"), given: other.set("Y"), within: other.nodes,
                cutInto: other.set("X"), cutFrom: other.set("X")))
    }

    @Test func outcomesAreTheirOwnAncestors() throws {
        let diagram = try Diagrams.of("X -> Y")
        #expect(
            diagram.ancestors(of: diagram.set("Y"), within: diagram.nodes, cutInto: diagram.set("X", "Y"))
                == diagram.set("Y"))
    }

    /// Line 2 comes before line 3: with the order turned round the first step would be 3 here.
    @Test func linesApplyInThePapersOrder() throws {
        let answer = try Diagrams.of("X -> Y, W -> X, Y -> D, X <-> D").ask("P(Y | do(X))")
        #expect(lines(answer) == [2, 3, 6])
    }

    @Test func isolatedNodesStay() throws {
        let diagram = try Diagrams.of("X -> Y, L, M")
        #expect(diagram.districts(of: diagram.nodes).count == 4)
        #expect(try diagram.ask("P(Y, L | do(X, M))").isIdentifiable)
        #expect(try diagram.ask("P(L | do(X))").derivation.estimand.text == "P(L)")
        #expect(try diagram.ask("P(Y | do(X), L)").derivation.estimand.text == "P(Y | X)")
    }

    /// A collider path through a chain of ↔ is open where its nodes are conditioned on.
    @Test func chainsOfBidirectedEdgesConnect() throws {
        let diagram = try Diagrams.of("A <-> B, B <-> C, C <-> D")
        let (a, d) = (diagram.set("A"), diagram.set("D"))
        #expect(diagram.areSeparated(a, d, given: [], within: diagram.nodes))
        #expect(diagram.areSeparated(a, d, given: diagram.set("B"), within: diagram.nodes))
        #expect(!diagram.areSeparated(a, d, given: diagram.set("B", "C"), within: diagram.nodes))
    }

    /// Moved one after another in any order, conditions end in one set.
    @Test func theOrderOfMovedConditionsDoesNotMatter() throws {
        var stream = RandomStream(seed: 5).stream("moves")
        var moved = 0
        for _ in 0..<200 {
            let diagram = try RandomDiagram.draw(6, stream: &stream)
            let order = stream.permutation(6)
            let conditions = NodeSet(order[2..<5])
            let query = NodeQuery(outcomes: [order[0]], treatments: [order[1]], conditions: conditions)
            let first = Recursion(diagram: diagram).movedConditions(query)
            moved += first.count
            // From the last condition to the first.
            var (x, left) = (query.treatments, Array(conditions.reversed()))
            while let place = left.firstIndex(where: { condition in
                diagram.areSeparated(
                    query.outcomes, [condition], given: x.union(NodeSet(left)).subtracting([condition]),
                    within: diagram.nodes, cutInto: x, cutFrom: [condition])
            }) {
                x.insert(left.remove(at: place))
            }
            #expect(x.subtracting(query.treatments) == first)
        }
        #expect(moved > 50)
    }

    @Test func withoutTreatmentsItIsAPlainConditional() throws {
        let diagram = try Diagrams.of(Diagrams.bow)
        #expect(try diagram.ask("P(Y)").derivation.estimand.text == "P(Y)")
        #expect(try diagram.ask("P(Y | X)").derivation.estimand.text == "P(Y | X)")
    }

    @Test func bothDirectionsAreACycle() {
        #expect(throws: IdentificationError.self) { try Diagrams.of("A -> B, B -> A") }
    }
}
