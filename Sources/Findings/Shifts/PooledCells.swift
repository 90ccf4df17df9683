import Matrices

/// The cells of a reference and a group, one after the other; what is permuted is the smaller of the two.
struct PooledCells {
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

    /// - Parameter known: the sum within the reference, where it is known.
    func pairs(
        _ kernel: PairwiseSums.Kernel, _ selections: Selections?, reference known: Double?
    ) -> [PairSums] {
        guard let selections else {
            let group = PairwiseSums(points.selectingRows(Array(groupCells)))
            let reference = PairwiseSums(points.selectingRows(Array(referenceCells)))
            return [
                PairSums(
                    group: group.sumWithin(kernel), between: group.sum(kernel, with: reference),
                    reference: known ?? reference.sumWithin(kernel))
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
