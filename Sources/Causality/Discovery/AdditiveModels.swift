import Foundation
import Networks
import Probability

/// Causal additive models: each gene is a sum of smooth functions of its parents and Gaussian noise.
///
/// Bühlmann, Peters & Ernest 2014, "CAM: Causal additive models, high-dimensional order search and penalized
/// regression".
///
/// | paper | code | meaning |
/// |---|---|---|
/// | f_jk | `SplineBasis` | cubic splines, ten columns a gene, as `mgcv` takes them |
/// | IncEdge | `GreedySearch` that only adds | the edge of the largest gain in log-likelihood that closes no cycle |
/// | σ̂_j² | `ParentRegression.variance` | what a gene's parents leave of its variance, over its own cells |
/// | Prune | `graph` | parents whose function is significant beside the others' |
///
/// Deviation from the paper: splines are not penalised; the search ends where no edge gains more than the Bayesian
/// criterion asks, so that it need not choose candidates before; significance is by likelihood ratio, 2Δℓ ~ χ² of ten
/// degrees, in place of the approximate F test of `mgcv`; cells intervened on are left out of a gene's likelihood; and
/// scores are shares of bootstraps.
struct AdditiveModels: DiscoveryMethod {
    static let bootstraps = 20
    /// As the paper's experiments.
    static let significance = 0.001
    let mostGenes = 200

    func scores(of data: DiscoveryData, stream: RandomStream, workers: Workers) -> Scores {
        let d = data.genes
        let columns = SplineBasis(data).columns
        let graphs = workers.map(Self.bootstraps) { _, number in
            var stream = stream.stream(number)
            let covariances = BootstrapCovariances(
                columns, width: SplineBasis.width, intervenedCells: data.intervenedCells,
                times: BootstrapCovariances.draw(data.cells, &stream))
            return Self.graph(covariances)
        }
        return Scores(values: shares(of: graphs, genes: d))
    }

    /// genes × genes.
    static func graph(_ covariances: BootstrapCovariances) -> [Bool] {
        let d = covariances.genes
        let search = GreedySearch(covariances, ties: Array(repeating: 0, count: d), onlyAdds: true)
        var kept = search.adjacency
        for (child, regression) in search.regressions.enumerated() {
            for parent in regression.parents {
                let ratio = log1p(regression.explained(byParent: parent) / regression.variance)
                let isKept = upperTail(covariances.counts[child] * ratio) < significance
                kept[parent * d + child] = isKept
            }
        }
        return kept
    }

    /// P(X > x) of χ² with as many degrees of freedom as columns, 2m: e^(−x/2) Σ (x/2)ᵏ/k! over k < m.
    static func upperTail(_ x: Double) -> Double {
        var term = 1.0
        var sum = 0.0
        for k in 1...SplineBasis.width / 2 {
            sum += term
            term *= x / 2 / Double(k)
        }
        return exp(-x / 2) * sum
    }
}
