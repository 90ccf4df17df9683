import Networks
import Probability

/// Absolute Pearson correlation over all cells: the same score for both directions.
struct Correlations: DiscoveryMethod {
    let mostGenes = 5000

    func scores(of data: DiscoveryData, stream: RandomStream, workers: Workers) -> Scores {
        Scores(values: data.correlations.values.map(abs))
    }
}
