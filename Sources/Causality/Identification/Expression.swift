/// A formula over the distribution of the measured nodes. Names bind as in mathematics: a sum binds its nodes inside
/// it, and an inner sum over the same node hides the outer one.
public indirect enum Expression: Sendable, Equatable {
    /// P(of | given), from observation, or from the experiment that sets the nodes `under`.
    case probability(of: NodeSet, given: NodeSet, under: NodeSet)
    case sum(over: NodeSet, Expression)
    /// Without factors: 1.
    case product([Expression])
    case quotient(Expression, Expression)

    static let one = Expression.product([])

    /// The nodes on whose values it depends.
    public var freeNodes: NodeSet {
        switch self {
        case .probability(let of, let given, let under): of.union(given).union(under)
        case .sum(let over, let inner): inner.freeNodes.subtracting(over)
        case .product(let factors): factors.reduce(into: NodeSet()) { $0.formUnion($1.freeNodes) }
        case .quotient(let above, let below): above.freeNodes.union(below.freeNodes)
        }
    }

    /// Nodes of experiments over whose values it sums.
    public var summedExperimentNodes: NodeSet {
        switch self {
        case .probability: []
        case .sum(let over, let inner):
            inner.summedExperimentNodes.union(inner.experimentNodes.intersection(over))
        case .product(let factors): factors.reduce(into: NodeSet()) { $0.formUnion($1.summedExperimentNodes) }
        case .quotient(let above, let below): above.summedExperimentNodes.union(below.summedExperimentNodes)
        }
    }

    /// Nodes of experiments on whose values it depends.
    private var experimentNodes: NodeSet {
        switch self {
        case .probability(_, _, let under): under
        case .sum(let over, let inner): inner.experimentNodes.subtracting(over)
        case .product(let factors): factors.reduce(into: NodeSet()) { $0.formUnion($1.experimentNodes) }
        case .quotient(let above, let below): above.experimentNodes.union(below.experimentNodes)
        }
    }

    /// How many probabilities and sums it writes, counted up to a limit: nested quotients repeat their parts.
    func size(limit: Int) -> Int {
        guard limit > 0 else { return 0 }
        switch self {
        case .probability: return 1
        case .sum(_, let inner): return min(limit, 1 + inner.size(limit: limit - 1))
        case .product(let factors):
            return factors.reduce(0) { $0 >= limit ? $0 : $0 + $1.size(limit: limit - $0) }
        case .quotient(let above, let below):
            let size = above.size(limit: limit)
            return size + below.size(limit: limit - size)
        }
    }

    /// Sum and product without what says nothing.
    static func summing(_ nodes: NodeSet, _ factors: [Expression]) -> Expression {
        let product = factors.count == 1 ? factors[0] : .product(factors)
        return nodes.isEmpty ? product : .sum(over: nodes, product)
    }

    /// The quotient; P(a, b | c) / P(b | c) as P(a | b, c).
    static func dividing(_ above: Expression, by below: Expression) -> Expression {
        if below == .one { return above }
        if case .probability(let of, let given, let under) = above,
            case .probability(let part, given, under) = below, part.isSubset(of: of)
        {
            return .probability(of: of.subtracting(part), given: given.union(part), under: under)
        }
        return .quotient(above, below)
    }
}

/// An expression over the nodes of a diagram.
public struct Estimand: Sendable, Equatable {
    public let expression: Expression
    public let diagram: CausalDiagram

    public init(_ expression: Expression, diagram: CausalDiagram) {
        self.expression = expression
        self.diagram = diagram
    }
}
