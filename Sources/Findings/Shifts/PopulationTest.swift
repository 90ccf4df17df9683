import Foundation
import Matrices
import Probability

/// How a share of permutations becomes a p-value.
public enum PermutationConvention: String, Sendable, Codable, CaseIterable {
    /// (k + 1) / (B + 1): the data as they are count as one permutation (Davison & Hinkley 1997).
    case addOne
    /// max(1, k) / B, as scPerturb's `etest`.
    case scPerturb

    /// - Parameter reached: permutations whose distance is at least the observed one.
    func pValue(reached: Int, permutations: Int) -> Double {
        switch self {
        case .addOne: Double(reached + 1) / Double(permutations + 1)
        case .scPerturb: Double(max(1, reached)) / Double(permutations)
        }
    }
}

/// The distance of one group from its reference by one metric.
public struct GroupDistance: Sendable, Equatable {
    public let group: String
    public let metric: DistanceMetric
    public let measure: Measure
    /// Of a permutation test; nil where none was made.
    public let pValue: Double?
    /// Cells of the group that the distance rests on.
    public let cells: Int
}

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

/// Coordinates about the mean of the cells that take part.
struct CentredPoints: Sendable {
    /// cells × dimensions.
    let points: Matrix<Double>
    /// |x|² of each cell.
    let norms: [Double]
    /// What was taken off each dimension.
    let centre: [Double]
    /// The cells of each code.
    let cellsOfCode: [[Int]]

    init(_ coordinates: Matrix<Float>, groups: ComparedGroups) {
        cellsOfCode = groups.cellsOfCode
        let cells = cellsOfCode.flatMap { $0 }
        // From the first cell on, so that a constant dimension is 0 afterwards and not a rounding.
        let first = cells.first.map { coordinates.row($0).map(Double.init) } ?? []
        var shifts = [Double](repeating: 0, count: first.count)
        for cell in cells {
            for dimension in first.indices {
                shifts[dimension] += Double(coordinates[cell, dimension]) - first[dimension]
            }
        }
        let centre = zip(first, shifts).map { $0 + $1 / Double(cells.count) }
        var points = Matrix<Double>(rows: coordinates.rows, columns: coordinates.columns)
        var norms = [Double](repeating: 0, count: coordinates.rows)
        for cell in cells {
            for dimension in centre.indices {
                let value = Double(coordinates[cell, dimension]) - centre[dimension]
                points[cell, dimension] = value
                norms[cell] += value * value
            }
        }
        self.points = points
        self.norms = norms
        self.centre = centre
    }

    /// The median distance of up to 1,000 of the cells: the usual width of a Gaussian kernel (Gretton et al. 2012); 1 where
    /// it is 0.
    func medianDistance(random: RandomStream) -> Double {
        var random = random
        let cells = cellsOfCode.flatMap { $0 }.sorted()
        let sample = random.choice(min(1000, cells.count), of: cells.count).sorted().map { cells[$0] }
        var distances: [Double] = []
        for (place, cell) in sample.enumerated() {
            for other in sample[..<place] {
                var square = 0.0
                for dimension in centre.indices {
                    let difference = points[cell, dimension] - points[other, dimension]
                    square += difference * difference
                }
                distances.append(square.squareRoot())
            }
        }
        let middle = median(of: distances)
        return middle > 0 ? middle : 1
    }
}
