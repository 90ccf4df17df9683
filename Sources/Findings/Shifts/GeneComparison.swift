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
    private func moments(of code: Int?) -> GeneMoments {
        let count = code.map { groups.sizes[$0] } ?? groups.cellCount
        let sum = code.map { sums[$0] } ?? sums.reduce(0, +)
        let entries = code.map { starts[$0]..<starts[$0 + 1] } ?? 0..<starts[groups.sizes.count]
        let mean = sum / Double(count)
        var squares = 0.0
        for entry in entries { squares += (Double(sorted[entry]) - mean) * (Double(sorted[entry]) - mean) }
        squares += Double(count - entries.count) * mean * mean
        return GeneMoments(count: count, mean: mean, squares: squares)
    }
}

/// A column of values whose zeros are not stored: ranks by looking up.
private struct SortedColumn {
    /// Rising; none is 0.
    private let values: UnsafeBufferPointer<Float>
    private let zeros: Int
    private let negatives: Int

    init(_ values: UnsafeBufferPointer<Float>, cells: Int) {
        self.values = values
        zeros = cells - values.count
        negatives = Self.count(values, from: 0) { $0 < 0 }
    }

    /// How many values stand before the first one, from `start` on, that is not `before`.
    @inline(__always)
    private static func count(
        _ values: UnsafeBufferPointer<Float>, from start: Int, _ before: (Float) -> Bool
    ) -> Int {
        var (low, high) = (start, values.count)
        while low < high {
            let middle = (low + high) / 2
            if before(values[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The stored values below and those equal to `value`, which is not 0.
    @inline(__always)
    private func place(of value: Float) -> (below: Int, equal: Int) {
        let below = Self.count(values, from: 0) { $0 < value }
        var end = below
        while end < values.count, values[end] == value {
            end += 1
            // Long runs, as counts have them, are left by halving.
            if end - below == 8 { end = Self.count(values, from: end) { $0 <= value } }
        }
        return (below, end - below)
    }

    /// Twice the number of values below `value`, which is not 0, and the number of equal ones.
    @inline(__always)
    func twiceRank(of value: Float) -> Int {
        let (below, equal) = place(of: value)
        return 2 * (below + (value > 0 ? zeros : 0)) + equal
    }

    var twiceRankOfZero: Int { 2 * negatives + zeros }

    private static func cubic(_ ties: Int) -> Double {
        let t = Double(ties)
        return t * t * t - t
    }

    /// Σ(t³ − t) over all values, zero among them.
    var ties: Double {
        var sum = Self.cubic(zeros)
        forEachRun(of: values) { _, count in sum += Self.cubic(count) }
        return sum
    }

    /// What `ties` grows by when other values, rising, and zeros join.
    func tiesAdded(by others: UnsafeBufferPointer<Float>, zeros added: Int) -> Double {
        var sum = Self.cubic(zeros + added) - Self.cubic(zeros)
        forEachRun(of: others) { value, count in
            let equal = place(of: value).equal
            sum += Self.cubic(equal + count) - Self.cubic(equal)
        }
        return sum
    }
}

/// Calls `body` with each value of a rising list and how often it stands there.
private func forEachRun(of values: UnsafeBufferPointer<Float>, _ body: (Float, Int) -> Void) {
    var start = 0
    while start < values.count {
        var end = start + 1
        while end < values.count, values[end] == values[start] { end += 1 }
        body(values[start], end - start)
        start = end
    }
}
