/// A factor of a formula, and what is known of it.
struct Factor {
    let expression: Expression
    /// Summed over these it is 1, whatever the values of its other nodes.
    let of: NodeSet
    /// On whose values it depends.
    let free: NodeSet
}

/// Σ over `summed` of the product of factors, kept apart as long as something may still cancel.
struct FactorProduct {
    private(set) var factors: [Factor]
    private(set) var summed: NodeSet

    /// Drops what adds up to 1: factors of which all nodes are summed and appear in no other.
    init(_ factors: [Factor], summed: NodeSet = []) {
        self.factors = factors
        self.summed = summed
        var last = factors.count - 1
        while last >= 0 {
            let factor = self.factors[last]
            let isBarren =
                factor.of.isSubset(of: self.summed)
                && !self.factors.indices.contains { $0 != last && !self.factors[$0].free.isDisjoint(with: factor.of) }
            if isBarren {
                self.factors.remove(at: last)
                self.summed.subtract(factor.of)
                // Those before may have waited for this one.
                last = self.factors.count
            }
            last -= 1
        }
    }

    func summing(_ nodes: NodeSet) -> FactorProduct { FactorProduct(factors, summed: summed.union(nodes)) }

    /// P(v | all before it), where the factors are conditionals of one node each, in a causal order: those of later
    /// nodes add up to 1, and of the others only those tied to v's own by hidden nodes don't cancel.
    func conditional(on node: Int) -> Factor {
        let earlier = factors.filter { $0.of.first! <= node }
        let own = earlier.firstIndex { $0.of.contains(node) }!
        let tied = Self.tied(to: own, among: earlier, by: summed)
        let hidden = summed.intersection(tied.reduce(into: NodeSet()) { $0.formUnion(earlier[$1].free) })
        guard !hidden.isEmpty else { return earlier[own] }
        let above = FactorProduct(tied.map { earlier[$0] }, summed: hidden).expression
        let below = FactorProduct(tied.filter { $0 != own }.map { earlier[$0] }, summed: hidden).expression
        let quotient = Expression.dividing(above, by: below)
        return Factor(expression: quotient, of: [node], free: quotient.freeNodes)
    }

    /// What is left of the product divided by its sum over `outcomes`: factors tied to no outcome cancel.
    func conditional(of outcomes: NodeSet) -> Expression {
        let groups = Self.groups(factors, by: summed.union(outcomes))
        let kept = groups.filter { group in group.contains { !factors[$0].free.isDisjoint(with: outcomes) } }
            .flatMap(\.self).sorted().map { factors[$0] }
        let above = FactorProduct(kept, summed: summed.intersection(Self.free(kept)))
        return .dividing(above.expression, by: above.summing(outcomes).expression)
    }

    /// As one factor.
    func factor(of nodes: NodeSet) -> Factor { Factor(expression: expression, of: nodes, free: freeNodes) }

    var freeNodes: NodeSet { Self.free(factors).subtracting(summed) }

    private static func free(_ factors: [Factor]) -> NodeSet {
        factors.reduce(into: NodeSet()) { $0.formUnion($1.free) }
    }

    /// Each group of factors that share summed nodes is a sum of its own.
    var expression: Expression {
        guard !summed.isEmpty else { return .summing([], Self.chained(factors.map(\.expression), summed: []).factors) }
        var free: [Expression] = []
        var sums: [Expression] = []
        for group in Self.groups(factors, by: summed) {
            let members = group.map { factors[$0] }
            let own = summed.intersection(Self.free(members))
            if own.isEmpty {
                free += members.map(\.expression)
            } else {
                let (chained, left) = Self.chained(members.map(\.expression), summed: own)
                sums.append(.summing(left, chained))
            }
        }
        return .summing([], Self.chained(free, summed: []).factors + sums)
    }

    // MARK: Ties

    private static func tied(to start: Int, among factors: [Factor], by nodes: NodeSet) -> [Int] {
        var isTied = Array(repeating: false, count: factors.count)
        isTied[start] = true
        var ties = factors[start].free.intersection(nodes)
        var isGrowing = true
        while isGrowing {
            isGrowing = false
            for index in factors.indices where !isTied[index] && !factors[index].free.isDisjoint(with: ties) {
                isTied[index] = true
                ties.formUnion(factors[index].free.intersection(nodes))
                isGrowing = true
            }
        }
        return factors.indices.filter { isTied[$0] }
    }

    private static func groups(_ factors: [Factor], by nodes: NodeSet) -> [[Int]] {
        var groups: [[Int]] = []
        var isPlaced = Array(repeating: false, count: factors.count)
        for index in factors.indices where !isPlaced[index] {
            let group = tied(to: index, among: factors, by: nodes)
            for member in group { isPlaced[member] = true }
            groups.append(group)
        }
        return groups
    }

    // MARK: Chains

    /// P(b | a, c) P(a | c) is written P(a, b | c); and what is summed and appears nowhere else leaves a P(a, b | c).
    private static func chained(_ list: [Expression], summed: NodeSet) -> (factors: [Expression], summed: NodeSet) {
        var list = list
        var summed = summed
        while joinChains(&list) || dropLoneNodes(&list, &summed) {}
        return (list, summed)
    }

    /// - Returns: Whether there were any.
    private static func joinChains(_ list: inout [Expression]) -> Bool {
        var byCondition: [NodeSet: [Int]] = [:]
        for (place, expression) in list.enumerated() {
            guard case .probability(_, let given, _) = expression, !given.isEmpty else { continue }
            byCondition[given, default: []].append(place)
        }
        guard !byCondition.isEmpty, list.count > 1 else { return false }
        var isGone = Array(repeating: false, count: list.count)
        for start in list.indices where !isGone[start] {
            var place = start
            while case .probability(let of, let given, let under) = list[place],
                let next = byCondition[of.union(given)]?.first(where: { !isGone[$0] && list[$0].under == under }),
                case .probability(let more, _, _) = list[next]
            {
                let (kept, gone) = (min(place, next), max(place, next))
                list[kept] = .probability(of: of.union(more), given: given, under: under)
                isGone[gone] = true
                if !given.isEmpty, kept != place { byCondition[given]?.append(kept) }
                place = kept
            }
        }
        guard isGone.contains(true) else { return false }
        list = zip(list, isGone).filter { !$0.1 }.map(\.0)
        return true
    }

    /// - Returns: Whether there were any.
    private static func dropLoneNodes(_ list: inout [Expression], _ summed: inout NodeSet) -> Bool {
        guard !summed.isEmpty else { return false }
        var (once, twice) = (NodeSet(), NodeSet())
        for expression in list {
            let free = expression.freeNodes
            twice.formUnion(once.intersection(free))
            once.formUnion(free)
        }
        let before = summed
        for (place, expression) in list.enumerated() {
            guard case .probability(let of, let given, let under) = expression else { continue }
            let lone = of.intersection(summed).subtracting(twice)
            guard !lone.isEmpty, lone != of else { continue }
            list[place] = .probability(of: of.subtracting(lone), given: given, under: under)
            summed.subtract(lone)
        }
        return summed != before
    }
}

extension Expression {
    /// The experiment of a probability.
    fileprivate var under: NodeSet? {
        if case .probability(_, _, let under) = self { under } else { nil }
    }
}
