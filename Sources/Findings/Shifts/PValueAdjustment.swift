import Foundation

/// How p-values of many tests are adjusted for their number, as `statsmodels.stats.multitest.multipletests`.
public enum PValueAdjustment: String, Sendable, Codable, CaseIterable {
    /// False discovery rate (Benjamini & Hochberg 1995).
    case benjaminiHochberg
    /// p times the number of tests.
    case bonferroni
    /// Step-down family-wise error rate (Holm 1979 with Šidák's bound), as scPerturb's E-test has it.
    case holmSidak

    /// One adjusted p-value each, in the order given, at most 1.
    public func adjusted(_ pValues: [Double]) -> [Double] {
        let count = Double(pValues.count)
        if self == .bonferroni { return pValues.map { min($0 * count, 1) } }
        let order = pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
        var result = pValues
        if self == .benjaminiHochberg {
            var smallest = 1.0
            for (place, test) in order.enumerated().reversed() {
                smallest = min(smallest, pValues[test] / (Double(place + 1) / count))
                result[test] = smallest
            }
        } else {
            var largest = 0.0
            for (place, test) in order.enumerated() {
                // 1 − (1 − p)^(tests that are left), without loss for small p.
                largest = max(largest, -expm1((count - Double(place)) * log1p(-pValues[test])))
                result[test] = largest
            }
        }
        return result
    }
}
