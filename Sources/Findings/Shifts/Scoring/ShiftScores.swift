import Matrices

/// How well predicted shifts of means agree with true ones.
///
/// Edge cases: a correlation or cosine with a shift that does not vary (or is 0) counts 0; a predicted 0 counts one half
/// where signs are compared, and so do equal distances; R² of a constant truth is 0.
public enum ShiftScores {
    /// The metrics of one treatment, all of `PredictionMetric` that need no other treatment.
    /// - Parameters:
    ///   - predicted: genes.
    ///   - truth: genes; the choice of top genes looks at it.
    public static func values(
        predicted: [Double], truth: [Double], topGenes: Int = PredictionMetric.topGenes
    ) -> [PredictionMetric: Double] {
        precondition(
            predicted.count == truth.count && !truth.isEmpty, "\(predicted.count) predicted, \(truth.count) true shifts"
        )
        let top = truth.indices.sorted { (abs(truth[$0]), $1) > (abs(truth[$1]), $0) }.prefix(topGenes)
        let right = top.reduce(0.0) { sum, gene in
            if predicted[gene] == 0 || truth[gene] == 0 { return sum + 0.5 }
            return sum + ((predicted[gene] > 0) == (truth[gene] > 0) ? 1 : 0)
        }
        let sums = Sums(predicted, truth)
        let n = Double(truth.count)
        return [
            .pearson: sums.correlation,
            .pearsonOfTopGenes: Sums(top.map { predicted[$0] }, top.map { truth[$0] }).correlation,
            .rootMeanSquareError: (sums.squares / n).squareRoot(),
            .determination: sums.varianceB > 0 ? 1 - sums.squares / sums.varianceB : 0,
            .signAccuracy: right / Double(max(1, top.count)),
            .cosine: cosine(predicted, truth),
        ]
    }

    /// For each treatment the share of the other true shifts of its stratum that are farther, by cosine, from the
    /// prediction than its own truth: 1 where its own is always the nearest, one half by chance; nil where it is alone.
    public static func discrimination(
        predicted: [[Double]], truth: [[Double]], strata: [String]
    ) -> [Double?] {
        precondition(predicted.count == truth.count && truth.count == strata.count, "one of each a treatment")
        let members = Dictionary(grouping: strata.indices, by: { strata[$0] })
        return strata.indices.map { place in
            let others = (members[strata[place]] ?? []).filter { $0 != place }
            guard !others.isEmpty else { return nil }
            let own = cosine(predicted[place], truth[place])
            let farther = others.reduce(0.0) { sum, other in
                let similarity = cosine(predicted[place], truth[other])
                return sum + (similarity < own ? 1 : similarity == own ? 0.5 : 0)
            }
            return farther / Double(others.count)
        }
    }

    /// Σ (predicted − true)² and Σ true², of which `pooledDetermination` is made.
    public static func squares(predicted: [Double], truth: [Double]) -> (error: Double, truth: Double) {
        zip(predicted, truth).reduce((0, 0)) { sums, pair in
            (sums.0 + (pair.0 - pair.1) * (pair.0 - pair.1), sums.1 + pair.1 * pair.1)
        }
    }

    static func cosine(_ a: [Double], _ b: [Double]) -> Double {
        var (product, squareA, squareB) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            product += x * y
            squareA += x * x
            squareB += y * y
        }
        return squareA > 0 && squareB > 0 ? product / (squareA * squareB).squareRoot() : 0
    }

    /// Sums about the means over genes.
    private struct Sums {
        /// Σ (a − b)²
        var squares = 0.0
        var varianceB = 0.0
        private var varianceA = 0.0
        private var covariance = 0.0
        private var magnitudeA = 0.0

        init(_ a: [Double], _ b: [Double]) {
            let n = Double(max(1, b.count))
            let (meanA, meanB) = (a.reduce(0, +) / n, b.reduce(0, +) / n)
            for (x, y) in zip(a, b) {
                squares += (x - y) * (x - y)
                covariance += (x - meanA) * (y - meanB)
                varianceA += (x - meanA) * (x - meanA)
                varianceB += (y - meanB) * (y - meanB)
                magnitudeA += x * x
            }
        }

        /// What varies by rounding only is constant.
        var correlation: Double {
            varianceA > 1e-24 * magnitudeA && varianceB > 0 ? covariance / (varianceA * varianceB).squareRoot() : 0
        }
    }
}
