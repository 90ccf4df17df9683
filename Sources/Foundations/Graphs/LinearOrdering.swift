/// Orders of nodes that lose little weight: an edge is lost where its target stands before its source.
///
/// The least loss over all orders is the weight of a minimum feedback arc set (Karp 1972: NP-hard).
struct LinearOrdering {
    let count: Int
    /// count × count, row = source; not negative.
    let weights: [Double]

    init(count: Int, weights: [Double]) {
        precondition(weights.count == count * count, "\(count)² weights, not \(weights.count)")
        self.count = count
        self.weights = weights
    }

    /// What an order loses.
    func loss(_ order: [Int]) -> Double {
        var sum = 0.0
        for (place, node) in order.enumerated() {
            for earlier in order[..<place] { sum += weights[node * count + earlier] }
        }
        return sum
    }

    /// The best order, by dynamic programming over the sets of nodes that may come first (Held & Karp 1962): 2ᵏ k² steps
    /// and 2ᵏ numbers for k nodes.
    var best: [Int] {
        precondition(count < 24, "2^\(count) sets are too many")
        let sets = 1 << count
        var least = [Double](repeating: .infinity, count: sets)
        var last = [UInt8](repeating: 0, count: sets)
        least[0] = 0
        for set in 1..<max(1, sets) {
            for node in 0..<count where set >> node & 1 == 1 {
                let earlier = set & ~(1 << node)
                var loss = least[earlier]
                var rest = earlier
                while rest != 0 {
                    loss += weights[node * count + rest.trailingZeroBitCount]
                    rest &= rest - 1
                }
                // Where two may stand last, the later one does.
                if loss <= least[set] {
                    least[set] = loss
                    last[set] = UInt8(node)
                }
            }
        }
        var order: [Int] = []
        var set = sets - 1
        while set != 0 {
            order.append(Int(last[set]))
            set &= ~(1 << Int(last[set]))
        }
        return order.reversed()
    }

    /// A good order: that of `greedy`, then one node after another is moved to the place where least is lost, until no
    /// move helps. Every move gains, so this ends.
    var improved: [Int] {
        var order = greedy
        var hasMoved = true
        while hasMoved {
            hasMoved = false
            for node in 0..<count {
                let place = order.firstIndex(of: node)!
                let better = betterPlace(of: node, at: place, in: order)
                if better != place {
                    order.remove(at: place)
                    order.insert(node, at: better)
                    hasMoved = true
                }
            }
        }
        return order
    }

    /// The place of least loss for a node when all others keep their order; its own where none is better.
    private func betterPlace(of node: Int, at place: Int, in order: [Int]) -> Int {
        // Gains below this are rounding, after which moves might go round in circles.
        var (best, bestChange) = (place, -1e-9)
        func look(_ step: Int, _ change: inout Double, sign: Double) {
            change += sign * (weights[order[step] * count + node] - weights[node * count + order[step]])
            if change < bestChange { (best, bestChange) = (step, change) }
        }
        var change = 0.0
        for step in stride(from: place - 1, through: 0, by: -1) { look(step, &change, sign: 1) }
        change = 0
        for step in stride(from: place + 1, to: count, by: 1) { look(step, &change, sign: -1) }
        return best
    }

    /// Takes edges by falling weight, each unless it closes a cycle with those taken.
    private var greedy: [Int] {
        let words = (count + 63) / 64
        // A bit for each node that can be reached, the node itself among them.
        var reached = (0..<count).map { node in
            var bits = [UInt64](repeating: 0, count: words)
            bits[node / 64] = 1 << UInt64(node % 64)
            return bits
        }
        func reaches(_ source: Int, _ target: Int) -> Bool {
            reached[source][target / 64] >> UInt64(target % 64) & 1 == 1
        }
        let edges = weights.indices.filter { weights[$0] > 0 }.sorted { (weights[$0], $1) > (weights[$1], $0) }
        for (source, target) in edges.map({ ($0 / count, $0 % count) })
        where !reaches(target, source) && !reaches(source, target) {
            let more = reached[target]
            for node in 0..<count where reaches(node, source) {
                for word in 0..<words { reached[node][word] |= more[word] }
            }
        }
        // Whoever comes earlier reaches more.
        let sizes = reached.map { bits in bits.reduce(0) { $0 + $1.nonzeroBitCount } }
        return (0..<count).sorted { (sizes[$0], $1) > (sizes[$1], $0) }
    }
}
