extension Estimand {
    /// The value of the formula for every combination of levels of its free nodes, given what was measured.
    ///
    /// - Parameter distribution: P(v) over all nodes of the diagram; for the nodes of an experiment, P(v | do(z)) for
    ///   every
    ///   combination of z: a table with z's axes, too.
    public func value(_ distribution: (_ experiment: NodeSet) -> ProbabilityTable) -> ProbabilityTable {
        expression.value(distribution)
    }
}

extension Expression {
    func value(_ distribution: (NodeSet) -> ProbabilityTable) -> ProbabilityTable {
        switch self {
        case .probability(let of, let given, let under):
            let conditions = given.union(under)
            let joint = distribution(under).marginal(of.union(conditions))
            return joint.divided(by: joint.marginal(conditions))
        case .sum(let over, let inner): return inner.value(distribution).summed(over: over)
        case .product(let factors):
            return factors.reduce(ProbabilityTable.one) { $0.times($1.value(distribution)) }
        case .quotient(let above, let below):
            return above.value(distribution).divided(by: below.value(distribution))
        }
    }
}
