import Probability

/// Draws some of many cells so that every intervention keeps its share of them, and the rare ones more than that.
enum StratifiedDraw {
    /// Cells of an intervention that are left to it where its share would be less: what it shifts could not be told else.
    static let fewest = 100

    /// Rising places of `limit` cells, all where there are no more.
    /// - Parameter strata: For each cell the number of its intervention.
    static func places(_ limit: Int, strata: [Int32], stream: RandomStream) -> [Int] {
        guard strata.count > limit else { return Array(strata.indices) }
        // Numbered as they come, so that their names make no difference.
        var numbers: [Int32: Int] = [:]
        var members: [[Int]] = []
        for (place, stratum) in strata.enumerated() {
            if numbers[stratum] == nil {
                numbers[stratum] = members.count
                members.append([])
            }
            members[numbers[stratum]!].append(place)
        }
        var places: [Int] = []
        for (number, share) in shares(of: members.map(\.count), limit: limit).enumerated() {
            var stream = stream.stream(number)
            places += stream.choice(share, of: members[number].count).map { members[number][$0] }
        }
        return places.sorted()
    }

    /// How many of each are drawn: the same fraction of all, but `fewest` at least where there are so many.
    static func shares(of counts: [Int], limit: Int) -> [Int] {
        let least = min(fewest, limit / max(1, counts.count))
        func shares(_ fraction: Double) -> [Int] { counts.map { min($0, max(least, Int(fraction * Double($0)))) } }
        var (low, high) = (0.0, 1.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if shares(middle).reduce(0, +) <= limit { low = middle } else { high = middle }
        }
        var result = shares(low)
        // What rounding left over goes to the first that have more.
        var left = limit - result.reduce(0, +)
        for place in counts.indices where left > 0 && result[place] < counts[place] {
            result[place] += 1
            left -= 1
        }
        return result
    }
}
