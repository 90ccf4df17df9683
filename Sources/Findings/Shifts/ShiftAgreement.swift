import Matrices
import Probability

/// How well one shift of means agrees with another, gene by gene.
///
/// Edge cases: a correlation, cosine or sign with a vector that does not vary (or is 0) counts 0, 0 and one half; R² of
/// a constant truth is 0.
public enum ShiftAgreement {
    /// - Parameters:
    ///   - predicted: genes.
    ///   - truth: genes; R² and the choice of top genes look at it.
    ///   - topGenes: sign accuracy is taken over so many genes of largest true shift.
    public static func measures(predicted: [Double], truth: [Double], topGenes: Int = 50) -> [Measure] {
        precondition(
            predicted.count == truth.count && !truth.isEmpty, "\(predicted.count) predicted, \(truth.count) true shifts"
        )
        let n = Double(truth.count)
        let (meanA, meanB) = (predicted.reduce(0, +) / n, truth.reduce(0, +) / n)
        var (covariance, varianceA, varianceB) = (0.0, 0.0, 0.0)
        var (product, squareA, squareB) = (0.0, 0.0, 0.0)
        var (squares, absolutes) = (0.0, 0.0)
        for (a, b) in zip(predicted, truth) {
            covariance += (a - meanA) * (b - meanB)
            varianceA += (a - meanA) * (a - meanA)
            varianceB += (b - meanB) * (b - meanB)
            product += a * b
            squareA += a * a
            squareB += b * b
            squares += (a - b) * (a - b)
            absolutes += abs(a - b)
        }
        func ratio(_ a: Double, _ b: Double) -> Double { b > 0 ? a / b.squareRoot() : 0 }
        let top = truth.indices.sorted { (abs(truth[$0]), $1) > (abs(truth[$1]), $0) }.prefix(topGenes)
        let right = top.reduce(0.0) { sum, gene in
            if predicted[gene] == 0 || truth[gene] == 0 { return sum + 0.5 }
            return sum + ((predicted[gene] > 0) == (truth[gene] > 0) ? 1 : 0)
        }
        return [
            Measure(
                metric: "Pearson correlation", variant: "shifts, all genes",
                value: ratio(covariance, varianceA * varianceB)),
            Measure(
                metric: "cosine similarity", variant: "shifts, all genes", value: ratio(product, squareA * squareB)),
            Measure(
                metric: "coefficient of determination", variant: "R² of shifts about their mean over genes",
                value: varianceB > 0 ? 1 - squares / varianceB : 0),
            Measure(
                metric: "coefficient of determination", variant: "R² of shifts about no change",
                value: squareB > 0 ? 1 - squares / squareB : 0),
            Measure(
                metric: "root mean square error", variant: "shifts, all genes", value: (squares / n).squareRoot()),
            Measure(metric: "mean absolute error", variant: "shifts, all genes", value: absolutes / n),
            Measure(
                metric: "sign accuracy", variant: "\(top.count) genes of largest true shift",
                value: right / Double(max(1, top.count))),
        ]
    }

    /// The mean of values, one a perturbation, with the 95 % percentile interval of `resamples` bootstrap draws.
    public static func mean(
        _ values: [Double], metric: String, variant: String, resamples: Int = 2000, random: RandomStream
    ) -> Measure {
        precondition(!values.isEmpty, "a mean is taken of at least one value")
        var random = random
        let n = Double(values.count)
        let means = (0..<resamples).map { _ in
            values.indices.reduce(0.0) { sum, _ in sum + values[random.index(below: values.count)] } / n
        }
        let ends = interval(of: means)
        return Measure(
            metric: metric, variant: variant, value: values.reduce(0, +) / n, lower: ends.lower ?? .nan,
            upper: ends.upper ?? .nan)
    }

    /// The 95 % percentile interval; nothing of nothing.
    static func interval(of resampled: [Double]) -> (lower: Double?, upper: Double?) {
        guard !resampled.isEmpty else { return (nil, nil) }
        let ends = quantiles(of: resampled, at: [0.025, 0.975])
        return (ends[0], ends[1])
    }
}
