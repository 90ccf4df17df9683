import Graphs
import Interventions

/// Directed paths along which interventions reach genes, over all graphs of a model.
struct EffectPaths: Sendable {
    private let genes: [String]
    private let graphs: [DirectedGraph]
    /// Causes first, of each graph.
    private let orders: [[Int]]
    /// Of every edge that stands in some graph, in the scale of the screen.
    private let effects: [Edge: Double]

    init(_ model: any PerturbationModel) {
        self.init(genes: model.genes, graphs: model.graphs) { model.effect(of: $0.source, on: $0.target) }
    }

    init(genes: [String], graphs all: [DirectedGraph], effect: (Edge) -> Double) {
        self.genes = genes
        // A graph with a cycle has no order, and no paths that end.
        let ordered = all.compactMap { graph in graph.topologicalOrder.map { (graph, $0) } }
        graphs = ordered.map(\.0)
        orders = ordered.map(\.1)
        effects = Dictionary(uniqueKeysWithValues: Set(graphs.flatMap(\.edges)).map { ($0, effect($0)) })
    }

    /// The share of the graphs in which the edge stands.
    func share(_ edge: Edge) -> Double { share { $0[edge.source, edge.target] } }

    /// Of each graph the path on which the product of effects is largest; those that are probable and strong first.
    func strongest(from source: Int, to target: Int, atMost count: Int) -> [PerturbationExplanation.Path] {
        var found: Set<[Int]> = []
        for (graph, order) in zip(graphs, orders) {
            if let path = strongest(from: source, to: target, graph, order) { found.insert(path) }
        }
        let paths = found.map { path -> (path: [Int], effect: Double, share: Double) in
            let edges = zip(path, path.dropFirst()).map { Edge($0, $1) }
            return (
                path, edges.reduce(1) { $0 * (effects[$1] ?? 0) },
                share { graph in edges.allSatisfy { graph[$0.source, $0.target] } }
            )
        }
        return paths.sorted { a, b in
            let (first, second) = (abs(a.effect) * a.share, abs(b.effect) * b.share)
            return first == second ? a.path.lexicographicallyPrecedes(b.path) : first > second
        }
        .prefix(count).map { one in
            PerturbationExplanation.Path(
                genes: one.path.map { genes[$0] }, effect: one.effect, probability: one.share)
        }
    }

    private func share(_ isTrue: (DirectedGraph) -> Bool) -> Double {
        graphs.isEmpty ? 0 : Double(graphs.count(where: isTrue)) / Double(graphs.count)
    }

    /// Graphs have no cycles, so the best path to a gene goes over the best path to one of its regulators.
    private func strongest(from source: Int, to target: Int, _ graph: DirectedGraph, _ order: [Int]) -> [Int]? {
        var sizes = [Double](repeating: 0, count: genes.count)
        var before = [Int?](repeating: nil, count: genes.count)
        sizes[source] = 1
        for gene in order where gene != source {
            for parent in graph.parents[gene] {
                let size = sizes[parent] * abs(effects[Edge(parent, gene)] ?? 0)
                if size > sizes[gene] { (sizes[gene], before[gene]) = (size, parent) }
            }
        }
        guard sizes[target] > 0, source != target else { return nil }
        var path = [target]
        while let parent = before[path[path.count - 1]] { path.append(parent) }
        return path.reversed()
    }
}
