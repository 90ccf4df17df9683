import AnnotatedData

/// What the values of a matrix are like; entries that are not stored are zeros.
struct ValueProfile: Sendable, Equatable {
    var total = 0
    var notZero = 0
    var negative = 0
    var notWhole = 0
    var notFinite = 0
    /// Of the finite values.
    var smallest = Double.infinity
    var largest = -Double.infinity
    /// The two smallest different positive values of cells drawn evenly, of those that have two.
    var smallestPairs: [SmallestPair] = []

    struct SmallestPair: Sendable, Equatable {
        var first: Float
        var second: Float
    }

    /// Takes a cell in.
    mutating func add(_ cell: CellPacker.Cell, columns: Int) {
        total += columns
        notZero += cell.count
        if cell.count < columns { (smallest, largest) = (min(smallest, 0), max(largest, 0)) }
        if cell.codedCount < cell.count {
            for entry in 0..<cell.count where cell.codes[entry] == 0 { add(other: cell.values[entry]) }
        }
        guard cell.codedCount > 0 else { return }
        largest = max(largest, Double(cell.largestCode))
        if smallest > 0 {
            for entry in 0..<cell.count where cell.codes[entry] != 0 {
                smallest = min(smallest, Double(cell.codes[entry]))
            }
        }
    }

    /// A value that is not 0 and has no code.
    private mutating func add(other value: Float) {
        guard value.isFinite else {
            notFinite += 1
            notZero -= 1
            return
        }
        if value < 0 { negative += 1 }
        // Above 2²⁴ every Float is whole.
        if abs(value) < 16_777_216, Float(Int32(value)) != value { notWhole += 1 }
        smallest = min(smallest, Double(value))
        largest = max(largest, Double(value))
    }

    /// Keeps the two smallest values of a cell.
    mutating func sample(_ cell: CellPacker.Cell) {
        var pair = SmallestPair(first: .infinity, second: .infinity)
        for value in cell.values where value > 0 {
            // Values this close are the same count, rounded apart.
            if value < pair.first * 0.9999 {
                pair = SmallestPair(first: value, second: pair.first)
            } else if value > pair.first * 1.0001, value < pair.second {
                pair.second = value
            }
        }
        if pair.second < .infinity { smallestPairs.append(pair) }
    }

    /// Takes in the profile of the cells that follow.
    mutating func add(_ other: ValueProfile) {
        total += other.total
        notZero += other.notZero
        negative += other.negative
        notWhole += other.notWhole
        notFinite += other.notFinite
        smallest = min(smallest, other.smallest)
        largest = max(largest, other.largest)
        smallestPairs += other.smallestPairs
    }

    /// The share of the sampled cells whose two smallest values, taken out of the logarithm, are as 1 to 2; nil for fewer
    /// than ten cells.
    func shareOfCountRatios(exponential: (Float) -> Double) -> Double? {
        guard smallestPairs.count >= 10 else { return nil }
        let fitting = smallestPairs.count { abs(exponential($0.second) / exponential($0.first) - 2) < 0.02 }
        return Double(fitting) / Double(smallestPairs.count)
    }

    /// Every how many cells one is sampled: 500 or a few more of all.
    static func samplingStep(cells: Int) -> Int { max(1, cells / 500) }
}
