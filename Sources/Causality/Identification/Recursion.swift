/// The algorithms ID (Shpitser & Pearl 2006a, "Identification of joint interventional distributions in recursive
/// semi-Markovian causal models", figure 3), IDC (2006b, "Identification of conditional interventional
/// distributions") and gID (Lee, Correa & Bareinboim 2019, "General identifiability with arbitrary surrogate
/// experiments", algorithm 1), which is ID where there are no experiments. Kivva, Mokhtarian, Etesami & Kiyavash
/// 2022, "Revisiting the general identifiability problem", prove gID sound and complete where all distributions are
/// positive.
///
/// | paper | code | meaning |
/// |---|---|---|
/// | y, x | `outcomes`, `treatments` | of the query at hand |
/// | P | – | the current distribution, which `Derivation`'s reader carries along |
/// | G | `nodes` | the current graph is the one that they induce |
/// | An(Y)_G | `diagram.ancestors(of: within:)` | Y included |
/// | C(G) | `diagram.districts(of:)` | |
/// | S, S′ | `districts[0]`, `district` | lines 4 to 7 |
/// | ℤ | `experiments` | sets of nodes that were set together, among which there is still a choice |
///
/// Deviation from the paper: what is returned is the derivation, not the expression; the recursion ends at the first
/// refusal, and IDC asks its joint query without recursion, since moving one condition after another ends in one set
/// whatever their order. Observation is always there, and is taken where it suffices.
struct Recursion {
    let diagram: CausalDiagram

    /// The answer about P_x(y) from a distribution over `nodes`: that of the experiment that sets the nodes
    /// `experiment` (observation where there are none), or one still to be chosen from `experiments`.
    func identify(
        _ y: NodeSet, _ x: NodeSet, _ nodes: NodeSet, parameters: NodeSet = [], experiment: NodeSet = [],
        experiments: [NodeSet] = []
    ) -> Derivation.Step {
        func step(_ line: Derivation.Line, district: NodeSet = [], _ children: [Derivation.Step]) -> Derivation.Step {
            Derivation.Step(
                line: line, outcomes: y, treatments: x, nodes: nodes, parameters: parameters, experiment: experiment,
                district: district, children: children)
        }
        func next(_ y: NodeSet, _ x: NodeSet, _ nodes: NodeSet, fixed: NodeSet = []) -> Derivation.Step {
            identify(
                y, x, nodes, parameters: parameters.union(fixed), experiment: experiment, experiments: experiments)
        }
        func inExperiment(_ z: NodeSet) -> Derivation.Step {
            identify(y, x.subtracting(z), nodes.subtracting(z), parameters: parameters, experiment: z)
        }
        // Line 1
        if x.isEmpty { return step(.marginal, []) }
        if let exact = experiments.first(where: { $0.intersection(nodes) == x }) {
            return step(.experiment, [inExperiment(exact)])
        }
        // Line 2
        let relevant = diagram.ancestors(of: y, within: nodes)
        if relevant != nodes {
            return step(.ancestors, [next(y, x.intersection(relevant), relevant)])
        }
        // Line 3
        let free = nodes.subtracting(x)
        let harmless = free.subtracting(diagram.ancestors(of: y, within: nodes, cutInto: x))
        if !harmless.isEmpty { return step(.harmless, [next(y, x.union(harmless), nodes)]) }
        // Line 4
        let districts = diagram.districts(of: free)
        if districts.count > 1 {
            var children: [Derivation.Step] = []
            for district in districts {
                children.append(next(district, nodes.subtracting(district), nodes))
                if children.last!.isRefused { break }
            }
            return step(.districts, children)
        }
        let s = districts[0]
        // Of a set that was wholly given up, an experiment shows nothing that observation doesn't.
        let useful = experiments.filter { $0.isDisjoint(with: s) && !$0.isDisjoint(with: nodes) }
        if !useful.isEmpty {
            var refused: [Derivation.Step] = []
            for z in [[]] + useful {
                let attempt = inExperiment(z)
                if !attempt.isRefused { return z.isEmpty ? attempt : step(.experiment, [attempt]) }
                refused.append(attempt)
            }
            return step(.experiment, refused)
        }
        let district = diagram.district(of: s.first!, within: nodes)
        // Line 5
        if district == nodes { return step(.hedge, district: s, []) }
        // Line 6
        if district == s { return step(.district, district: s, []) }
        // Line 7
        let inner = next(y, x.intersection(district), district, fixed: x.subtracting(district))
        return step(.nested, district: district, [inner])
    }

    /// The conditions that act like treatments: those that rule 2 of the do-calculus moves, each test with those moved
    /// before it.
    func movedConditions(_ query: NodeQuery) -> NodeSet {
        var (moved, left) = (NodeSet(), query.conditions)
        var isDone = left.isEmpty
        while !isDone {
            isDone = true
            for condition in left {
                let others = left.subtracting([condition])
                let x = query.treatments.union(moved)
                if diagram.areSeparated(
                    query.outcomes, [condition], given: x.union(others), within: diagram.nodes, cutInto: x,
                    cutFrom: [condition])
                {
                    moved.insert(condition)
                    left = others
                    isDone = false
                }
            }
        }
        return moved
    }
}

extension Derivation.Step {
    /// The refusal in this part of the tree; where several distributions were tried, that of the first.
    var refusal: Derivation.Step? {
        guard isRefused else { return nil }
        return line == .hedge ? self : (line == .experiment ? children.first : children.last)?.refusal
    }
}

extension CausalDiagram {
    /// Whether P(outcomes | do(treatments), conditions) follows from the distribution of the measured nodes, and how.
    ///
    /// The answer is complete: what is refused can't be computed from what was measured, whatever the number of cells
    /// (but with selected nodes, where it is sufficient only).
    /// - Parameter experiments: Beside observation, the distributions of all nodes where these are set together.
    /// - Throws: `NO_OUTCOMES`, `UNKNOWN_NODES`, `LATENT`, `REPEATED`, `OVERLAP`.
    public func identify(
        _ query: CausalQuery, experiments: [[String]] = []
    ) throws(IdentificationError) -> IdentificationAnswer {
        let query = try nodes(of: query)
        var sets: [NodeSet] = []
        for names in experiments { sets.append(try numbers(of: names, as: "node of an experiment")) }
        return identify(query, experiments: sets.filter { !$0.isEmpty })
    }

    func identify(_ query: NodeQuery, experiments: [NodeSet] = []) -> IdentificationAnswer {
        let recursion = Recursion(diagram: self)
        let moved = recursion.movedConditions(query)
        let left = query.conditions.subtracting(moved)
        let root = recursion.identify(
            query.outcomes.union(left), query.treatments.union(moved), nodes, experiments: experiments)
        let derivation = Derivation(
            diagram: self, experiments: experiments, movedConditions: moved, conditions: left, root: root)
        guard let refusal = root.refusal else { return .identifiable(derivation) }
        return .notIdentifiable(Hedge(refusal), derivation)
    }
}

/// Whether an effect follows from the data, with the evidence.
public enum IdentificationAnswer: Sendable {
    case identifiable(Derivation)
    /// The derivation ends in the refusal.
    case notIdentifiable(Hedge, Derivation)

    public var isIdentifiable: Bool {
        if case .identifiable = self { true } else { false }
    }

    public var derivation: Derivation {
        switch self {
        case .identifiable(let derivation), .notIdentifiable(_, let derivation): derivation
        }
    }

    public var hedge: Hedge? {
        if case .notIdentifiable(let hedge, _) = self { hedge } else { nil }
    }
}
