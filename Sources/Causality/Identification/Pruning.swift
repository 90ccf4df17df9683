/// The same effect with fewer measured nodes.
public struct PrunedEstimand: Sendable {
    /// Over a diagram that has only the nodes that the formula needs.
    public let estimand: Estimand
    /// Names of the nodes that the unpruned formula mentions and this one doesn't, sorted.
    public let spared: [String]
}

extension Derivation {
    /// The formula after nodes were taken for unmeasured, one after another, as long as the effect stays identifiable
    /// and the formula does not grow; nil where none can be spared. Only for observation.
    ///
    /// What follows from the distribution of fewer nodes is the same effect, so pruning is always right; that the nodes
    /// can be spared is found by asking again in the latent projection.
    /// Source: Tikka & Karvanen 2018, "Enhancing identification of causal effects by pruning".
    ///
    /// Complexity: one identification for every node that the formula mentions.
    public func pruned() -> PrunedEstimand? {
        guard experiments.isEmpty else { return nil }
        let query = NodeQuery(
            outcomes: root.outcomes.subtracting(conditions), treatments: root.treatments, conditions: conditions)
        let asked = root.outcomes.union(query.treatments)
        let mentioned = estimand.expression.mentionedNodes
        var best = (estimand: estimand, size: estimand.expression.size(limit: .max))
        // What the formula does not mention can be spared at once.
        var current = diagram.without(diagram.nodes.subtracting(mentioned.union(asked)))
        for node in mentioned.subtracting(asked) {
            let fewer = current.without([current.number(of: diagram.names[node])!])
            let answer = fewer.identify(
                NodeQuery(
                    outcomes: fewer.moved(query.outcomes, from: diagram),
                    treatments: fewer.moved(query.treatments, from: diagram),
                    conditions: fewer.moved(query.conditions, from: diagram)))
            guard case .identifiable(let derivation) = answer else { continue }
            let estimand = derivation.estimand
            let size = estimand.expression.size(limit: best.size + 1)
            guard size <= best.size else { continue }
            best = (estimand, size)
            current = fewer
        }
        let kept = Set(best.estimand.diagram.names(of: best.estimand.expression.mentionedNodes))
        let spared = diagram.names(of: mentioned).filter { !kept.contains($0) }
        return spared.isEmpty ? nil : PrunedEstimand(estimand: best.estimand, spared: spared)
    }
}

extension CausalDiagram {
    /// The latent projection on the other nodes.
    fileprivate func without(_ nodes: NodeSet) -> CausalDiagram {
        var projection = LatentProjection(self)
        for node in nodes { projection.remove(node) }
        return CausalDiagram(names, projection, latents: latents.union(nodes.map { names[$0] }), selection: selection)
    }
}

extension Expression {
    /// All nodes that it writes, bound or free.
    public var mentionedNodes: NodeSet {
        switch self {
        case .probability: freeNodes
        case .sum(let over, let inner): over.union(inner.mentionedNodes)
        case .product(let factors): factors.reduce(into: NodeSet()) { $0.formUnion($1.mentionedNodes) }
        case .quotient(let above, let below): above.mentionedNodes.union(below.mentionedNodes)
        }
    }
}
