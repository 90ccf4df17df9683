/// A set of nodes of a diagram, one bit a node; sets of nodes below 128 need no memory of their own.
///
/// Iterates by rising number. Complexity of every operation between sets: one step a word of 64 nodes.
public struct NodeSet: Sendable, Hashable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0
    /// The words from node 128 on, the last of them not 0, so that equal sets have equal words; nil where there are
    /// none, since sets without memory of their own are copied without counting.
    private var rest: [UInt64]?

    public init() {}

    public init(_ nodes: some Sequence<Int>) { for node in nodes { insert(node) } }

    public init(only node: Int) { insert(node) }

    /// 0..<count.
    public init(below count: Int) {
        low = Self.word(0, below: count)
        high = Self.word(1, below: count)
        if count > 128 { rest = (2..<(count + 63) / 64).map { Self.word($0, below: count) } }
    }

    /// The bits of that word that stand for nodes below `count`.
    private static func word(_ place: Int, below count: Int) -> UInt64 {
        let bits = count - place * 64
        return bits >= 64 ? .max : bits <= 0 ? 0 : (1 << UInt64(bits)) - 1
    }

    fileprivate var wordCount: Int { 2 + (rest?.count ?? 0) }

    fileprivate func word(_ place: Int) -> UInt64 {
        switch place {
        case 0: low
        case 1: high
        default: place < wordCount ? rest![place - 2] : 0
        }
    }

    // MARK: Members

    public var isEmpty: Bool { low == 0 && high == 0 && rest == nil }

    public var count: Int {
        (0..<wordCount).reduce(0) { $0 + word($1).nonzeroBitCount }
    }

    public func contains(_ node: Int) -> Bool { word(node >> 6) >> UInt64(node & 63) & 1 == 1 }

    public mutating func insert(_ node: Int) {
        precondition(node >= 0, "nodes are numbered from 0, \(node) is none")
        let bit: UInt64 = 1 << UInt64(node & 63)
        switch node >> 6 {
        case 0: low |= bit
        case 1: high |= bit
        case let place:
            var words = rest ?? []
            while words.count < place - 1 { words.append(0) }
            words[place - 2] |= bit
            rest = words
        }
    }

    public mutating func remove(_ node: Int) { self = subtracting([node]) }

    /// The member of the lowest number.
    public var first: Int? {
        if low != 0 { return low.trailingZeroBitCount }
        if high != 0 { return 64 + high.trailingZeroBitCount }
        return (2..<wordCount).first { word($0) != 0 }.map { 64 * $0 + word($0).trailingZeroBitCount }
    }

    // MARK: Algebra

    public func union(_ other: NodeSet) -> NodeSet { combined(with: other, |) }

    public func intersection(_ other: NodeSet) -> NodeSet { combined(with: other, &) }

    public func subtracting(_ other: NodeSet) -> NodeSet { combined(with: other) { $0 & ~$1 } }

    public mutating func formUnion(_ other: NodeSet) { self = union(other) }

    public mutating func formIntersection(_ other: NodeSet) { self = intersection(other) }

    public mutating func subtract(_ other: NodeSet) { self = subtracting(other) }

    /// The members below `node`: with nodes in a causal order, those that come before it.
    public func below(_ node: Int) -> NodeSet { intersection(NodeSet(below: node)) }

    public func isDisjoint(with other: NodeSet) -> Bool {
        guard low & other.low == 0, high & other.high == 0 else { return false }
        guard rest != nil, other.rest != nil else { return true }
        return (2..<wordCount).allSatisfy { word($0) & other.word($0) == 0 }
    }

    public func isSubset(of other: NodeSet) -> Bool {
        guard low & ~other.low == 0, high & ~other.high == 0 else { return false }
        return rest == nil || (2..<wordCount).allSatisfy { word($0) & ~other.word($0) == 0 }
    }

    @inline(__always)
    private func combined(with other: NodeSet, _ operation: (UInt64, UInt64) -> UInt64) -> NodeSet {
        var result = NodeSet()
        result.low = operation(low, other.low)
        result.high = operation(high, other.high)
        if rest != nil || other.rest != nil {
            var words = (2..<Swift.max(wordCount, other.wordCount)).map { operation(word($0), other.word($0)) }
            while words.last == 0 { words.removeLast() }
            result.rest = words.isEmpty ? nil : words
        }
        return result
    }
}

extension NodeSet: Sequence {
    public struct Iterator: IteratorProtocol {
        fileprivate let set: NodeSet
        fileprivate var place = 0
        fileprivate var bits: UInt64

        public mutating func next() -> Int? {
            while bits == 0 {
                place += 1
                guard place < set.wordCount else { return nil }
                bits = set.word(place)
            }
            defer { bits &= bits - 1 }
            return place * 64 + bits.trailingZeroBitCount
        }
    }

    public func makeIterator() -> Iterator { Iterator(set: self, bits: low) }

    public var underestimatedCount: Int { count }
}

extension NodeSet: ExpressibleByArrayLiteral {
    public init(arrayLiteral nodes: Int...) { self.init(nodes) }
}
