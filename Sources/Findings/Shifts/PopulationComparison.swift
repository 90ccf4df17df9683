import Matrices
import Probability

/// Compares one group with its reference: distances as they are, and under permuted labels.
struct PopulationComparison: Sendable {
    let test: PopulationTest
    let points: CentredPoints
    let groups: ComparedGroups
    let bandwidth: Double?
    let random: RandomStream

    /// Cells of all selections that are kept at once: they bound the memory, at 4 bytes each.
    private static let cellsAtOnce = 1 << 23

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
        let atOnce = max(1, Self.cellsAtOnce / pool.chosenCount)
        while left > 0 {
            var selections = Selections(size: pool.chosenCount)
            selections.draw(min(atOnce, left), order: &order, random: &random)
            for permuted in values(pool, selections: selections) {
                for (metric, value) in permuted.enumerated()
                where value >= observed[metric] - 1e-9 * abs(observed[metric]) { reached[metric] += 1 }
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
        var distances: [PairSums]?
        var kernels: [PairSums]?
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
                let found: [PairSums]
                if isKernel {
                    found = kernels ?? pool.pairs(.gaussian(bandwidth: bandwidth ?? 1), selections)
                    kernels = found
                } else {
                    found = distances ?? pool.pairs(.euclidean, selections)
                    distances = found
                }
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

/// The cells of a reference and a group, one after the other; what is permuted is the smaller of the two.
private struct PooledCells {
    let groupCount: Int
    let referenceCount: Int
    private let points: Matrix<Double>
    private let norms: [Double]
    private let whole: PopulationSums

    init(_ all: CentredPoints, group: [Int], reference: [Int]) {
        groupCount = group.count
        referenceCount = reference.count
        points = all.points.selectingRows(reference + group)
        norms = (reference + group).map { all.norms[$0] }
        whole = PopulationSums(points, norms: norms, cells: 0..<norms.count)
    }

    var count: Int { groupCount + referenceCount }
    var chosenCount: Int { min(groupCount, referenceCount) }
    private var groupIsChosen: Bool { groupCount <= referenceCount }
    private var referenceCells: Range<Int> { 0..<referenceCount }
    private var groupCells: Range<Int> { referenceCount..<count }

    private func ordered<Population>(
        _ chosen: Population, _ rest: Population
    ) -> (group: Population, reference: Population) {
        groupIsChosen ? (chosen, rest) : (rest, chosen)
    }

    func sums(_ selections: Selections?) -> [(group: PopulationSums, reference: PopulationSums)] {
        guard let selections else {
            return [
                (
                    PopulationSums(points, norms: norms, cells: groupCells),
                    PopulationSums(points, norms: norms, cells: referenceCells)
                )
            ]
        }
        return (0..<selections.count).map { selection in
            let chosen = selections.withCells(of: selection) { cells in
                PopulationSums(points, norms: norms, cells: cells.lazy.map { Int($0) })
            }
            return ordered(chosen, whole.removing(chosen))
        }
    }

    func pairs(_ kernel: PairwiseSums.Kernel, _ selections: Selections?) -> [PairSums] {
        guard let selections else {
            let group = PairwiseSums(points.selectingRows(Array(groupCells)))
            let reference = PairwiseSums(points.selectingRows(Array(referenceCells)))
            return [
                PairSums(
                    group: group.sumWithin(kernel), between: group.sum(kernel, with: reference),
                    reference: reference.sumWithin(kernel))
            ]
        }
        return PairwiseSums(points).sums(kernel, selections: selections).map { within, between, rest in
            let (group, reference) = ordered(within, rest)
            return PairSums(group: group, between: between, reference: reference)
        }
    }

    func wasserstein(_ selections: Selections?) -> [Double] {
        let dimensions = SortedDimensions(points)
        var isChosen = [Bool](repeating: false, count: count)
        guard let selections else {
            for cell in groupCells { isChosen[cell] = true }
            return [dimensions.wasserstein(isChosen: isChosen, chosen: groupCount)]
        }
        return (0..<selections.count).map { selection in
            selections.withCells(of: selection) { cells in
                for cell in cells { isChosen[Int(cell)] = true }
                defer { for cell in cells { isChosen[Int(cell)] = false } }
                return dimensions.wasserstein(isChosen: isChosen, chosen: cells.count)
            }
        }
    }
}
