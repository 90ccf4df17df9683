/// Groups of nodes that lie on common cycles.
extension DirectedGraph {
    /// The strongly connected components, each rising, by their first node: two nodes share one where each leads to the
    /// other (Kosaraju & Sharir 1981).
    public var strongComponents: [[Int]] {
        var component = [Int?](repeating: nil, count: nodeCount)
        var components: [[Int]] = []
        for root in finishingOrder.reversed() where component[root] == nil {
            var members: [Int] = []
            var waiting = [root]
            component[root] = components.count
            while let node = waiting.popLast() {
                members.append(node)
                for parent in parents[node] where component[parent] == nil {
                    component[parent] = components.count
                    waiting.append(parent)
                }
            }
            components.append(members.sorted())
        }
        return components.sorted { $0[0] < $1[0] }
    }

    /// Nodes in the order in which a walk downwards in depth leaves them for good.
    private var finishingOrder: [Int] {
        var order: [Int] = []
        var isSeen = Array(repeating: false, count: nodeCount)
        for root in parents.indices where !isSeen[root] {
            isSeen[root] = true
            var path = [(node: root, next: 0)]
            while let (node, next) = path.last {
                guard next < children[node].count else {
                    order.append(node)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let child = children[node][next]
                if !isSeen[child] {
                    isSeen[child] = true
                    path.append((child, 0))
                }
            }
        }
        return order
    }
}
