/// Orders, ancestry and paths.
extension DirectedGraph {
    /// The nodes with a directed path of at least one edge to `node`, rising; `node` itself only where it lies on a cycle.
    public func ancestors(of node: Int) -> [Int] { reachable(from: node, through: parents) }

    /// The nodes reached from `node` by a directed path of at least one edge, rising.
    public func descendants(of node: Int) -> [Int] { reachable(from: node, through: children) }

    private func reachable(from start: Int, through next: [[Int]]) -> [Int] {
        var seen = Array(repeating: false, count: nodeCount)
        var waiting = next[start]
        while let node = waiting.popLast() {
            if seen[node] { continue }
            seen[node] = true
            waiting.append(contentsOf: next[node])
        }
        return seen.indices.filter { seen[$0] }
    }

    /// Parents before children (Kahn 1962), waiting nodes first come first served; nil where a cycle forbids it.
    public var topologicalOrder: [Int]? {
        let order = nodesOffCycles
        return order.count == nodeCount ? order : nil
    }

    /// A node that is its own ancestor; nil where there is none.
    public var nodeOnCycle: Int? { cycle?.first }

    /// Nodes of which each is a parent of the next and the last one of the first; nil where there is no cycle.
    public var cycle: [Int]? {
        var isLeft = Array(repeating: true, count: nodeCount)
        for node in nodesOffCycles { isLeft[node] = false }
        // Each of those left has a parent among them, so whoever walks upwards comes round.
        guard var node = isLeft.firstIndex(of: true) else { return nil }
        var walked: [Int] = []
        while !walked.contains(node) {
            walked.append(node)
            node = parents[node].first { isLeft[$0] }!
        }
        return walked[walked.firstIndex(of: node)!...].reversed()
    }

    /// The nodes that no cycle leads to, parents before children.
    private var nodesOffCycles: [Int] {
        var missing = parents.map(\.count)
        var order = missing.indices.filter { missing[$0] == 0 }
        var position = 0
        while position < order.count {
            for child in children[order[position]] {
                missing[child] -= 1
                if missing[child] == 0 { order.append(child) }
            }
            position += 1
        }
        return order
    }

    public var isAcyclic: Bool { topologicalOrder != nil }

    /// Directed paths without repeated nodes, as their nodes from source to target, shortest first and then in the order
    /// of nodes; at most `limit` of them, of at most `maximumLength` edges.
    public func paths(
        from source: Int, to target: Int, maximumLength: Int = .max, limit: Int = 1000
    ) -> [[Int]] {
        // Only nodes on the way are walked, level by level, so the shortest come first.
        let useful = Set(ancestors(of: target) + [target])
        var found: [[Int]] = []
        var level = [[source]]
        var length = 0
        while !level.isEmpty, length < maximumLength, found.count < limit {
            var next: [[Int]] = []
            for path in level {
                for child in children[path.last!] where useful.contains(child) && !path.contains(child) {
                    if child == target { found.append(path + [child]) } else { next.append(path + [child]) }
                }
            }
            level = next
            length += 1
        }
        return Array(found.prefix(limit))
    }
}
