/// Where the nodes of a directed graph stand when it is drawn from top to bottom.
///
/// Sugiyama, Tagawa, Toda, "Methods for visual understanding of hierarchical system structures" (IEEE SMC, 1981):
/// cycles are broken at their weakest edge, nodes take the earliest layer below all their parents that still has room,
/// long edges pass through a bend in every layer between, crossings are reduced by sweeps of barycentres (the best order
/// seen is kept), and places are smoothed while neighbours keep their distance; layers between which many edges run stand
/// farther apart. The same input gives the same layout.
///
/// Edge cases: self-edges are ignored; edges that close a cycle point upwards; a layer never holds more than
/// `layerCapacity` nodes.
struct LayeredLayout {
    /// An edge with the points it passes, from its source to its target; edges that meet at a node end side by side.
    struct Route: Equatable {
        var edge: Int
        var points: [(x: Double, y: Double)]
        /// Whether the edge closes a cycle and so points upwards.
        var upward: Bool

        static func == (a: Route, b: Route) -> Bool {
            a.edge == b.edge && a.upward == b.upward && a.points.map(\.x) == b.points.map(\.x)
                && a.points.map(\.y) == b.points.map(\.y)
        }
    }

    static let layerCapacity = 9
    static let layerDistance = 78.0
    static let gap = 16.0

    /// The layer of each node, from 0 at the top.
    let layers: [Int]
    /// Centres of the nodes.
    let centres: [(x: Double, y: Double)]
    let routes: [Route]
    let width: Double
    let height: Double

    /// - Parameters:
    ///   - widths: the nodes' widths in pixels.
    ///   - edges: pairs of node indices; an index out of range is the caller's mistake.
    ///   - weights: one an edge; of the edges of a cycle the lightest points upwards.
    init(widths: [Double], edges: [(source: Int, target: Int)], weights: [Double]) {
        let count = widths.count
        precondition(weights.count == edges.count, "\(weights.count) weights for \(edges.count) edges")
        for edge in edges {
            precondition(
                (0..<count).contains(edge.source) && (0..<count).contains(edge.target),
                "edge \(edge.source) → \(edge.target) in a graph of \(count) nodes")
        }
        let upward = LayeredLayout.cycleClosing(count: count, edges: edges, weights: weights)
        var downEdges: [(edge: Int, from: Int, to: Int)] = []
        for (index, edge) in edges.enumerated() where edge.source != edge.target {
            downEdges.append(
                upward[index] ? (index, edge.target, edge.source) : (index, edge.source, edge.target))
        }
        let layer = LayeredLayout.assignLayers(count: count, edges: downEdges.map { ($0.from, $0.to) })

        // Nodes and bends in one list: bends are thin.
        var places = (0..<count).map { Place(layer: layer[$0], width: widths[$0]) }
        var chains: [[Int]] = []
        for edge in downEdges {
            var chain = [edge.from]
            for between in (layer[edge.from] + 1)..<max(layer[edge.from] + 1, layer[edge.to]) {
                places.append(Place(layer: between, width: 6, isBend: true))
                chain.append(places.count - 1)
            }
            chain.append(edge.to)
            for (a, b) in zip(chain, chain.dropFirst()) {
                places[a].below.append(b)
                places[b].above.append(a)
            }
            chains.append(chain)
        }
        let rows = LayeredLayout.order(places)
        let xs = LayeredLayout.spread(places, rows: rows)
        let levels = LayeredLayout.levels(places)
        let ys = places.map { levels[$0.layer] }
        layers = layer
        centres = (0..<count).map { (xs[$0], ys[$0]) }
        let straight = zip(downEdges, chains).map { edge, chain in
            let points = chain.map { (x: xs[$0], y: ys[$0]) }
            return Route(
                edge: edge.edge, points: upward[edge.edge] ? points.reversed() : points, upward: upward[edge.edge])
        }
        routes = LayeredLayout.spreadEnds(straight, edges: edges, widths: widths)
        width = (places.indices.map { xs[$0] + places[$0].width / 2 }.max() ?? 0) + 16
        height = (ys.max() ?? 0) + 22
    }

    /// The height of each layer: a hundred edges between two layers double their distance.
    private static func levels(_ places: [Place]) -> [Double] {
        var between = [Double](repeating: 0, count: (places.map(\.layer).max() ?? 0) + 1)
        for place in places { between[place.layer] += Double(place.below.count) }
        var levels = [22.0]
        for edges in between.dropLast() {
            levels.append((levels.last ?? 0) + layerDistance * (1 + min(1, edges / 100)))
        }
        return levels
    }

    /// Lets the edges that meet on one side of a node end side by side, in the order in which they arrive.
    private static func spreadEnds(
        _ routes: [Route], edges: [(source: Int, target: Int)], widths: [Double]
    ) -> [Route] {
        struct End {
            let route: Int
            let isTarget: Bool
            let from: Double
        }
        // Two sides a node: above and below.
        var sides = [[End]](repeating: [], count: 2 * widths.count)
        for (index, route) in routes.enumerated() {
            let edge = edges[route.edge]
            let last = route.points.count - 1
            sides[2 * edge.source + (route.upward ? 0 : 1)].append(
                End(route: index, isTarget: false, from: route.points[1].x))
            sides[2 * edge.target + (route.upward ? 1 : 0)].append(
                End(route: index, isTarget: true, from: route.points[last - 1].x))
        }
        var spread = routes
        for (side, ends) in sides.enumerated() where ends.count > 1 {
            let step = min(13, (widths[side / 2] - 20) / Double(ends.count - 1))
            for (slot, end) in ends.sorted(by: { ($0.from, $0.route) < ($1.from, $1.route) }).enumerated() {
                let place = end.isTarget ? spread[end.route].points.count - 1 : 0
                spread[end.route].points[place].x += (Double(slot) - Double(ends.count - 1) / 2) * step
            }
        }
        return spread
    }

    private struct Place {
        var layer: Int
        var width: Double
        var isBend = false
        var above: [Int] = []
        var below: [Int] = []
    }

    /// Marks the edges that close a cycle with edges of more weight: those are drawn upwards.
    private static func cycleClosing(count: Int, edges: [(source: Int, target: Int)], weights: [Double]) -> [Bool] {
        var outgoing = [[Int]](repeating: [], count: count)
        var closing = [Bool](repeating: false, count: edges.count)
        for index in edges.indices.sorted(by: { (weights[$1], $0) < (weights[$0], $1) }) {
            let edge = edges[index]
            guard edge.source != edge.target else { continue }
            var seen = Set([edge.target])
            var stack = [edge.target]
            while let node = stack.popLast(), !closing[index] {
                closing[index] = node == edge.source
                for next in outgoing[node] where seen.insert(next).inserted { stack.append(next) }
            }
            if closing[index] {
                outgoing[edge.target].append(edge.source)
            } else {
                outgoing[edge.source].append(edge.target)
            }
        }
        return closing
    }

    /// The earliest layer below all parents that has room; `edges` hold no cycle.
    private static func assignLayers(count: Int, edges: [(from: Int, to: Int)]) -> [Int] {
        var waiting = [Int](repeating: 0, count: count)
        var children = [[Int]](repeating: [], count: count)
        for edge in edges {
            waiting[edge.to] += 1
            children[edge.from].append(edge.to)
        }
        let parents = waiting
        var layer = [Int](repeating: 0, count: count)
        var filled: [Int] = []
        var ready = (0..<count).filter { waiting[$0] == 0 }
        while !ready.isEmpty {
            var next: [Int] = []
            // Those with most children first: they are the ones that should stand high.
            for node in ready.sorted(by: { (-children[$0].count, $0) < (-children[$1].count, $1) }) {
                while layer[node] < filled.count && filled[layer[node]] >= layerCapacity { layer[node] += 1 }
                while filled.count <= layer[node] { filled.append(0) }
                filled[layer[node]] += 1
                for child in children[node] {
                    layer[child] = max(layer[child], layer[node] + 1)
                    waiting[child] -= 1
                    if waiting[child] == 0 { next.append(child) }
                }
            }
            ready = next
        }
        // A node that acts on others more than others act on it comes down to just above its first child.
        for node in (0..<count).sorted(by: { (-layer[$0], $0) < (-layer[$1], $1) }) {
            guard let first = children[node].map({ layer[$0] }).min(), children[node].count > parents[node] else {
                continue
            }
            if let free = (layer[node]..<first).last(where: { $0 == layer[node] || filled[$0] < layerCapacity }) {
                filled[layer[node]] -= 1
                filled[free] += 1
                layer[node] = free
            }
        }
        // Layers that this emptied are closed up.
        var rank: [Int] = []
        for load in filled { rank.append((rank.last ?? -1) + (load > 0 ? 1 : 0)) }
        return layer.map { rank.isEmpty ? 0 : rank[$0] }
    }

    /// Orders each layer by sweeps of barycentres and keeps the order with fewest crossings.
    private static func order(_ places: [Place]) -> [[Int]] {
        let depth = (places.map(\.layer).max() ?? -1) + 1
        var rows = [[Int]](repeating: [], count: depth)
        for (index, place) in places.enumerated() { rows[place.layer].append(index) }
        var best = rows
        var fewest = crossings(rows, places)
        for sweep in 0..<24 where fewest > 0 {
            let down = sweep % 2 == 0
            for row in down ? Array(rows.indices) : rows.indices.reversed() {
                var rank = [Double](repeating: 0, count: places.count)
                for other in rows { for (slot, node) in other.enumerated() { rank[node] = Double(slot) } }
                let keys = rows[row].map { node -> Double in
                    let neighbours = down ? places[node].above : places[node].below
                    guard !neighbours.isEmpty else { return rank[node] }
                    return neighbours.reduce(0) { $0 + rank[$1] } / Double(neighbours.count)
                }
                let sorted = rows[row].indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
                rows[row] = sorted.map { rows[row][$0] }
            }
            let found = crossings(rows, places)
            if found < fewest { (best, fewest) = (rows, found) }
        }
        // Neighbours change places where that removes a crossing; only the layers beside theirs need counting.
        for _ in 0..<8 where fewest > 0 {
            let before = fewest
            for row in best.indices {
                let beside = Array(best[max(0, row - 1)...min(depth - 1, row + 1)].indices)
                func local() -> Int { crossings(beside.map { best[$0] }, places) }
                var count = local()
                for slot in best[row].indices.dropLast() {
                    best[row].swapAt(slot, slot + 1)
                    let found = local()
                    if found < count {
                        fewest -= count - found
                        count = found
                    } else {
                        best[row].swapAt(slot, slot + 1)
                    }
                }
            }
            if fewest == before { break }
        }
        return best
    }

    /// Pairs of edges that cross between one and the next of these neighbouring layers.
    private static func crossings(_ rows: [[Int]], _ places: [Place]) -> Int {
        var total = 0
        for (row, below) in zip(rows, rows.dropFirst()) {
            var rank: [Int: Int] = [:]
            for (slot, node) in below.enumerated() { rank[node] = slot }
            // Ends in order of the upper layer: an earlier end further right is a crossing.
            var ends: [Int] = []
            for node in row {
                let own = places[node].below.compactMap { rank[$0] }
                for end in own { for earlier in ends where earlier > end { total += 1 } }
                ends += own
            }
        }
        return total
    }

    /// Places along each layer: every place is drawn towards the mean of its neighbours, then pushed apart both ways.
    private static func spread(_ places: [Place], rows: [[Int]]) -> [Double] {
        var x = [Double](repeating: 0, count: places.count)
        func distance(_ a: Int, _ b: Int) -> Double { (places[a].width + places[b].width) / 2 + gap }
        for row in rows {
            var at = 0.0
            for (slot, node) in row.enumerated() {
                if slot > 0 { at += distance(row[slot - 1], node) }
                x[node] = at
            }
            for node in row { x[node] -= at / 2 }
        }
        for pass in 0..<40 {
            for row in pass % 2 == 0 ? rows : rows.reversed() where !row.isEmpty {
                let wanted = row.map { node -> Double in
                    let neighbours = places[node].above + places[node].below
                    guard !neighbours.isEmpty else { return x[node] }
                    // Bends pull on bends, so that long edges run straight.
                    let pulls = neighbours.map { ($0, places[node].isBend && places[$0].isBend ? 4.0 : 1) }
                    return pulls.reduce(0) { $0 + x[$1.0] * $1.1 } / pulls.reduce(0) { $0 + $1.1 }
                }
                // The mean of the placement pushed rightwards and the one pushed leftwards keeps both distance and balance.
                var right = wanted
                for slot in row.indices.dropFirst() {
                    right[slot] = max(right[slot], right[slot - 1] + distance(row[slot - 1], row[slot]))
                }
                var left = wanted
                for slot in row.indices.dropLast().reversed() {
                    left[slot] = min(left[slot], left[slot + 1] - distance(row[slot], row[slot + 1]))
                }
                for (slot, node) in row.enumerated() { x[node] = (right[slot] + left[slot]) / 2 }
            }
        }
        let edge = places.indices.map { x[$0] - places[$0].width / 2 }.min() ?? 0
        return x.map { $0 - edge + 16 }
    }
}
