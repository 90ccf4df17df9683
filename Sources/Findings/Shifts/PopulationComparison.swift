import Probability

/// Compares one group with its reference: distances as they are, and under permuted labels.
struct PopulationComparison: Sendable {
    let test: PopulationTest
    let points: CentredPoints
    let groups: ComparedGroups
    let bandwidth: Double?
    let random: RandomStream
    /// By whether a kernel is summed: sums over pairs of the reference's cells, the same for every group, where they are
    /// asked for.
    private var referenceSums: [Bool: Double] = [:]

    /// Permutations whose sums are kept at once, and cells of their selections: they bound the memory.
    private static let (selectionsAtOnce, cellsAtOnce) = (1024, 1 << 23)

    init(
        test: PopulationTest, points: CentredPoints, groups: ComparedGroups, bandwidth: Double?, random: RandomStream
    ) {
        self.test = test
        self.points = points
        self.groups = groups
        self.bandwidth = bandwidth
        self.random = random
        guard groups.reference != nil else { return }
        for isKernel in [false, true] where test.metrics.contains(where: { $0.basis == .pairs(isKernel: isKernel) }) {
            let reference = PairwiseSums(points.points.selectingRows(points.cellsOfCode[groups.names.count]))
            referenceSums[isKernel] = reference.sumWithin(kernel(isKernel))
        }
    }

    private func kernel(_ isKernel: Bool) -> PairwiseSums.Kernel {
        isKernel ? .gaussian(bandwidth: bandwidth ?? 1) : .euclidean
    }

    /// Value and p-value of each metric.
    func results(of group: Int) -> [(DistanceMetric, Double, Double?)] {
        let own = points.cellsOfCode[group]
        let other =
            groups.reference == nil
            ? points.cellsOfCode.indices.filter { $0 != group }.flatMap { points.cellsOfCode[$0] }
            : points.cellsOfCode[groups.names.count]
        let pool = PooledCells(points, group: own, reference: other)
        let observed = values(pool, selections: nil)[0]
        guard test.permutations > 0 else { return zip(test.metrics, observed).map { ($0, $1, nil) } }
        var random = random.stream(groups.names[group])
        var order = Array(0..<Int32(pool.count))
        var reached = [Int](repeating: 0, count: test.metrics.count)
        var left = test.permutations
        let atOnce = min(Self.selectionsAtOnce, max(1, Self.cellsAtOnce / pool.chosenCount))
        while left > 0 {
            var selections = Selections(size: pool.chosenCount)
            selections.draw(min(atOnce, left), order: &order, random: &random)
            for permuted in values(pool, selections: selections) {
                // What is no number, as a cosine with 0, is told apart from nothing.
                for (metric, value) in permuted.enumerated()
                where !(value < observed[metric] - 1e-9 * abs(observed[metric])) { reached[metric] += 1 }
            }
            left -= selections.count
        }
        return test.metrics.indices.map { metric in
            let pValue = test.convention.pValue(reached: reached[metric], permutations: test.permutations)
            return (test.metrics[metric], observed[metric], pValue)
        }
    }

    /// For each selection the value of each metric; for none, the values with the labels as they are.
    private func values(_ pool: PooledCells, selections: Selections?) -> [[Double]] {
        var values = [[Double]](repeating: [], count: selections?.count ?? 1)
        // Found once for all metrics of a basis.
        var sums: [(group: PopulationSums, reference: PopulationSums)]?
        var pairs: [Bool: [PairSums]] = [:]
        for metric in test.metrics {
            switch metric.basis {
            case .sums:
                let found = sums ?? pool.sums(selections)
                sums = found
                for (place, pair) in found.enumerated() {
                    values[place].append(
                        PopulationSums.value(
                            of: metric, group: pair.group, reference: pair.reference, centre: points.centre))
                }
            case .pairs(let isKernel):
                let found =
                    pairs[isKernel]
                    ?? pool.pairs(kernel(isKernel), selections, reference: referenceSums[isKernel])
                pairs[isKernel] = found
                for (place, pair) in found.enumerated() {
                    values[place].append(pair.value(of: metric, n: pool.groupCount, m: pool.referenceCount))
                }
            case .orders:
                for (place, value) in pool.wasserstein(selections).enumerated() { values[place].append(value) }
            }
        }
        return values
    }
}
