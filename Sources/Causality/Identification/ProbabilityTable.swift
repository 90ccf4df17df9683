/// Values for every combination of levels of some nodes, such as a joint distribution of few levels each.
public struct ProbabilityTable: Sendable, Equatable {
    /// Rising.
    public let nodes: [Int]
    /// How many levels each has.
    public let levels: [Int]
    /// Row-major, the last node fastest.
    public private(set) var values: [Double]

    /// - `axes`: the nodes in any order, with their levels; `values` in that order, the last fastest.
    public init(axes: [(node: Int, levels: Int)], values: [Double]) {
        precondition(
            values.count == axes.reduce(1) { $0 * $1.levels },
            "\(axes.map(\.levels)) levels and \(values.count) values")
        let order = axes.indices.sorted { axes[$0].node < axes[$1].node }
        nodes = order.map { axes[$0].node }
        levels = order.map { axes[$0].levels }
        let strides = Self.strides(axes.map(\.levels))
        self.values = Self.offsets(levels, order.map { strides[$0] }).map { values[$0] }
    }

    init(nodes: [Int], levels: [Int], values: [Double]) {
        self.nodes = nodes
        self.levels = levels
        self.values = values
    }

    static let one = ProbabilityTable(nodes: [], levels: [], values: [1])

    public var nodeSet: NodeSet { NodeSet(nodes) }

    /// The value at these levels; those of other nodes don't matter.
    public subscript(_ level: (Int) -> Int) -> Double {
        values[zip(nodes, levels).reduce(0) { $0 * $1.1 + level($1.0) }]
    }

    // MARK: Arithmetic

    public func times(_ other: ProbabilityTable) -> ProbabilityTable { combined(with: other, *) }

    /// 0 where both are 0: a conditional distribution given what never happens.
    public func divided(by other: ProbabilityTable) -> ProbabilityTable {
        combined(with: other) { $0 == 0 ? 0 : $0 / $1 }
    }

    public func summed(over summed: NodeSet) -> ProbabilityTable {
        let kept = nodes.indices.filter { !summed.contains(nodes[$0]) }
        guard kept.count < nodes.count else { return self }
        let keptLevels = kept.map { levels[$0] }
        let keptStrides = Self.strides(keptLevels)
        var strides = Array(repeating: 0, count: nodes.count)
        for (place, axis) in kept.enumerated() { strides[axis] = keptStrides[place] }
        var sums = Array(repeating: 0.0, count: keptLevels.reduce(1, *))
        for (value, target) in zip(values, Self.offsets(levels, strides)) { sums[target] += value }
        return ProbabilityTable(nodes: kept.map { nodes[$0] }, levels: keptLevels, values: sums)
    }

    public func marginal(_ kept: NodeSet) -> ProbabilityTable { summed(over: nodeSet.subtracting(kept)) }

    private func combined(
        with other: ProbabilityTable, _ operation: (Double, Double) -> Double
    ) -> ProbabilityTable {
        let union = Array(nodeSet.union(other.nodeSet))
        let unionLevels = union.map { node in
            nodes.firstIndex(of: node).map { levels[$0] } ?? other.levels[other.nodes.firstIndex(of: node)!]
        }
        let left = Self.offsets(unionLevels, strides(in: union))
        let right = Self.offsets(unionLevels, other.strides(in: union))
        return ProbabilityTable(
            nodes: union, levels: unionLevels,
            values: left.indices.map { operation(values[left[$0]], other.values[right[$0]]) })
    }

    /// Of each of these nodes the step in `values`, 0 for those that are not here.
    private func strides(in union: [Int]) -> [Int] {
        let own = Self.strides(levels)
        return union.map { node in nodes.firstIndex(of: node).map { own[$0] } ?? 0 }
    }

    private static func strides(_ levels: [Int]) -> [Int] {
        var strides = Array(repeating: 1, count: levels.count)
        for axis in levels.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * levels[axis + 1] }
        return strides
    }

    /// Σ level · stride for every combination of levels, in row-major order.
    private static func offsets(_ levels: [Int], _ strides: [Int]) -> [Int] {
        var offsets = [0]
        for (count, stride) in zip(levels, strides) {
            offsets = offsets.flatMap { start in (0..<count).map { start + $0 * stride } }
        }
        return offsets
    }
}
