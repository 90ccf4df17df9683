import Foundation
import Matrices

/// How well predicted shifts of means agree with true ones.
///
/// Edge cases: a correlation or cosine with a shift that does not vary (or is 0) counts 0; a predicted 0 counts one half
/// where signs are compared; R² of a constant truth is 0.
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
            .spearman: Sums(ranks(of: predicted), ranks(of: truth)).correlation,
            .pearsonOfTopGenes: Sums(top.map { predicted[$0] }, top.map { truth[$0] }).correlation,
            .rootMeanSquareError: (sums.squares / n).squareRoot(),
            .meanAbsoluteError: zip(predicted, truth).reduce(0) { $0 + abs($1.0 - $1.1) } / n,
            .determination: sums.varianceB > 0 ? 1 - sums.squares / sums.varianceB : 0,
            .signAccuracy: right / Double(max(1, top.count)),
            .cosine: cosine(predicted, truth),
        ]
    }

    /// How often intervals hold the true shifts, and how wide they are.
    public static func intervals(
        _ interval: (lower: [Double], upper: [Double]), truth: [Double]
    ) -> [PredictionMetric: Double] {
        let held = truth.indices.count { interval.lower[$0] <= truth[$0] && truth[$0] <= interval.upper[$0] }
        let width = difference(interval.upper, interval.lower).reduce(0, +)
        return [.coverage: Double(held) / Double(truth.count), .intervalWidth: width / Double(truth.count)]
    }

    /// Σ (predicted − true)² and Σ true², of which `pooledDetermination` is made.
    public static func squares(predicted: [Double], truth: [Double]) -> (error: Double, truth: Double) {
        zip(predicted, truth).reduce((0, 0)) { sums, pair in
            (sums.0 + (pair.0 - pair.1) * (pair.0 - pair.1), sums.1 + pair.1 * pair.1)
        }
    }

    /// Metrics of means that are not those of shifts.
    /// - Parameters:
    ///   - predicted: mean of the predicted cells, and of the controls that the model has seen; genes.
    ///   - truth: mean of the measured cells, and of the controls of the truth.
    ///   - perturbedMean: mean over the training perturbations of their cells' means; nil where there are none.
    public static func values(
        predicted: (mean: [Double], control: [Double]), truth: (mean: [Double], control: [Double]),
        perturbedMean: [Double]?
    ) -> [PredictionMetric: Double] {
        var found: [PredictionMetric: Double] = [:]
        if let perturbedMean {
            found[.pearsonAboutPerturbedMean] =
                Sums(difference(predicted.mean, perturbedMean), difference(truth.mean, perturbedMean)).correlation
        }
        let all = [predicted.mean, predicted.control, truth.mean, truth.control]
        if all.allSatisfy({ $0.allSatisfy { $0 > -foldOffset } }) {
            func folds(_ a: [Double], _ b: [Double]) -> [Double] {
                zip(a, b).map { log2(($0 + foldOffset) / ($1 + foldOffset)) }
            }
            found[.cosineOfFolds] = cosine(
                folds(predicted.mean, predicted.control), folds(truth.mean, truth.control))
        }
        return found
    }

    /// What PerturBench adds to means before it takes logarithms.
    private static let foldOffset = 0.1

    static func difference(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }

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
