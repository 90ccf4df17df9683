import Probability
import Testing

@testable import Identification

/// Effects on cells that were chosen by a node that is the same in all of them.
struct SelectionTests {
    /// Deterministic mechanisms over exogenous values, one for every node and one for every ↔: the same exogenous
    /// values give the factual world, in which cells are chosen, and the one in which X is set.
    private struct FunctionalWorld {
        let diagram: CausalDiagram
        /// P of each exogenous value being 1; first those of nodes, then those of pairs.
        let probabilities: [Double]
        let pairs: [(Int, Int)]
        /// Of each node the value for every combination of its parents and exogenous values.
        let values: [[Int]]
        let inputs: [[Int]]

        init(_ diagram: CausalDiagram, _ stream: inout RandomStream) {
            self.diagram = diagram
            let pairs = (0..<diagram.count).flatMap { a in diagram.siblings[a].filter { $0 > a }.map { (a, $0) } }
            self.pairs = pairs
            probabilities = (0..<(diagram.count + pairs.count)).map { _ in stream.uniform(0.2, 0.8) }
            // Inputs are numbered: nodes first, then exogenous values.
            inputs = (0..<diagram.count).map { node in
                Array(diagram.parents[node]) + [diagram.count + node]
                    + pairs.indices.filter { pairs[$0].0 == node || pairs[$0].1 == node }.map { 2 * diagram.count + $0 }
            }
            values = inputs.map { inputs in (0..<(1 << inputs.count)).map { _ in stream.index(below: 2) } }
        }

        func world(_ exogenous: Int, setting treated: [Int: Int] = [:]) -> [Int] {
            var levels: [Int] = []
            for node in 0..<diagram.count {
                let place = inputs[node].reduce(0) { place, input in
                    2 * place + (input < diagram.count ? levels[input] : exogenous >> (input - diagram.count) & 1)
                }
                levels.append(treated[node] ?? values[node][place])
            }
            return levels
        }

        func probability(_ exogenous: Int) -> Double {
            probabilities.indices.reduce(1) {
                $0 * (exogenous >> $1 & 1 == 1 ? probabilities[$1] : 1 - probabilities[$1])
            }
        }
    }

    @Test func formulasGiveTheEffectsOnTheChosen() throws {
        var stream = RandomStream(seed: 14).stream("selection")
        var (asked, ofAncestors) = (0, 0)
        for round in 0..<1000 {
            let whole = try RandomDiagram.draw(4, directed: 1.2, bidirected: 0.3, stream: &stream)
            let order = stream.permutation(4)
            let (x, y, s) = (order[0], order[1], order[2])
            var projection = LatentProjection(whole)
            projection.select(on: s)
            let diagram = CausalDiagram(whole.names, projection, latents: [whole.names[s]])
            let number = { (node: Int) in diagram.number(of: whole.names[node])! }
            let answer = diagram.identify(
                NodeQuery(outcomes: [number(y)], treatments: [number(x)], conditions: []))
            guard answer.isIdentifiable else { continue }
            let world = FunctionalWorld(whole, &stream)
            let nodes = whole.nodes.subtracting([s]).map { $0 }
            var joint = Array(repeating: 0.0, count: 8)
            var truth = Array(repeating: 0.0, count: 4)
            for exogenous in 0..<(1 << world.probabilities.count) {
                let factual = world.world(exogenous)
                guard factual[s] == 1 else { continue }
                let probability = world.probability(exogenous)
                joint[nodes.reduce(0) { 2 * $0 + factual[$1] }] += probability
                for level in 0...1 { truth[2 * level + world.world(exogenous, setting: [x: level])[y]] += probability }
            }
            let chosen = joint.reduce(0, +)
            // Formulas are for distributions in which every combination occurs.
            guard joint.allSatisfy({ $0 > 0 }) else { continue }
            asked += 1
            ofAncestors += whole.ancestors(of: [s], within: whole.nodes).contains(x) ? 1 : 0
            let table = ProbabilityTable(
                axes: nodes.map { (node: number($0), levels: 2) }, values: joint.map { $0 / chosen })
            let expected = ProbabilityTable(
                axes: [(node: number(x), levels: 2), (node: number(y), levels: 2)], values: truth.map { $0 / chosen })
            let value = answer.derivation.estimand.value { _ in table }
            #expect(value.largestDifference(from: expected) < 1e-9, "round \(round)")
        }
        #expect(asked > 30 && ofAncestors > 4, "\([asked, ofAncestors])")
    }

    /// X acts on survival S, and so does Y's cause: among the survivors X and Y go together without an effect.
    @Test func selectionConfounds() throws {
        var description = DiagramDescription(
            nodes: ["X", "Y", "S", "Z"],
            directed: [.init("X", "Y"), .init("X", "S"), .init("Z", "S"), .init("Z", "Y")])
        let query = try CausalQuery(parsing: "P(Y | do(X))")
        #expect(try CausalDiagram(description).identify(query).isIdentifiable)
        description.selected = ["S"]
        let chosen = try CausalDiagram(description)
        #expect(chosen.siblings[chosen.number(of: "X")!] == chosen.set("Z"))
        #expect(try chosen.identify(query).derivation.estimand.text == "Σ_{Z} P(Y | X, Z) P(Z)")
        description.latent = ["Z"]
        let refused = try CausalDiagram(description).identify(query)
        #expect(!refused.isIdentifiable)
        #expect(
            HedgeExplanation(refused, query: query)?.reasons.contains { $0.hasPrefix("Cells were chosen by S") } == true
        )
        #expect(throws: IdentificationError.self) { try chosen.identify(CausalQuery(parsing: "P(Y | S)")) }
        description.selected = ["Q"]
        #expect(throws: IdentificationError.self) { try CausalDiagram(description) }
    }
}
