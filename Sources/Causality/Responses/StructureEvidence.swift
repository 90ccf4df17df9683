import Concurrency
import Graphs

/// What regressions along an order say for every edge and every target.
struct StructureEvidence: Sendable {
    /// genes × genes, row = source; −∞ where an edge would close a cycle.
    let edges: [Double]
    /// perturbations × genes.
    let targets: [Double]

    init(_ regressions: [SparseRegression], _ system: ResponseSystem, workers: Int) {
        let d = system.genes
        let parents = regressions.map { regression in
            Set(regression.active.compactMap { system.gene(ofColumn: $0) }).sorted()
        }
        let graph = DirectedGraph(
            nodeCount: d, edges: parents.indices.flatMap { target in parents[target].map { Edge($0, target) } })
        let rows = concurrentMap(d, workers: workers) { gene in
            let regression = regressions[gene]
            let closed = Set(graph.descendants(of: gene))
            let edges = (0..<d).map { other -> Double in
                if other == gene || closed.contains(other) { return -.infinity }
                let columns = system.columns(ofGene: other)
                guard regression.hasActive(columns) else {
                    return columns.map { regression.openGain($0, system) }.max() ?? -.infinity
                }
                var changed = regression
                _ = changed.permit(columns, false, system)
                return regression.score - changed.score
            }
            return (edges: edges, targets: Self.targets(of: regression, system))
        }
        edges = (0..<d * d).map { rows[$0 % d].edges[$0 / d] }
        targets = (0..<system.perturbations * d).map { rows[$0 % d].targets[$0 / d] }
    }

    /// Of each perturbation: log odds that it targets the gene, all else as it is.
    static func targets(of regression: SparseRegression, _ system: ResponseSystem) -> [Double] {
        let drops = Dictionary(
            uniqueKeysWithValues: zip(regression.active, regression.dropGains(system)))
        return (0..<system.perturbations).map { k in
            let column = system.column(ofPerturbation: k)
            return drops[column].map { -$0 } ?? regression.openGain(column, system)
        }
    }
}
