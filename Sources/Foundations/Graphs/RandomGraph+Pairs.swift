import Probability

/// Families in which pairs of nodes are linked independently of each other.
extension DirectedGraph {
    /// Each pair (later → earlier) with p = min(0.99, e·d / (d(d − 1)/2)).
    static func erdosRenyi(_ d: Int, edgesPerNode e: Double, _ stream: inout RandomStream) -> DirectedGraph {
        let pairs = Double(d * (d - 1)) / 2
        let probability = pairs > 0 ? min(0.99, e * Double(d) / pairs) : 0
        var edges: [Edge] = []
        for later in 0..<d {
            for earlier in 0..<later where stream.bernoulli(probability) { edges.append(Edge(later, earlier)) }
        }
        return DirectedGraph(nodeCount: d, edges: edges)
    }

    /// Pairs within a block with probability p, between blocks with `damping` · p, where p gives e·d edges on average and
    /// is at most 0.99. Blocks end at distinct places drawn uniformly, so they differ in size, and one may be empty.
    static func stochasticBlock(
        _ d: Int, edgesPerNode e: Double, blocks: Int, damping: Double, _ stream: inout RandomStream
    ) -> DirectedGraph {
        // The order of the nodes decides the edges' direction, so members of a block are drawn from all of it.
        let members = stream.permutation(d)
        let cuts = stream.choice(min(d, blocks) - 1, of: d).sorted()
        var block = Array(repeating: 0, count: d)
        for (place, node) in members.enumerated() { block[node] = cuts.count { $0 <= place } }

        let sizes = (0...cuts.count).map { number in Double(block.count { $0 == number }) }
        let within = sizes.reduce(0) { $0 + $1 * ($1 - 1) / 2 }
        let between = Double(d * (d - 1)) / 2 - within
        let expected = within + damping * between
        let probability = expected > 0 ? min(0.99, e * Double(d) / expected) : 0
        var edges: [Edge] = []
        for earlier in 0..<d {
            for later in earlier + 1..<d {
                let same = block[earlier] == block[later]
                if stream.bernoulli(same ? probability : damping * probability) { edges.append(Edge(earlier, later)) }
            }
        }
        return DirectedGraph(nodeCount: d, edges: edges)
    }

    /// Uniform points in the unit square, linked where they are less than `radius` apart, from left to right.
    static func geometric(_ d: Int, radius: Double, _ stream: inout RandomStream) -> DirectedGraph {
        let x = (0..<d).map { _ in stream.uniform() }.sorted()
        let y = (0..<d).map { _ in stream.uniform() }
        var edges: [Edge] = []
        for left in 0..<d {
            for right in left + 1..<d {
                let (dx, dy) = (x[right] - x[left], y[right] - y[left])
                if dx >= radius { break }
                if dx * dx + dy * dy < radius * radius { edges.append(Edge(left, right)) }
            }
        }
        return DirectedGraph(nodeCount: d, edges: edges)
    }
}
