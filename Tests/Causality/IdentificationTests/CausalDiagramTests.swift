import Probability
import Testing

@testable import Identification

struct CausalDiagramTests {
    @Test func nodeSetsBeyondTheirFirstWords() {
        // Against the standard library's sets, at sizes on both sides of the words' ends.
        var stream = RandomStream(seed: 8).stream("sets")
        for size in [1, 64, 65, 128, 129, 300] {
            for _ in 0..<20 {
                let a = Set((0..<size).filter { _ in stream.bernoulli(0.3) })
                let b = Set((0..<size).filter { _ in stream.bernoulli(0.3) })
                let (x, y) = (NodeSet(a), NodeSet(b))
                #expect(Set(x.union(y)) == a.union(b) && Set(x.intersection(y)) == a.intersection(b))
                #expect(Set(x.subtracting(y)) == a.subtracting(b))
                #expect(x.subtracting(x) == NodeSet() && x.subtracting(x).hashValue == NodeSet().hashValue)
                #expect(Array(x) == a.sorted() && x.count == a.count && x.first == a.min())
                #expect(x.isSubset(of: y) == a.isSubset(of: b) && x.isDisjoint(with: y) == a.isDisjoint(with: b))
                #expect(x.intersection(y).isSubset(of: y))
                let cut = stream.index(below: size + 1)
                #expect(Set(x.below(cut)) == a.filter { $0 < cut })
            }
            #expect(Array(NodeSet(below: size)) == Array(0..<size))
        }
    }

    @Test func latentsWithParentsAndManyChildren() throws {
        // L has a parent, three children and a sibling.
        let diagram = try Diagrams.of("A -> L, L -> B, L -> C, L -> D, E <-> L", latent: ["L"])
        #expect(Set(diagram.names) == ["A", "B", "C", "D", "E"])
        for child in ["B", "C", "D"] {
            #expect(diagram.parents[diagram.number(of: child)!] == diagram.set("A"))
            let others = Set(["B", "C", "D", "E"]).subtracting([child])
            #expect(Set(diagram.names(of: diagram.siblings[diagram.number(of: child)!])) == others)
        }
        #expect(diagram.siblings[diagram.number(of: "A")!].isEmpty)
        #expect(Set(diagram.names(of: diagram.siblings[diagram.number(of: "E")!])) == ["B", "C", "D"])
    }

    @Test func projectionDoesNotDependOnTheOrder() throws {
        // U → V → {A, B}, U → C: chains of latents.
        let text = "U -> V, V -> A, V -> B, U -> C, A -> C"
        let one = try Diagrams.of(text, latent: ["U", "V"])
        let two = try Diagrams.of(text, latent: ["V", "U"])
        #expect(one == two)
        for (a, b) in [("A", "B"), ("A", "C"), ("B", "C")] {
            #expect(one.siblings[one.number(of: a)!].contains(one.number(of: b)!))
        }
        #expect(one.parents[one.number(of: "C")!] == one.set("A"))
    }

    /// The effect in a world with a latent node, measured there as truth, against the formula of the projection.
    @Test func projectionKeepsEffects() throws {
        var stream = RandomStream(seed: 9).stream("projection")
        var asked = 0
        for round in 0..<100 {
            let whole = try RandomDiagram.draw(6, bidirected: 0.3, stream: &stream)
            let order = stream.permutation(6)
            let hidden = NodeSet(order[4...])
            var projection = LatentProjection(whole)
            for node in hidden { projection.remove(node) }
            let diagram = CausalDiagram(whole.names, projection, latents: Set(whole.names(of: hidden)))
            let query = NodeQuery(outcomes: [order[0]], treatments: [order[1]], conditions: [])
            let answer = diagram.identify(
                NodeQuery(
                    outcomes: diagram.moved(query.outcomes, from: whole),
                    treatments: diagram.moved(query.treatments, from: whole), conditions: []))
            guard answer.isIdentifiable else { continue }
            asked += 1
            let world = DiscreteWorld(whole, stream: &stream)
            let joint = world.distribution().summed(over: hidden).renumbered(from: whole, to: diagram)
            let value = answer.derivation.estimand.value { _ in joint }
            let truth = world.truth(query).renumbered(from: whole, to: diagram)
            #expect(value.largestDifference(from: truth) < 1e-9, "round \(round)")
        }
        #expect(asked > 30)
    }
}

extension ProbabilityTable {
    fileprivate func renumbered(from one: CausalDiagram, to other: CausalDiagram) -> ProbabilityTable {
        ProbabilityTable(
            axes: zip(nodes, levels).map { (node: other.number(of: one.names[$0])!, levels: $1) }, values: values)
    }
}
