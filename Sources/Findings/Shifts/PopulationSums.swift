import Matrices

/// Sums over the cells of a population: all that squared Euclidean distances and distances of means ask for, in
/// O(cells × dimensions).
///
/// With S the sum and Q the sum of squared norms, Σᵢⱼ |aᵢ − bⱼ|² = m Qₐ + n Q_b − 2 Sₐ·S_b. Coordinates are centred first, so
/// that little cancels.
struct PopulationSums {
    var count: Int
    /// One a dimension.
    var sums: [Double]
    /// Σ |x|²
    var squares: Double

    init(dimensions: Int) {
        count = 0
        sums = Array(repeating: 0, count: dimensions)
        squares = 0
    }

    /// - Parameter points: cells × dimensions, centred.
    init(_ points: Matrix<Double>, norms: [Double], cells: some Sequence<Int>) {
        self.init(dimensions: points.columns)
        points.values.withUnsafeBufferPointer { values in
            for cell in cells {
                let start = cell * points.columns
                for dimension in 0..<points.columns { sums[dimension] += values[start + dimension] }
                squares += norms[cell]
                count += 1
            }
        }
    }

    func removing(_ part: PopulationSums) -> PopulationSums {
        var rest = self
        rest.count -= part.count
        for dimension in sums.indices { rest.sums[dimension] -= part.sums[dimension] }
        rest.squares -= part.squares
        return rest
    }

    private func product(_ other: PopulationSums) -> Double {
        zip(sums, other.sums).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// - Parameter centre: what was taken off the coordinates; cosines and correlations are of the coordinates as they were.
    static func value(
        of metric: DistanceMetric, group: PopulationSums, reference: PopulationSums, centre: [Double]
    ) -> Double {
        let (n, m) = (Double(group.count), Double(reference.count))
        func mean(_ one: PopulationSums) -> [Double] { zip(one.sums, centre).map { $0 / Double(one.count) + $1 } }
        switch metric {
        case .meanShift:
            return zip(group.sums, reference.sums).reduce(0) { $0 + ($1.0 / n - $1.1 / m) * ($1.0 / n - $1.1 / m) }
                .squareRoot()
        case .meanCosine:
            let (a, b) = (mean(group), mean(reference))
            func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
            return 1 - dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
        case .meanPearson: return 1 - pearsonCorrelation(mean(group), mean(reference))
        default:
            let pairs = PairSums(
                group: 2 * (n * group.squares - group.product(group)),
                between: m * group.squares + n * reference.squares - 2 * group.product(reference),
                reference: 2 * (m * reference.squares - reference.product(reference)))
            return pairs.value(of: metric, n: group.count, m: reference.count)
        }
    }
}
