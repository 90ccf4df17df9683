/// One change of the diagram, or one more experiment, with which a refused effect becomes identifiable.
public enum Unblocking: Sendable, Equatable {
    /// The cause that these nodes share is measured, or is known not to be there.
    case commonCause(Int, Int)
    /// The first does not act on the second.
    case edge(Int, Int)
    /// This node is set in an experiment, be it a treatment or another.
    case experiment(Int)
}

extension IdentificationAnswer {
    /// Everything single that would unblock a refused effect, each tried by asking again; for an identifiable one
    /// nothing.
    ///
    /// What breaks no hedge can't help, so only pairs and edges within the hedge are tried; experiments on all other
    /// nodes.
    public var unblockings: [Unblocking] {
        guard case .notIdentifiable(let hedge, let derivation) = self else { return [] }
        let diagram = derivation.diagram
        let query = NodeQuery(
            outcomes: derivation.root.outcomes.subtracting(derivation.conditions),
            treatments: derivation.root.treatments, conditions: derivation.conditions)
        func isEnough(_ change: Unblocking) -> Bool {
            if case .experiment(let node) = change {
                return diagram.identify(query, experiments: derivation.experiments + [[node]]).isIdentifiable
            }
            let changed = diagram.changed(change)
            func moved(_ nodes: NodeSet) -> NodeSet { changed.moved(nodes, from: diagram) }
            return changed.identify(
                NodeQuery(
                    outcomes: moved(query.outcomes), treatments: moved(query.treatments),
                    conditions: moved(query.conditions)),
                experiments: derivation.experiments.map(moved)
            ).isIdentifiable
        }
        let inside = hedge.nodes
        var changes: [Unblocking] = []
        for node in inside {
            changes += diagram.siblings[node].intersection(inside).filter { $0 > node }.map { .commonCause(node, $0) }
        }
        for node in inside { changes += diagram.children[node].intersection(inside).map { .edge(node, $0) } }
        let others = diagram.nodes.subtracting(query.outcomes).subtracting(query.conditions)
        changes += others.map { .experiment($0) }
        return changes.filter(isEnough)
    }
}

extension CausalDiagram {
    /// The diagram in which the cause of two nodes is measured, as a node of its own, or in which an edge is missing.
    fileprivate func changed(_ change: Unblocking) -> CausalDiagram {
        var graph = LatentProjection(self)
        var given = names
        switch change {
        case .commonCause(let a, let b):
            graph.deconfound(a, b)
            let cause = graph.addNode()
            // No name of another: it holds all of them.
            given.append(names.joined())
            graph.join(cause, to: a)
            graph.join(cause, to: b)
        case .edge(let source, let target): graph.separate(source, from: target)
        case .experiment: break
        }
        return CausalDiagram(given, graph, latents: latents, selection: selection)
    }

    /// The nodes of the same names here.
    func moved(_ nodes: NodeSet, from other: CausalDiagram) -> NodeSet {
        NodeSet(nodes.map { number(of: other.names[$0])! })
    }
}
