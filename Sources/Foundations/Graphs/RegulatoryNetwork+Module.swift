import Probability

extension RegulatoryNetwork {
    /// A part of the network, without cycles.
    public struct Module: Sendable, Equatable {
        /// Over the genes in the order of `genes`.
        public let graph: DirectedGraph
        public let genes: [String]
        /// Of every edge of `graph`.
        public let effects: [Edge: Effect]
    }

    /// A module of d genes: it begins with a regulator drawn at random and grows by one neighbour after another, drawn from
    /// those that keep it most modular; it has all edges of the network between its genes but those that close a cycle.
    ///
    /// Marbach et al. 2009, "Generating realistic in silico gene networks for performance assessment of reverse engineering
    /// methods" (GeneNetWeaver), as Lorch et al. 2022 use it: neighbours and modularity (Newman 2006) are those of the
    /// undirected network. With a the adjacency, k the degrees, m the number of links, B = a − k kᵀ/2m and s = ±1 inside and
    /// outside, sᵀB s/4m changes when gene v joins the set S by
    ///
    ///     (8 a(v, S) − 4 k_v k(S)/m − 2 k_v²/m) / 4m.
    ///
    /// The ⌊topShare · candidates⌋ + 1 best candidates are equally likely; ties at the edge of the choice are broken at
    /// random. Where no gene borders on the module, all others are candidates.
    public func module(of d: Int, topShare: Double, stream: inout RandomStream) -> Module {
        precondition(d > 0 && d <= genes.count && (0...1).contains(topShare), "\(d) of \(genes.count) genes")
        let degrees = neighbours.map { Double($0.count) }
        let links = degrees.reduce(0, +) / 2

        let seeds = regulators.isEmpty ? Array(genes.indices) : regulators
        var isMember = Array(repeating: false, count: genes.count)
        var linksInside = Array(repeating: 0, count: genes.count)
        var border: Set<Int> = []
        var members: [Int] = []
        var memberDegrees = 0.0
        func add(_ gene: Int) {
            isMember[gene] = true
            members.append(gene)
            memberDegrees += degrees[gene]
            border.remove(gene)
            for neighbour in neighbours[gene] {
                linksInside[neighbour] += 1
                if !isMember[neighbour] { border.insert(neighbour) }
            }
        }
        add(seeds[stream.index(below: seeds.count)])
        while members.count < d {
            var candidates = border.sorted()
            if candidates.isEmpty { candidates = genes.indices.filter { !isMember[$0] } }
            func gain(_ gene: Int) -> Double {
                8 * Double(linksInside[gene])
                    - (4 * degrees[gene] * memberDegrees + 2 * degrees[gene] * degrees[gene]) / max(1, links)
            }
            let gains = candidates.map(gain)
            let chosen = Int(topShare * Double(candidates.count)) + 1
            let threshold = gains.sorted(by: >)[min(chosen, gains.count) - 1]
            var best = candidates.indices.filter { gains[$0] > threshold }
            let tied = candidates.indices.filter { gains[$0] == threshold }
            best += stream.choice(min(chosen, gains.count) - best.count, of: tied.count).map { tied[$0] }
            add(candidates[best[stream.index(below: best.count)]])
        }
        return cut(members.sorted(), stream: &stream)
    }

    /// The network between these genes, without the edges that lead back to a gene whose descendants a depth-first walk
    /// from genes in random order is still following.
    private func cut(_ members: [Int], stream: inout RandomStream) -> Module {
        let d = members.count
        let place = Dictionary(uniqueKeysWithValues: members.enumerated().map { ($1, $0) })
        let children = members.map { gene in graph.children[gene].compactMap { place[$0] } }
        enum State { case waiting, open, done }
        var state = Array(repeating: State.waiting, count: d)
        var edges: [Edge] = []
        for root in stream.permutation(d) where state[root] == .waiting {
            state[root] = .open
            var path = [(node: root, next: 0)]
            while let (node, next) = path.last {
                guard next < children[node].count else {
                    state[node] = .done
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let child = children[node][next]
                if state[child] != .open { edges.append(Edge(node, child)) }
                if state[child] == .waiting {
                    state[child] = .open
                    path.append((child, 0))
                }
            }
        }
        return Module(
            graph: DirectedGraph(nodeCount: d, edges: edges), genes: members.map { genes[$0] },
            effects: Dictionary(
                uniqueKeysWithValues: edges.map { ($0, effects[Edge(members[$0.source], members[$0.target])]!) }))
    }
}
