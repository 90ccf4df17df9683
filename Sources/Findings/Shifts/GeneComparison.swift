/// Compares all groups with their references in one gene, and keeps its arrays for the next one.
struct GeneComparison {
    private let groups: ComparedGroups
    private let test: GeneTest
    /// One a group, of the gene compared last.
    private(set) var scores: [GeneScore]
    /// One a code, of the gene compared last.
    private(set) var sums: [Double]
    /// Values that are not 0, code by code: `starts[c]..<starts[c + 1]`.
    private var sorted: [Float] = []
    private var starts: [Int]
    private var next: [Int]
    /// All values that are not 0, rising; used where each group is compared with the rest.
    private var pooled: [Float] = []

    init(groups: ComparedGroups, test: GeneTest) {
        self.groups = groups
        self.test = test
        scores = Array(repeating: GeneScore(score: 0, pValue: 1), count: groups.names.count)
        sums = Array(repeating: 0, count: groups.sizes.count)
        starts = Array(repeating: 0, count: groups.sizes.count + 1)
        next = starts
    }

    /// Cells of that code whose value is not 0.
    func nonzeroCount(of code: Int) -> Int { starts[code + 1] - starts[code] }

    /// - Parameters:
    ///   - values: what is not 0, in the order of cells.
    ///   - codes: the group of each.
    mutating func compare(values: UnsafeBufferPointer<Float>, codes: UnsafeBufferPointer<Int32>) {
        divide(values, codes)
        switch test {
        case .wilcoxon(let tieCorrected):
            if groups.reference == nil {
                rankAmongAll(values, tieCorrected: tieCorrected)
            } else {
                rankAmongReference(tieCorrected: tieCorrected)
            }
        case .welch: compareMeans(overestimatingVariance: false)
        case .welchOverestimatingVariance: compareMeans(overestimatingVariance: true)
        }
    }

    /// Brings the values of each code together.
    private mutating func divide(_ values: UnsafeBufferPointer<Float>, _ codes: UnsafeBufferPointer<Int32>) {
        for code in starts.indices { starts[code] = 0 }
        for code in sums.indices { sums[code] = 0 }
        for code in codes { starts[Int(code) + 1] += 1 }
        for code in groups.sizes.indices { starts[code + 1] += starts[code] }
        for code in starts.indices { next[code] = starts[code] }
        if sorted.count < values.count { sorted = Array(repeating: 0, count: values.count) }
        for entry in values.indices {
            let code = Int(codes[entry])
            sorted[next[code]] = values[entry]
            next[code] += 1
            sums[code] += Double(values[entry])
        }
    }

    // MARK: Rank sums

    private mutating func rankAmongReference(tieCorrected: Bool) {
        let last = groups.names.count
        let m = groups.sizes[last]
        sorted.withUnsafeMutableBufferPointer { sorted in
            sorted[starts[last]..<starts[last + 1]].sort()
            let column = SortedColumn(UnsafeBufferPointer(rebasing: sorted[starts[last]..<starts[last + 1]]), cells: m)
            let ownTies = tieCorrected ? column.ties : 0
            for group in 0..<last {
                let n = groups.sizes[group]
                let entries = starts[group]..<starts[group + 1]
                let zeros = n - entries.count
                // Twice the number of pairs in which the group's cell has the higher value, ties by halves.
                var twiceWins = zeros * column.twiceRankOfZero
                for entry in entries { twiceWins += column.twiceRank(of: sorted[entry]) }
                var ties = 0.0
                if tieCorrected {
                    sorted[entries].sort()
                    ties = ownTies + column.tiesAdded(by: UnsafeBufferPointer(rebasing: sorted[entries]), zeros: zeros)
                }
                scores[group] = .wilcoxon(twiceExcess: twiceWins - n * m, cells: n, reference: m, ties: ties)
            }
        }
    }

    private mutating func rankAmongAll(_ values: UnsafeBufferPointer<Float>, tieCorrected: Bool) {
        let all = groups.cellCount
        pooled.removeAll(keepingCapacity: true)
        pooled.append(contentsOf: values)
        pooled.sort()
        pooled.withUnsafeBufferPointer { pooled in
            let column = SortedColumn(pooled, cells: all)
            let ties = tieCorrected ? column.ties : 0
            for group in groups.names.indices {
                let n = groups.sizes[group]
                let entries = starts[group]..<starts[group + 1]
                // A rank counts the cells below, half of the equal ones, and one half.
                var twiceRanks = n + (n - entries.count) * column.twiceRankOfZero
                for entry in entries { twiceRanks += column.twiceRank(of: sorted[entry]) }
                scores[group] = .wilcoxon(
                    twiceExcess: twiceRanks - n * (all + 1), cells: n, reference: all - n, ties: ties)
            }
        }
    }

    // MARK: Means

    private mutating func compareMeans(overestimatingVariance: Bool) {
        let all = groups.reference == nil ? moments(of: nil) : nil
        let last = groups.names.count
        let fixed = all == nil ? moments(of: last) : nil
        for group in 0..<last {
            let own = moments(of: group)
            let other = fixed ?? all!.removing(own)
            scores[group] = .welch(own, other, countB: overestimatingVariance ? own.count : other.count)
        }
    }

    /// Of the cells of one code, or of all that take part.
    private func moments(of code: Int?) -> ValueMoments {
        let count = code.map { groups.sizes[$0] } ?? groups.cellCount
        let sum = code.map { sums[$0] } ?? sums.reduce(0, +)
        let entries = code.map { starts[$0]..<starts[$0 + 1] } ?? 0..<starts[groups.sizes.count]
        let mean = sum / Double(count)
        var squares = 0.0
        for entry in entries { squares += (Double(sorted[entry]) - mean) * (Double(sorted[entry]) - mean) }
        squares += Double(count - entries.count) * mean * mean
        return ValueMoments(count: count, mean: mean, squares: squares)
    }
}
