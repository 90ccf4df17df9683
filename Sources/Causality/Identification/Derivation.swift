/// How a query was answered: the recursion of ID as a tree, a step a node, each as the paper's line that applied.
///
/// A consumer walks the tree with the current distribution in hand, which is P(V) (or that of an experiment) at the
/// root:
///
/// 1. x is empty: the answer is the current distribution of the outcomes. No child.
/// 2. Only `nodes` of the child matter: `removed`, the others, are summed out of the current distribution.
/// 3. Setting `added` too changes nothing, whatever the values.
/// 4. The product of the children, one for each district (by name), summed over `summed`.
/// 5. Refused: see the hedge. No child.
/// 6. The product of P(v | predecessors) over v in `district`, summed over `summed`. No child.
/// 7. The current distribution becomes the product of P(v | predecessors) over v in `district`, of which `fixed`, the
///    treatments outside it, stay parameters.
/// 8. Not in the paper, for gID: the current distribution becomes that of the child's `experiment`, over the nodes
/// left.
///    Where it is refused: one child for every distribution that was tried.
///
/// All node numbers are those of `diagram`, whose order is the one topological order for every step.
public struct Derivation: Sendable {
    public let diagram: CausalDiagram
    /// The sets of nodes that experiments set, beside which there is observation.
    public let experiments: [NodeSet]
    /// Conditions that act like treatments (rule 2 of the do-calculus), and were made such.
    public let movedConditions: NodeSet
    /// Conditions that stayed: the answer is P(outcomes, conditions) over its sum over the outcomes.
    public let conditions: NodeSet
    /// Of the joint query, in which the conditions that stayed are outcomes.
    public let root: Step

    public enum Line: Int, Sendable, Codable {
        case marginal = 1, ancestors, harmless, districts, hedge, district, nested, experiment
    }

    public struct Step: Sendable {
        public let line: Line
        /// Y and X of the query at this step.
        public let outcomes: NodeSet
        public let treatments: NodeSet
        /// The current graph is the one that they induce.
        public let nodes: NodeSet
        /// Treatments of earlier steps on line 7 whose values the current distribution has as parameters.
        public let parameters: NodeSet
        /// The current distribution stems from the experiment that sets these nodes; from observation where there are
        /// none.
        public let experiment: NodeSet
        /// Line 6: S. Line 7: S′, the district that holds what is left without the treatments. Line 5: F′. Else empty.
        public let district: NodeSet
        public let children: [Step]
        /// Whether the answer here is a refusal.
        public let isRefused: Bool

        init(
            line: Line, outcomes: NodeSet, treatments: NodeSet, nodes: NodeSet, parameters: NodeSet,
            experiment: NodeSet, district: NodeSet, children: [Step]
        ) {
            self.line = line
            self.outcomes = outcomes
            self.treatments = treatments
            self.nodes = nodes
            self.parameters = parameters
            self.experiment = experiment
            self.district = district
            self.children = children
            isRefused = line == .hedge || children.last?.isRefused ?? false
        }

        /// Line 2: the nodes that are summed out of the current distribution.
        public var removed: NodeSet { line == .ancestors ? nodes.subtracting(children[0].nodes) : [] }
        /// Line 3: the nodes that are set too.
        public var added: NodeSet { line == .harmless ? children[0].treatments.subtracting(treatments) : [] }
        /// Line 7: the treatments outside S′.
        public var fixed: NodeSet { line == .nested ? treatments.subtracting(district) : [] }
        /// What the answer is summed over.
        public var summed: NodeSet {
            switch line {
            case .marginal: nodes.subtracting(outcomes)
            case .districts: nodes.subtracting(outcomes).subtracting(treatments)
            case .district: district.subtracting(outcomes)
            default: []
            }
        }
    }

    /// The steps depth first, districts by name.
    public var steps: [Step] {
        var found: [Step] = []
        var waiting = [root]
        while let step = waiting.popLast() {
            found.append(step)
            waiting.append(contentsOf: step.children.reversed())
        }
        return found
    }

    /// The experiments whose distributions the formula takes, as they come.
    public var usedExperiments: [NodeSet] {
        steps.filter { $0.line == .experiment }.map { $0.children[0].experiment }
            .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// Nodes set on line 3: the answer is the same for all their values.
    public var anyValue: NodeSet { steps.reduce(into: NodeSet()) { $0.formUnion($1.added) } }
}
