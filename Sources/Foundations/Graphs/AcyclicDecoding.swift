import Foundation

/// The most probable acyclic graph under beliefs about edges, and what had to be left out for it.
///
/// With edges taken as independent, an acyclic graph is the more probable the larger the sum of log p/(1 − p) over its
/// edges. Only edges above one half add to that sum, so the best graph holds these, less the set of least total log-odds
/// that breaks all their cycles. Cycles lie within strong components; in those of at most `exactSize` genes that set is
/// exact, in larger ones an order of the genes is improved gene by gene until no move helps.
///
/// No edge that was dropped could be put back without closing a cycle.
public struct AcyclicDecoding: Sendable, Equatable {
    /// An edge above one half that closes a cycle with edges that were kept.
    public struct Dropped: Sendable, Equatable {
        public let edge: Edge
        public let probability: Float
        /// The nodes of a shortest such cycle: source, target, …, source.
        public let cycle: [Int]
    }

    public let graph: DirectedGraph
    /// By falling probability.
    public let dropped: [Dropped]
    /// Whether no acyclic graph is more probable; else one may be.
    public let isExact: Bool

    /// Components of more genes than this are too many for all their orders.
    public static let exactSize = 16

    public init(_ beliefs: EdgeBeliefs) { self.init(beliefs, exactSize: Self.exactSize) }

    init(_ beliefs: EdgeBeliefs, exactSize: Int) {
        let count = beliefs.genes.count
        let candidates = DirectedGraph(nodeCount: count, adjacency: beliefs.probabilities.map { $0 > 0.5 })
        var rank = Array(0..<count)
        var isExact = true
        let components = candidates.strongComponents
        for component in components where component.count > 1 {
            let weights = component.flatMap { source in
                component.map { source == $0 ? 0 : max(0, Self.logOdds(beliefs[source, $0])) }
            }
            let ordering = LinearOrdering(count: component.count, weights: weights)
            let isSmall = component.count <= exactSize
            isExact = isExact && isSmall
            for (place, member) in (isSmall ? ordering.best : ordering.improved).enumerated() {
                rank[component[member]] = place
            }
        }
        let component = Self.numbers(of: components, count: count)
        func isForward(_ edge: Edge) -> Bool {
            component[edge.source] != component[edge.target] || rank[edge.source] < rank[edge.target]
        }
        var children = candidates.children.enumerated().map { source, targets in
            targets.filter { isForward(Edge(source, $0)) }
        }
        var dropped: [Dropped] = []
        let backward = candidates.edges.filter { !isForward($0) }
            .sorted { (beliefs[$0.source, $0.target], $1) > (beliefs[$1.source, $1.target], $0) }
        for edge in backward {
            if let path = Self.shortestPath(from: edge.target, to: edge.source, children: children) {
                dropped.append(
                    Dropped(edge: edge, probability: beliefs[edge.source, edge.target], cycle: [edge.source] + path))
            } else {
                children[edge.source].append(edge.target)
            }
        }
        graph = DirectedGraph(
            nodeCount: count, edges: children.indices.flatMap { source in children[source].map { Edge(source, $0) } })
        self.dropped = dropped
        self.isExact = isExact
    }

    /// log p/(1 − p); a probability that is 1 in single precision counts as the one below it.
    private static func logOdds(_ probability: Float) -> Double {
        let p = min(Double(probability), 1 - 0x1p-24)
        return log(p / (1 - p))
    }

    private static func numbers(of components: [[Int]], count: Int) -> [Int] {
        var result = Array(repeating: 0, count: count)
        for (number, component) in components.enumerated() { for node in component { result[node] = number } }
        return result
    }

    /// The nodes of a path with fewest edges; nil where there is none.
    private static func shortestPath(from source: Int, to target: Int, children: [[Int]]) -> [Int]? {
        var previous = [Int?](repeating: nil, count: children.count)
        var waiting = [source]
        var position = 0
        while position < waiting.count, previous[target] == nil {
            let node = waiting[position]
            position += 1
            for child in children[node] where previous[child] == nil && child != source {
                previous[child] = node
                waiting.append(child)
            }
        }
        guard previous[target] != nil else { return nil }
        var path = [target]
        while let node = previous[path.last!] { path.append(node) }
        return path.reversed()
    }
}
