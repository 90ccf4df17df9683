/// Ancestors, districts and pillows, each within a subgraph.
///
/// `nodes` is the set that induces the subgraph. `cutInto` names nodes that lose the edges into them, ↔ among these
/// (the graph G with X̄ of Pearl's rules), `cutFrom` nodes that lose the directed edges out of them (X̲).
extension CausalDiagram {
    /// The members of `targets` and all that reach them along directed edges.
    public func ancestors(of targets: NodeSet, within nodes: NodeSet, cutInto: NodeSet = []) -> NodeSet {
        var found = targets.intersection(nodes)
        var waiting = found.subtracting(cutInto)
        // Parents have lower numbers, so that one walk from the highest down would do; levels need no such order.
        while !waiting.isEmpty {
            var next = NodeSet()
            for node in waiting { next.formUnion(parents[node]) }
            next = next.intersection(nodes).subtracting(found)
            found.formUnion(next)
            waiting = next.subtracting(cutInto)
        }
        return found
    }

    /// The members of `sources` and all that they reach along directed edges.
    public func descendants(of sources: NodeSet, within nodes: NodeSet) -> NodeSet {
        var found = sources.intersection(nodes)
        var waiting = found
        while !waiting.isEmpty {
            var next = NodeSet()
            for node in waiting { next.formUnion(children[node]) }
            waiting = next.intersection(nodes).subtracting(found)
            found.formUnion(waiting)
        }
        return found
    }

    /// The nodes joined to `node` by chains of ↔ within `nodes`, itself included.
    public func district(of node: Int, within nodes: NodeSet) -> NodeSet {
        var found = NodeSet(only: node)
        var waiting = found
        while !waiting.isEmpty {
            var next = NodeSet()
            for node in waiting { next.formUnion(siblings[node]) }
            waiting = next.intersection(nodes).subtracting(found)
            found.formUnion(waiting)
        }
        return found
    }

    /// The partition of `nodes` into districts, by the first of their names.
    public func districts(of nodes: NodeSet) -> [NodeSet] {
        var left = nodes
        var found: [(rank: Int, district: NodeSet)] = []
        while let node = left.first {
            let district = district(of: node, within: left)
            left.subtract(district)
            found.append((district.map { nameRanks[$0] }.min()!, district))
        }
        if found.count > 1 { found.sort { $0.rank < $1.rank } }
        return found.map(\.district)
    }

    /// The parents of the members, themselves not among them.
    public func parents(of nodes: NodeSet) -> NodeSet {
        nodes.reduce(into: NodeSet()) { $0.formUnion(parents[$1]) }.subtracting(nodes)
    }

    /// The Markov pillow of a node: given it, the node is independent of all other predecessors within `nodes`. It
    /// holds the node's district among its predecessors and that district's parents, the node itself not.
    ///
    /// In a distribution that is Markov to the subgraph, P(v | all predecessors) = P(v | pillow).
    /// Source: Richardson et al. 2023, "Nested Markov properties for acyclic directed mixed graphs".
    public func pillow(of node: Int, within nodes: NodeSet) -> NodeSet {
        let earlier = nodes.below(node)
        var district = district(of: node, within: earlier.union(NodeSet(only: node)))
        district.formUnion(parents(of: district))
        district.formIntersection(earlier)
        return district
    }
}
