import Probability
import Testing

@testable import Identification

struct SeparationTests {
    /// Against d-separation in the graph with every unmeasured cause as a node: ancestors of all three sets, parents
    /// of a child joined, arrows forgotten, the given nodes taken out (Lauritzen et al. 1990).
    private func areSeparatedByMoralisation(
        _ diagram: CausalDiagram, _ a: NodeSet, _ b: NodeSet, given c: NodeSet, cutInto: NodeSet, cutFrom: NodeSet
    ) -> Bool {
        var parents = (0..<diagram.count).map { node in
            cutInto.contains(node) ? [] : Set(diagram.parents[node].subtracting(cutFrom))
        }
        for node in 0..<diagram.count {
            for sibling in diagram.siblings[node] where sibling > node {
                let cause = parents.count
                parents.append([])
                for end in [node, sibling] where !cutInto.contains(end) { parents[end].insert(cause) }
            }
        }
        var kept = Set(a.union(b).union(c))
        var waiting = Array(kept)
        while let node = waiting.popLast() {
            for parent in parents[node] where kept.insert(parent).inserted { waiting.append(parent) }
        }
        var neighbours: [Int: Set<Int>] = [:]
        func join(_ u: Int, _ v: Int) {
            neighbours[u, default: []].insert(v)
            neighbours[v, default: []].insert(u)
        }
        for node in kept {
            for parent in parents[node] {
                join(node, parent)
                for other in parents[node] where other != parent { join(parent, other) }
            }
        }
        var seen = Set(a)
        waiting = Array(seen)
        while let node = waiting.popLast() {
            if b.contains(node) { return false }
            for next in neighbours[node] ?? [] where !c.contains(next) && seen.insert(next).inserted {
                waiting.append(next)
            }
        }
        return true
    }

    @Test func agreesWithMoralisationOfTheGraphWithItsCauses() throws {
        var stream = RandomStream(seed: 6).stream("separation")
        var separated = 0
        for round in 0..<600 {
            let diagram = try RandomDiagram.draw(5 + round % 3, bidirected: 0.8, stream: &stream)
            let order = stream.permutation(diagram.count)
            let (a, b) = (NodeSet(order[0..<1]), NodeSet(order[1..<2]))
            let c = NodeSet(order[2..<(2 + stream.index(below: 3))])
            let cutInto = NodeSet(order.filter { _ in stream.bernoulli(0.15) })
            let cutFrom = NodeSet(order.filter { _ in stream.bernoulli(0.15) })
            let answer = diagram.areSeparated(
                a, b, given: c, within: diagram.nodes, cutInto: cutInto, cutFrom: cutFrom)
            let expected = areSeparatedByMoralisation(diagram, a, b, given: c, cutInto: cutInto, cutFrom: cutFrom)
            #expect(answer == expected, "round \(round)")
            separated += expected ? 1 : 0
        }
        #expect(separated > 120 && separated < 480)
    }

    /// Given its pillow, a node is separated from all other predecessors.
    @Test func pillowsSeparate() throws {
        var stream = RandomStream(seed: 7).stream("pillows")
        for _ in 0..<40 {
            let diagram = try RandomDiagram.draw(7, bidirected: 0.8, stream: &stream)
            for node in 0..<diagram.count {
                let earlier = diagram.nodes.below(node)
                let pillow = diagram.pillow(of: node, within: diagram.nodes)
                let others = earlier.subtracting(pillow)
                #expect(diagram.areSeparated([node], others, given: pillow, within: earlier.union([node])))
                // No member can be spared.
                for member in pillow {
                    #expect(
                        !diagram.areSeparated(
                            [node], [member], given: pillow.subtracting([member]), within: earlier.union([node])))
                }
            }
        }
    }
}
