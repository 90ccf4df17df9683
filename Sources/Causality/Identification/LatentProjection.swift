import Graphs

/// A mixed graph while it is changed: above all one from which nodes that are not measured are taken out one by one,
/// in any order.
///
/// Taking out u joins each of its parents to each of its children, its children to one another by ↔, and its children
/// to its siblings by ↔: what remains says the same about the other nodes.
///
/// Source: Verma 1993, "Graphical aspects of causal models"; Evans 2016, "Graphs for margins of Bayesian networks".
struct LatentProjection {
    private(set) var nodes: NodeSet
    private(set) var parents: [NodeSet]
    private(set) var children: [NodeSet]
    private(set) var siblings: [NodeSet]

    init(count: Int, directed: [Edge], bidirected: [Edge]) {
        nodes = NodeSet(below: count)
        parents = Array(repeating: [], count: count)
        children = parents
        siblings = parents
        for edge in directed { join(edge.source, to: edge.target) }
        for edge in bidirected { confound(edge.source, edge.target) }
    }

    init(_ diagram: CausalDiagram) {
        nodes = diagram.nodes
        parents = diagram.parents
        children = diagram.children
        siblings = diagram.siblings
    }

    mutating func join(_ parent: Int, to child: Int) {
        children[parent].insert(child)
        parents[child].insert(parent)
    }

    mutating func confound(_ a: Int, _ b: Int) {
        guard a != b else { return }
        siblings[a].insert(b)
        siblings[b].insert(a)
    }

    mutating func separate(_ parent: Int, from child: Int) {
        children[parent].remove(child)
        parents[child].remove(parent)
    }

    mutating func deconfound(_ a: Int, _ b: Int) {
        siblings[a].remove(b)
        siblings[b].remove(a)
    }

    /// A node without edges, the last.
    mutating func addNode() -> Int {
        let node = parents.count
        parents.append([])
        children.append([])
        siblings.append([])
        nodes.insert(node)
        return node
    }

    /// Has all nodes be those of the cells in which `node` has a value of its own, and takes it out.
    ///
    /// Choosing cells changes the distribution of the unmeasured causes of `node` and its ancestors, and of those
    /// alone: they become dependent on one another. Mechanisms stay, that of `node` too, should treatment change it.
    /// So the chosen cells follow a model of their own, in which all nodes that have such causes, ancestors and their
    /// siblings, share one.
    /// Source: Abouei, Mokhtarian & Kiyavash 2024, "s-ID: causal effect identification in a sub-population", of which
    /// this is a sufficient condition.
    mutating func select(on node: Int) {
        var ancestors = NodeSet(only: node)
        var waiting = ancestors
        while !waiting.isEmpty {
            waiting = waiting.reduce(into: NodeSet()) { $0.formUnion(parents[$1]) }.subtracting(ancestors)
            ancestors.formUnion(waiting)
        }
        let dependent = ancestors.reduce(into: ancestors) { $0.formUnion(siblings[$1]) }
        for a in dependent { for b in dependent { confound(a, b) } }
        remove(node)
    }

    mutating func remove(_ node: Int) {
        let (above, below, beside) = (parents[node], children[node], siblings[node])
        for parent in above { children[parent].remove(node) }
        for child in below { parents[child].remove(node) }
        for sibling in beside { siblings[sibling].remove(node) }
        (parents[node], children[node], siblings[node]) = ([], [], [])
        nodes.remove(node)
        for child in below {
            for parent in above { join(parent, to: child) }
            for other in below.union(beside) { confound(child, other) }
        }
    }
}
