import Graphs

/// An acyclic directed mixed graph over named, measured nodes: a → b where a is an argument of b's mechanism, a ↔ b
/// where the two share a cause that is not measured.
///
/// Nodes are numbered in a topological order that is fixed here once, so that the number of a node is its place in that
/// order: predecessors of v within a set are its members below v, in every subgraph alike. Subgraphs are sets of nodes
/// (`NodeSet`), handed to the questions below; nothing is ever copied for them.
///
/// Source: Richardson 2003, "Markov properties for acyclic directed mixed graphs".
public struct CausalDiagram: Sendable, Equatable {
    /// In the topological order: parents before children, else as given.
    public let names: [String]
    public let parents: [NodeSet]
    public let children: [NodeSet]
    /// Those that share an unmeasured cause with the node.
    public let siblings: [NodeSet]
    /// For each node the place of its name among all names, sorted by their Unicode scalars.
    let nameRanks: [Int]
    private let numbers: [String: Int]
    /// Unmeasured nodes of the description that were projected away.
    public let latents: Set<String>
    /// Nodes by which cells were chosen, projected away too.
    public let selection: [String]

    public var count: Int { names.count }

    /// All of them.
    public var nodes: NodeSet { NodeSet(below: count) }

    /// Latents, which may have parents and any number of children, are projected away (`LatentProjection`). Effects
    /// in a diagram with selected nodes are those on the cells that were chosen: P(Y had X been x | they were
    /// chosen).
    public init(_ description: DiagramDescription) throws(IdentificationError) {
        let given = try Self.checkedNodes(of: description)
        let numbers = Dictionary(uniqueKeysWithValues: given.enumerated().map { ($1, $0) })
        let directed = try Self.edges(description.directed, numbers, areDirected: true)
        let bidirected = try Self.edges(description.bidirected, numbers, areDirected: false)
        let graph = DirectedGraph(nodeCount: given.count, edges: directed)
        if let cyclic = graph.strongComponents.first(where: { $0.count > 1 }) {
            throw IdentificationError(
                code: "CYCLE", element: cyclic.map { given[$0] }.joined(separator: ", "),
                message: "expected a graph without directed cycles, found that these nodes lead to one another",
                remedy: "remove or turn round one of the edges between them")
        }
        let hidden = Set(description.latent)
        var projection = LatentProjection(count: given.count, directed: directed, bidirected: bidirected)
        for node in given.indices where hidden.contains(given[node]) { projection.remove(node) }
        for name in description.selected {
            guard let node = numbers[name], projection.nodes.contains(node), projection.nodes.count > 1 else {
                throw IdentificationError(
                    code: "UNKNOWN_NODES", element: name,
                    message:
                        "expected a measured node of the graph, by which cells were chosen, found none of that name",
                    remedy: "add it to the nodes, or correct its name")
            }
            projection.select(on: node)
        }
        self.init(
            given, projection, latents: hidden.union(description.selected), selection: description.selected)
    }

    /// The nodes that are left of a projection, sorted topologically.
    init(
        _ given: [String], _ projection: LatentProjection, latents: Set<String>, selection: [String] = []
    ) {
        let graph = DirectedGraph(
            nodeCount: given.count,
            edges: projection.children.enumerated().flatMap { node, children in children.map { Edge(node, $0) } })
        let order = graph.topologicalOrder!.filter { projection.nodes.contains($0) }
        var place = Array(repeating: 0, count: given.count)
        for (number, node) in order.enumerated() { place[node] = number }
        let renumbered = { (nodes: NodeSet) in NodeSet(nodes.map { place[$0] }) }
        names = order.map { given[$0] }
        parents = order.map { renumbered(projection.parents[$0]) }
        children = order.map { renumbered(projection.children[$0]) }
        siblings = order.map { renumbered(projection.siblings[$0]) }
        numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        let ranked = names.indices.sorted { [names] a, b in Self.precedes(names[a], names[b]) }
        var ranks = Array(repeating: 0, count: names.count)
        for (rank, node) in ranked.enumerated() { ranks[node] = rank }
        nameRanks = ranks
        self.latents = latents
        self.selection = selection
    }

    // MARK: Names

    /// By Unicode scalars, as Python sorts.
    static func precedes(_ a: String, _ b: String) -> Bool {
        a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars)
    }

    public func number(of name: String) -> Int? { numbers[name] }

    /// Names of the members, sorted.
    public func names(of nodes: NodeSet) -> [String] { byName(nodes).map { names[$0] } }

    /// The members in the order of their names.
    func byName(_ nodes: NodeSet) -> [Int] { nodes.sorted { nameRanks[$0] < nameRanks[$1] } }

    // MARK: Checks

    private static func checkedNodes(of description: DiagramDescription) throws(IdentificationError) -> [String] {
        var seen: Set<String> = []
        for name in description.nodes {
            guard !name.isEmpty else {
                throw IdentificationError(
                    code: "NO_NAMES", element: "nodes", message: "expected a name for every node, found an empty one",
                    remedy: "name the node")
            }
            guard seen.insert(name).inserted else {
                throw IdentificationError(
                    code: "DUPLICATE_NAMES", element: name, message: "expected names that differ, found this one twice",
                    remedy: "list every node once")
            }
        }
        let further = description.latent.filter { !seen.contains($0) }
        guard Set(description.latent).count == description.latent.count else {
            let name = description.latent.first { name in description.latent.count { $0 == name } > 1 }!
            throw IdentificationError(
                code: "DUPLICATE_NAMES", element: name,
                message: "expected every latent node once, found this one twice", remedy: "list it once")
        }
        guard seen.count + further.count > description.latent.count else {
            throw IdentificationError(
                code: "EMPTY_GRAPH", message: "expected at least one measured node, found none",
                remedy: "name the nodes of the graph")
        }
        return description.nodes + further
    }

    private static func edges(
        _ pairs: [DiagramDescription.Pair], _ numbers: [String: Int], areDirected: Bool
    ) throws(IdentificationError) -> [Edge] {
        var edges: [Edge] = []
        var seen: Set<Edge> = []
        for pair in pairs {
            let element = "\(pair.first) \(areDirected ? "→" : "↔") \(pair.second)"
            guard let source = numbers[pair.first], let target = numbers[pair.second] else {
                let name = numbers[pair.first] == nil ? pair.first : pair.second
                throw IdentificationError(
                    code: "UNKNOWN_NODES", element: element, message: "expected nodes of the graph, found \(name)",
                    remedy: "add it to the nodes, or correct its name")
            }
            guard source != target else {
                throw IdentificationError(
                    code: "SELF_LOOP", element: element, message: "expected two different nodes, found one twice",
                    remedy: "remove this edge")
            }
            let edge = areDirected || source < target ? Edge(source, target) : Edge(target, source)
            guard seen.insert(edge).inserted else {
                throw IdentificationError(
                    code: "DUPLICATE_EDGES", element: element,
                    message: "expected every edge once, found this one twice",
                    remedy: "remove one of the two")
            }
            edges.append(edge)
        }
        return edges
    }
}
