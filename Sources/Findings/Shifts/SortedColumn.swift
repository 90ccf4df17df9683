/// A column of values whose zeros are not stored: ranks by looking up.
struct SortedColumn {
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
