/// Sums of a distance, or of a kernel, over pairs of different cells: each pair within a population counts twice.
struct PairSums {
    var group: Double
    var between: Double
    var reference: Double

    /// - Parameters:
    ///   - n: cells of the group.
    ///   - m: cells of the reference.
    func value(of metric: DistanceMetric, n: Int, m: Int) -> Double {
        let (n, m) = (Double(n), Double(m))
        return switch metric {
        case .eDistance, .energyDistance:
            2 * between / (n * m) - group / (n * (n - 1)) - reference / (m * (m - 1))
        case .eDistanceBiased, .energyDistanceBiased:
            2 * between / (n * m) - group / (n * n) - reference / (m * m)
        case .meanDiscrepancy:
            group / (n * (n - 1)) + reference / (m * (m - 1)) - 2 * between / (n * m)
        case .meanDiscrepancyBiased:
            // The kernel of a cell with itself is 1.
            (group + n) / (n * n) + (reference + m) / (m * m) - 2 * between / (n * m)
        case .meanPairwise: between / (n * m)
        case .wasserstein, .meanShift, .meanCosine, .meanPearson:
            preconditionFailure("\(metric) is no sum over pairs")
        }
    }
}
