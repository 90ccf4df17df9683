import Foundation
import Matrices
import Probability

/// Distances of groups of cells from a reference, with permutation tests (the E-test of Peidli et al. 2024, for any metric).
///
/// The labels of a group and its reference are permuted; every metric sees the same permutations. Squared Euclidean
/// distances close in sums over cells, so that a permutation costs O(cells of the smaller side × dimensions); other
/// kernels take one pass over pairs of cells, in tiles. A permutation counts as reaching the observed distance from nine
/// equal digits on, so that ties aren't decided by rounding.
///
/// Groups are divided over the cores; each draws from the random stream of its name, so that neither the number of cores
/// nor the other groups matter.
public struct PopulationTest: Sendable {
    public var metrics: [DistanceMetric]
    /// 0: distances only.
    public var permutations: Int
    public var convention: PermutationConvention

    public init(metrics: [DistanceMetric], permutations: Int = 0, convention: PermutationConvention = .addOne) {
        self.metrics = metrics
        self.permutations = permutations
        self.convention = convention
    }

    /// - Parameters:
    ///   - coordinates: cells × dimensions, of every cell that `groups` has a code for; finite.
    ///   - space: what the coordinates are; part of each variant.
    ///   - groups: two cells or more in each group and in each reference.
    /// - Returns: Group by group, metric by metric.
    public func distances(
        _ coordinates: Matrix<Float>, space: String, groups: ComparedGroups, random: RandomStream
    ) -> [GroupDistance] {
        precondition(coordinates.rows == groups.codes.count, "\(coordinates.rows) cells, \(groups.codes.count) labels")
        let points = CentredPoints(coordinates, groups: groups)
        let needsKernel = metrics.contains { $0.basis == .pairs(isKernel: true) }
        let bandwidth = needsKernel ? points.medianDistance(random: random.stream("bandwidth")) : nil
        let comparison = PopulationComparison(
            test: self, points: points, groups: groups, bandwidth: bandwidth, random: random.stream("permutations"))
        var findings = [[GroupDistance]](repeating: [], count: groups.names.count)
        findings.withUnsafeMutableBufferPointer { findings in
            nonisolated(unsafe) let findings = findings
            DispatchQueue.concurrentPerform(iterations: groups.names.count) { group in
                findings[group] = comparison.results(of: group).map { metric, value, pValue in
                    GroupDistance(
                        group: groups.names[group], metric: metric,
                        measure: Measure(
                            metric: metric.metric, variant: metric.variant(space: space, bandwidth: bandwidth),
                            value: value),
                        pValue: pValue, cells: groups.sizes[group])
                }
            }
        }
        return findings.flatMap { $0 }
    }
}
