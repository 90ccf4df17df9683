import Networks
import Probability
import Structure

/// Greedy search for the acyclic graph of the best Bayesian information criterion, on bootstraps of the cells.
///
/// Linear Gaussian mechanisms; each gene is scored on its own cells, those in which it was not intervened on. A score is
/// the share of bootstraps whose graph has the edge. Without interventions the criterion is blind to the direction of
/// many edges; `GreedySearch` says what decides there.
struct HillClimbing: DiscoveryMethod {
    static let bootstraps = 20
    let mostGenes = 2000

    func scores(of data: DiscoveryData, stream: RandomStream, workers: Workers) -> Scores {
        let d = data.genes
        let precision = ShrunkCorrelations(data).precision
        let predictability = (0..<d).map { 1 - 1 / precision[$0, $0] }
        let graphs = workers.map(Self.bootstraps) { _, number in
            var stream = stream.stream(number)
            let covariances = BootstrapCovariances(
                data.standardised, width: 1, intervenedCells: data.intervenedCells,
                times: BootstrapCovariances.draw(data.cells, &stream))
            return GreedySearch(covariances, predictability: predictability).adjacency
        }
        return Scores(values: shares(of: graphs, genes: d))
    }
}

/// For each pair the share of graphs that have its edge.
func shares(of graphs: [[Bool]], genes d: Int) -> [Double] {
    (0..<d * d).map { pair in Double(graphs.count { $0[pair] }) / Double(graphs.count) }
}
