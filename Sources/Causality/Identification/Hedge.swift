/// Why an effect can't be computed from observation: two sets of nodes F′ ⊂ F, each joined by chains of ↔ and each
/// leading to the roots R, of which F holds treatments and F′ none. Two models with such a hedge can agree on
/// everything observed and differ in the effect.
///
/// Source: Shpitser & Pearl 2006, definitions 3 to 6 and theorem 4.
public struct Hedge: Sendable, Equatable {
    /// F: intervened nodes among them.
    public let nodes: NodeSet
    /// F′: what is left without the intervened nodes.
    public let inner: NodeSet
    /// R: ancestors of the outcomes on which both sets act.
    public let roots: NodeSet

    init(_ refusal: Derivation.Step) {
        nodes = refusal.nodes
        inner = refusal.district
        roots = refusal.outcomes
    }

    init(nodes: NodeSet, inner: NodeSet, roots: NodeSet) {
        self.nodes = nodes
        self.inner = inner
        self.roots = roots
    }

    /// Whether the definition holds for P_x(y), with conditions that stayed among y and those moved among x:
    /// (a) R ⊆ F′ ⊂ F; (b) F meets X, F′ doesn't; (c) F and F′ are each joined by ↔; (d) without the edges out of R,
    /// every node of F leads to R within F, and of F′ within F′; (e) R lies among the ancestors of Y where edges into
    /// X are cut.
    /// - Parameter nodes: of the graph in question; in an experiment those that it does not set.
    func isValid(
        for outcomes: NodeSet, _ treatments: NodeSet, in diagram: CausalDiagram, within nodes: NodeSet? = nil
    ) -> Bool {
        let graph = nodes ?? diagram.nodes
        func leadsToRoots(_ set: NodeSet) -> Bool {
            // Edges out of roots don't matter here: who leads to a root through another leads to that other.
            diagram.ancestors(of: roots, within: set) == set
        }
        func isJoined(_ set: NodeSet) -> Bool { diagram.district(of: set.first!, within: set) == set }
        guard !roots.isEmpty, roots.isSubset(of: inner), inner.isSubset(of: self.nodes), inner != self.nodes else {
            return false
        }
        return !self.nodes.isDisjoint(with: treatments) && inner.isDisjoint(with: treatments)
            && isJoined(self.nodes) && isJoined(inner) && leadsToRoots(self.nodes) && leadsToRoots(inner)
            && roots.isSubset(of: diagram.ancestors(of: outcomes, within: graph, cutInto: treatments))
    }

    /// Pairs joined by ↔ that span F: each but the first node once, by the shortest chain from F′.
    public func spanningPairs(in diagram: CausalDiagram) -> [(Int, Int)] {
        var pairs: [(Int, Int)] = []
        guard let start = inner.first else { return [] }
        var reached: NodeSet = [start]
        // F′ first, so that its own tree is part of the other's.
        for set in [inner, nodes] {
            var waiting = Array(reached)
            while !waiting.isEmpty {
                let node = waiting.removeFirst()
                for sibling in diagram.siblings[node].intersection(set).subtracting(reached) {
                    pairs.append((node, sibling))
                    reached.insert(sibling)
                    waiting.append(sibling)
                }
            }
        }
        return pairs
    }
}
