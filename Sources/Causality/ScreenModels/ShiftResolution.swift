import Foundation

/// How far genes of which nothing says that they move may still move unseen.
///
/// The causal model holds such genes still: a point, where the cells only say that shifts are too small to be told from
/// noise. Their measured shifts spread by the sampling error and by the spread τ of their true shifts. What is left of
/// the squares when the known error is taken off estimates τ², itself with an error; the mean of τ² over what both leave
/// open, a normal distribution cut off at 0 (a flat prior), is never 0, however little moves.
enum ShiftResolution {
    /// One treatment and gene that the causal model holds still, in control standard deviations.
    struct Stillness: Sendable {
        var treatment: Int
        var gene: Int
        /// Measured less predicted.
        var error: Double
        /// Sampling error of what was measured.
        var deviation: Double
    }

    /// The half width that holds such shifts with the probability of all intervals; 0 where there are too few to say.
    static func halfWidth(_ still: [Stillness]) -> Double {
        guard still.count >= fewest else { return 0 }
        let excess = still.map { $0.error * $0.error - $0.deviation * $0.deviation }
        let mean = excess.reduce(0, +) / Double(excess.count)
        // Genes that go together and treatments that share controls err together: the more cautious of both.
        let error = max(
            standardError(zip(still, excess).map { ($0.0.gene, $0.1) }),
            standardError(zip(still, excess).map { ($0.0.treatment, $0.1) }))
        guard error > 0, error.isFinite else { return 0 }
        return ShiftCalibration.normalQuantile * meanAboveZero(mean, error).squareRoot()
    }

    /// Fewer say nothing of a spread.
    private static let fewest = 20

    /// Of the mean over all, from sums over groups that are independent of one another.
    private static func standardError(_ values: [(group: Int, value: Double)]) -> Double {
        let n = Double(values.count)
        let mean = values.reduce(0) { $0 + $1.value } / n
        let sums = Dictionary(grouping: values, by: \.group).sorted { $0.key < $1.key }.map { group in
            group.value.reduce(0) { $0 + $1.value - mean }
        }
        guard sums.count > 1 else { return 0 }
        let groups = Double(sums.count)
        return (sums.reduce(0) { $0 + $1 * $1 } * groups / (groups - 1)).squareRoot() / n
    }

    /// Mean of N(mean, error²) above 0.
    static func meanAboveZero(_ mean: Double, _ error: Double) -> Double {
        let z = mean / error
        // Far below 0 the tail is nearly exponential.
        if z < -6 { return error / -z }
        let density = exp(-0.5 * z * z) / (2 * Double.pi).squareRoot()
        return mean + error * density / (0.5 * erfc(-z / 2.0.squareRoot()))
    }
}
