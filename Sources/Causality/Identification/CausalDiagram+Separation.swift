/// m-separation: d-separation in a graph whose ↔ stand for unmeasured causes.
extension CausalDiagram {
    /// Whether every path between `a` and `b` is blocked by `c` in the subgraph of `nodes`, with the edges into
    /// `cutInto` (↔ among them) and the directed edges out of `cutFrom` removed.
    ///
    /// A walk passes a node as collider where it comes and leaves by arrowheads, which needs the node or a descendant
    /// of it in c; and else where the node is not in c. A chain of colliders a ↔ c₁ ↔ c₂ ↔ b is thereby open.
    /// Source: Richardson 2003, definition of m-separation; the walk is Shachter's 1998 Bayes ball.
    ///
    /// Complexity: steps in proportion to nodes and edges.
    public func areSeparated(
        _ a: NodeSet, _ b: NodeSet, given c: NodeSet, within nodes: NodeSet, cutInto: NodeSet = [],
        cutFrom: NodeSet = []
    ) -> Bool {
        let view = CutView(diagram: self, nodes: nodes, cutInto: cutInto, cutFrom: cutFrom)
        let openColliders = view.ancestors(of: c)
        // Nodes still to be left, by how the walk came: by an arrowhead at the node, or by a tail (or from the start).
        var (byHead, byTail) = (NodeSet(), a.intersection(nodes))
        var (seenByHead, seenByTail) = (NodeSet(), NodeSet())
        while !(byHead.isEmpty && byTail.isEmpty) {
            seenByHead.formUnion(byHead)
            seenByTail.formUnion(byTail)
            guard b.isDisjoint(with: byHead), b.isDisjoint(with: byTail) else { return false }
            // The start is never blocked.
            let free = byTail.subtracting(c.subtracting(a))
            let upwards = free.union(byHead.intersection(openColliders))
            let downwards = free.union(byHead.subtracting(c))
            var (nextByHead, nextByTail) = (NodeSet(), NodeSet())
            for node in upwards {
                nextByTail.formUnion(view.parents(of: node))
                nextByHead.formUnion(view.siblings(of: node))
            }
            for node in downwards { nextByHead.formUnion(view.children(of: node)) }
            byHead = nextByHead.subtracting(seenByHead)
            byTail = nextByTail.subtracting(seenByTail)
        }
        return true
    }

    /// A subgraph some of whose edges are cut.
    private struct CutView {
        let diagram: CausalDiagram
        let nodes: NodeSet
        let cutInto: NodeSet
        let cutFrom: NodeSet

        func parents(of node: Int) -> NodeSet {
            cutInto.contains(node) ? [] : diagram.parents[node].intersection(nodes).subtracting(cutFrom)
        }

        func siblings(of node: Int) -> NodeSet {
            cutInto.contains(node) ? [] : diagram.siblings[node].intersection(nodes).subtracting(cutInto)
        }

        func children(of node: Int) -> NodeSet {
            cutFrom.contains(node) ? [] : diagram.children[node].intersection(nodes).subtracting(cutInto)
        }

        func ancestors(of targets: NodeSet) -> NodeSet {
            var found = targets.intersection(nodes)
            var waiting = found
            while !waiting.isEmpty {
                let next = waiting.reduce(into: NodeSet()) { $0.formUnion(parents(of: $1)) }
                waiting = next.subtracting(found)
                found.formUnion(waiting)
            }
            return found
        }
    }
}
