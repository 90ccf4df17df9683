import Networks
import Probability

/// Greedy search for the acyclic graph of the best Bayesian information criterion, on bootstraps of the cells.
///
/// Linear Gaussian mechanisms; each gene is scored on its own cells, those in which it was not intervened on. A score
/// is the share of bootstraps whose graph has the edge. Where the criterion is blind to a direction, each bootstrap
/// takes one by an order of the genes of its own, so that such an edge counts about half in both.
struct HillClimbing: DiscoveryMethod {
    static let bootstraps = 20
    let mostGenes = 1000

    func scores(of data: DiscoveryData, stream: RandomStream, workers: Workers) -> Scores {
        let d = data.genes
        let graphs = workers.map(Self.bootstraps) { _, number in
            var stream = stream.stream(number)
            let covariances = BootstrapCovariances(
                data.standardised, width: 1, intervenedCells: data.intervenedCells,
                times: BootstrapCovariances.draw(data.cells, &stream))
            return GreedySearch(covariances, ties: (0..<d).map { _ in stream.uniform() }).adjacency
        }
        return Scores(values: shares(of: graphs, genes: d))
    }
}

/// For each pair the share of graphs that have its edge.
func shares(of graphs: [[Bool]], genes d: Int) -> [Double] {
    (0..<d * d).map { pair in Double(graphs.count { $0[pair] }) / Double(graphs.count) }
}
