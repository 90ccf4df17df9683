/// Orders and selections.
extension RandomStream {
    /// A uniformly random order of 0..<count (Fisher–Yates).
    public mutating func permutation(_ count: Int) -> [Int] { choice(count, of: count) }

    /// `chosen` distinct values of 0..<count, every ordered selection equally likely.
    public mutating func choice(_ chosen: Int, of count: Int) -> [Int] {
        precondition(chosen >= 0 && chosen <= count, "\(chosen) of \(count) without replacement")
        var values = Array(0..<count)
        for position in 0..<chosen {
            values.swapAt(position, position + index(below: count - position))
        }
        return Array(values[..<chosen])
    }

    /// An index drawn in proportion to the weights, which are not negative and not all 0.
    public mutating func index(weights: [Double]) -> Int {
        let total = weights.reduce(0, +)
        precondition(total > 0 && total.isFinite, "the weights add up to \(total)")
        var remaining = uniform() * total
        for (index, weight) in weights.enumerated() {
            if remaining < weight { return index }
            remaining -= weight
        }
        // Rounding may leave a crumb behind the last positive weight.
        return weights.lastIndex { $0 > 0 }!
    }
}
