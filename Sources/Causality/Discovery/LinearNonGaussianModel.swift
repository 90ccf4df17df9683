import Matrices
import Networks
import Probability

/// DirectLiNGAM: linear acyclic models with non-Gaussian noise are identified by their data alone.
///
/// Shimizu et al. 2011, "DirectLiNGAM: a direct method for learning a linear non-Gaussian structural equation model";
/// Hyvärinen & Smith 2013, "Pairwise likelihood ratios for estimation of non-Gaussian structural equation models".
///
/// | paper | code | meaning |
/// |---|---|---|
/// | K | `CausalOrder.genes` | causal order: causes first |
/// | M(i) | `CausalOrder` | how far the likelihood ratios speak against i as a cause of all others |
/// | b_ij | `weights` | adaptive lasso of a gene on those before it, then least squares on those it keeps |
///
/// Deviation from the paper: none from its package (lingam), but that a score is w / (1 + w) of the absolute weight w,
/// and that genes which others determine without rest have no edges. Interventions are not heeded: all cells are pooled.
struct LinearNonGaussianModel: DiscoveryMethod {
    let mostGenes = 500

    func scores(of data: DiscoveryData, stream: RandomStream, workers: Workers) throws(DiscoveryError) -> Scores {
        let d = data.genes
        guard data.cells > d + 1 else {
            throw DiscoveryError(
                code: "TOO_FEW_CELLS", element: ClassicalMethod.lingam.rawValue,
                message: "expected more than \(d + 1) cells for \(d) genes, found \(data.cells)",
                remedy: "choose fewer genes with topGenes, or use another method")
        }
        let order = CausalOrder(data, workers: workers)
        // In the units of the genes, as the package gives them.
        let weights = Self.weights(data, order: order, workers: workers).enumerated().map { pair, weight in
            weight == 0 ? 0 : abs(weight) * data.deviations[pair % d] / data.deviations[pair / d]
        }
        let redundant = order.redundant.filter { data.deviations[$0] > 0 }
        return Scores(
            values: weights.map { $0 / (1 + $0) },
            silences: [
                .init(
                    code: "REDUNDANT_GENES", genes: redundant,
                    reason: "other genes determine them without rest, as duplicates do")
            ])
    }

    /// Of source → target between standardised genes: genes × genes, row = source.
    static func weights(_ data: DiscoveryData, order: CausalOrder, workers: Workers) -> [Double] {
        let d = data.genes
        let redundant = Set(order.redundant)
        let genes = order.genes.filter { !redundant.contains($0) && data.deviations[$0] > 0 }
        let correlations = data.correlations
        let rows = workers.map(genes.count) { _, place in
            let causes = Array(genes[..<place])
            return AdaptiveLasso(
                correlations: correlations, predictors: causes, target: genes[place], cells: data.cells
            ).coefficients
        }
        var weights = [Double](repeating: 0, count: d * d)
        for (place, row) in rows.enumerated() {
            for (cause, weight) in zip(genes, row) { weights[cause * d + genes[place]] = weight }
        }
        return weights
    }
}
