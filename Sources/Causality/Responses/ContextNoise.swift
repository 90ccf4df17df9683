import Foundation

/// By how much the means of contexts differ beyond what cells and interventions explain: batches, wells, days.
///
/// The mean of gene j in context c is that of its mechanism plus N(0, ρ σ_j²), one ρ for all genes. Integrated out, the
/// cells of a context speak with the precision 1 − ρ/(1 + n ρ) · 11ᵀ: sums of products less w s sᵀ, w = ρ/(1 + n ρ), with
/// sums s over the context's n cells. For what differs between contexts these count as n/(1 + n ρ) cells.
enum ContextNoise {
    /// The share of its cells that a context counts as: 1/(1 + n ρ).
    static func share(_ noise: Double, cells: Double) -> Double { 1 / (1 + noise * cells) }

    /// ρ at the maximum likelihood of what regressions leave of the means of contexts, 0 where the evidence for more is
    /// weak.
    ///
    /// Targets stand out from the noise: remainders are a mixture of N(0, σ² (1/n + ρ + v)), v = 0 or one of `spreads`, of
    /// weights that are fitted along (Stephens 2017, "False discovery rates: a new deal", equation 3, without the prior on
    /// weights).
    /// - Parameters:
    ///   - remainders: contexts × genes, in units of the gene's noise; NaN where nothing is known.
    ///   - counts: Cells of each context.
    static func estimated(remainders: [[Double]], counts: [Double]) -> Double {
        var all: [(square: Double, sampling: Double)] = []
        for (context, values) in remainders.enumerated() where counts[context] > 0 {
            for value in values where value.isFinite { all.append((value * value, 1 / counts[context])) }
        }
        // Every so many: the spread of this many is known to 1 %.
        let step = max(1, all.count / 20_000)
        let chosen = stride(from: 0, to: all.count, by: step).map { all[$0] }
        let grid = [0] + (0...30).map { 1e-4 * pow(10, Double($0) / 10) }
        let scores = grid.map { logLikelihood(chosen, noise: $0) * Double(step) }
        let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
        return best > 0 && scores[best] > scores[0] + leastGain ? grid[best] : 0
    }

    /// The same from what regressions say of means, without what perturbations add.
    /// - Parameters:
    ///   - means: contexts × genes.
    ///   - fitted: contexts × genes.
    static func estimated(
        _ regressions: [RegressionSummary], means: [[Double]], fitted: [[Double]], counts: [Int], design: ScreenDesign
    ) -> Double {
        let replaced = design.replacedGenes.mapValues { Set($0.map(\.context)) }
        return estimated(
            remainders: counts.indices.map { context in
                regressions.map { regression in
                    let gene = regression.gene
                    guard replaced[gene]?.contains(context) != true else { return .nan }
                    return (means[context][gene] - fitted[context][gene]) / regression.variance.squareRoot()
                }
            }, counts: counts.map(Double.init))
    }

    /// Variances of effects over that of the noise: those of low doses, and full ones.
    private static let spreads = [0, 0.25, 10]
    /// In nats.
    private static let leastGain = 10.0

    private static func logLikelihood(_ values: [(square: Double, sampling: Double)], noise: Double) -> Double {
        var weights = [0.8, 0.1, 0.1]
        var result = -Double.infinity
        for _ in 0..<12 {
            var sums = [Double](repeating: 0, count: spreads.count)
            result = 0
            for value in values {
                var densities = spreads
                var total = 0.0
                for place in spreads.indices {
                    let variance = value.sampling + noise + spreads[place]
                    densities[place] =
                        weights[place] * exp(-0.5 * value.square / variance) / variance.squareRoot() + 1e-300
                    total += densities[place]
                }
                for place in spreads.indices { sums[place] += densities[place] / total }
                result += log(total)
            }
            weights = sums.map { $0 / Double(values.count) }
        }
        return result
    }
}
