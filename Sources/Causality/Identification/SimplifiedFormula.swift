/// A derivation's formula with what does no work left out: conditionals are on Markov pillows instead of all
/// predecessors, factors that add up to 1 are dropped, factors common to both sides of a quotient cancel, chains are
/// written as joints.
///
/// Sources: Richardson et al. 2023 for the pillow; Tikka & Karvanen 2017, "Simplifying probabilistic expressions in
/// causal inference", for what is dropped and joined.
struct SimplifiedFormula {
    let diagram: CausalDiagram

    /// The current distribution P.
    private enum Current {
        /// Marginals of the distribution at the root are themselves probabilities.
        case measured(under: NodeSet)
        /// Conditionals of one node each, hidden ones summed out.
        case product(FactorProduct)
    }

    func expression(of derivation: Derivation) -> Expression {
        let joint = product(derivation.root, .measured(under: []))
        guard !derivation.conditions.isEmpty else { return joint.expression }
        return joint.conditional(of: derivation.root.outcomes.subtracting(derivation.conditions))
    }

    private func product(_ step: Derivation.Step, _ current: Current) -> FactorProduct {
        switch step.line {
        case .marginal:
            switch current {
            case .measured(let under):
                let expression = Expression.probability(of: step.outcomes, given: [], under: under)
                return FactorProduct([
                    Factor(expression: expression, of: step.outcomes, free: step.outcomes.union(under))
                ])
            case .product(let product): return product.summing(step.summed)
            }
        case .ancestors:
            let child = step.children[0]
            guard case .product(let inner) = current else { return product(child, current) }
            return product(child, .product(inner.summing(step.nodes.subtracting(child.nodes))))
        case .harmless: return product(step.children[0], current)
        case .districts:
            let factors = step.children.flatMap { child in
                let part = product(child, current)
                return part.summed.isEmpty ? part.factors : [part.factor(of: child.outcomes)]
            }
            return FactorProduct(factors, summed: step.summed)
        case .district:
            return FactorProduct(step.district.map { conditional($0, current, step.nodes) }, summed: step.summed)
        case .nested:
            let inner = FactorProduct(step.district.map { conditional($0, current, step.nodes) })
            return product(step.children[0], .product(inner))
        case .experiment:
            let child = step.children[0]
            return product(child, .measured(under: child.experiment))
        case .hedge: preconditionFailure("a refused derivation has no formula")
        }
    }

    private func conditional(_ node: Int, _ current: Current, _ nodes: NodeSet) -> Factor {
        switch current {
        case .product(let product): return product.conditional(on: node)
        case .measured(let under):
            let own = NodeSet(only: node)
            let pillow = diagram.pillow(of: node, within: nodes)
            return Factor(
                expression: .probability(of: own, given: pillow, under: under), of: own,
                free: pillow.union(own).union(under))
        }
    }
}

extension Derivation {
    /// The formula of an identified effect, simplified.
    public var estimand: Estimand {
        Estimand(SimplifiedFormula(diagram: diagram).expression(of: self), diagram: diagram)
    }

    /// The same formula as the algorithm writes it, line by line; nil where it would take more than `limit` terms.
    public func literalEstimand(limit: Int = 10_000) -> Estimand? {
        let expression = LiteralFormula().expression(of: self)
        return expression.size(limit: limit) < limit ? Estimand(expression, diagram: diagram) : nil
    }
}
