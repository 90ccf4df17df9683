/// A derivation's formula exactly as the paper writes it: every conditional is on all predecessors, every marginal a
/// sum, nothing cancelled.
struct LiteralFormula {

    /// The current distribution P.
    private enum Current {
        /// Marginals of the distribution at the root are themselves probabilities.
        case measured(under: NodeSet)
        case formula(Expression)
    }

    func expression(of derivation: Derivation) -> Expression {
        let joint = expression(derivation.root, .measured(under: []))
        guard !derivation.conditions.isEmpty else { return joint }
        return .quotient(joint, .sum(over: derivation.root.outcomes.subtracting(derivation.conditions), joint))
    }

    private func expression(_ step: Derivation.Step, _ current: Current) -> Expression {
        switch step.line {
        case .marginal: return marginal(step.outcomes, current, step.nodes)
        case .ancestors:
            let child = step.children[0]
            guard case .formula = current else { return expression(child, current) }
            return expression(child, .formula(marginal(child.nodes, current, step.nodes)))
        case .harmless: return expression(step.children[0], current)
        case .districts: return .summing(step.summed, step.children.map { expression($0, current) })
        case .district:
            return .summing(step.summed, step.district.map { conditional($0, current, step.nodes) })
        case .nested:
            let product = Expression.summing([], step.district.map { conditional($0, current, step.nodes) })
            return expression(step.children[0], .formula(product))
        case .experiment:
            let child = step.children[0]
            return expression(child, .measured(under: child.experiment))
        case .hedge: preconditionFailure("a refused derivation has no formula")
        }
    }

    private func marginal(_ kept: NodeSet, _ current: Current, _ nodes: NodeSet) -> Expression {
        switch current {
        case .measured(let under): .probability(of: kept, given: [], under: under)
        case .formula(let expression): .summing(nodes.subtracting(kept), [expression])
        }
    }

    /// P(v | v_π^(i−1)) of the current distribution.
    private func conditional(_ node: Int, _ current: Current, _ nodes: NodeSet) -> Expression {
        let earlier = nodes.below(node)
        if case .measured(let under) = current { return .probability(of: [node], given: earlier, under: under) }
        let above = marginal(earlier.union([node]), current, nodes)
        return earlier.isEmpty ? above : .quotient(above, marginal(earlier, current, nodes))
    }
}
