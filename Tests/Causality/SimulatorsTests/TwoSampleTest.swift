import Foundation
import Probability

/// The mean of a sample, and how well it is known.
struct SampleMean {
    let mean: Double
    /// Of the mean.
    let squaredError: Double

    init(mean: Double, variance: Double, count: Int) {
        self.mean = mean
        squaredError = variance / Double(count)
    }

    init(_ values: [Double]) {
        let n = Double(values.count)
        let mean = values.reduce(0, +) / n
        self.init(
            mean: mean, variance: values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1), count: values.count)
    }

    /// Two-sided, by the normal distribution; samples without any spread have to agree.
    func pOfEquality(_ other: SampleMean) -> Double {
        let error = (squaredError + other.squaredError).squareRoot()
        let difference = abs(mean - other.mean)
        guard error > 0 else { return difference < 1e-9 ? 1 : 0 }
        return 2 * NormalDistribution.standard.upperTail(difference / error)
    }
}

/// Whether two samples come from one distribution, by their means and by their distribution functions.
struct TwoSampleTest {
    /// Of Welch's comparison of the means, by the normal distribution.
    let pOfMeans: Double
    /// Of the Kolmogorov–Smirnov test; too large where values repeat.
    let pOfDistributions: Double
    let means: (Double, Double)

    /// The smaller p-value, doubled for the two tests.
    var p: Double { min(1, 2 * min(pOfMeans, pOfDistributions)) }

    init(_ a: [Double], _ b: [Double]) {
        let (first, second) = (SampleMean(a), SampleMean(b))
        means = (first.mean, second.mean)
        pOfMeans = first.pOfEquality(second)
        pOfDistributions = Self.kolmogorov(a.sorted(), b.sorted())
    }

    /// The asymptotic distribution with the correction of Stephens 1970.
    private static func kolmogorov(_ a: [Double], _ b: [Double]) -> Double {
        var (i, j, largest) = (0, 0, 0.0)
        while i < a.count, j < b.count {
            let value = min(a[i], b[j])
            while i < a.count, a[i] == value { i += 1 }
            while j < b.count, b[j] == value { j += 1 }
            largest = max(largest, abs(Double(i) / Double(a.count) - Double(j) / Double(b.count)))
        }
        let root = (Double(a.count * b.count) / Double(a.count + b.count)).squareRoot()
        let x = (root + 0.12 + 0.11 / root) * largest
        guard x > 0.2 else { return 1 }
        var sum = 0.0
        for k in 1...100 {
            let term = 2 * exp(-2 * Double(k * k) * x * x)
            sum += k % 2 == 1 ? term : -term
        }
        return min(1, max(0, sum))
    }
}
