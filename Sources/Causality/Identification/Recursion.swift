/// The algorithms ID (Shpitser & Pearl 2006a, "Identification of joint interventional distributions in recursive
/// semi-Markovian causal models", figure 3) and IDC (2006b, "Identification of conditional interventional distributions").
///
/// | paper | code | meaning |
/// |---|---|---|
/// | y, x | `outcomes`, `treatments` | of the query at hand |
/// | P | – | the current distribution, which `Derivation`'s reader carries along |
/// | G | `nodes` | the current graph is the one that they induce |
/// | An(Y)_G | `diagram.ancestors(of: within:)` | Y included |
/// | C(G) | `diagram.districts(of:)` | |
/// | S, S′ | `districts[0]`, `district` | lines 4 to 7 |
///
/// Deviation from the paper: what is returned is the derivation, not the expression; the recursion ends at the first
/// refusal, and IDC asks its joint query without recursion, since moving one condition after another ends in one set
/// whatever their order.
struct Recursion {
    let diagram: CausalDiagram

    /// ID's answer about P_x(y) from a distribution over `nodes`.
    func identify(_ y: NodeSet, _ x: NodeSet, _ nodes: NodeSet, parameters: NodeSet = []) -> Derivation.Step {
        func step(_ line: Derivation.Line, district: NodeSet = [], _ children: [Derivation.Step]) -> Derivation.Step {
            Derivation.Step(
                line: line, outcomes: y, treatments: x, nodes: nodes, parameters: parameters, district: district,
                children: children)
        }
        // Line 1
        if x.isEmpty { return step(.marginal, []) }
        // Line 2
        let relevant = diagram.ancestors(of: y, within: nodes)
        if relevant != nodes {
            return step(.ancestors, [identify(y, x.intersection(relevant), relevant, parameters: parameters)])
        }
        // Line 3
        let free = nodes.subtracting(x)
        let harmless = free.subtracting(diagram.ancestors(of: y, within: nodes, cutInto: x))
        if !harmless.isEmpty { return step(.harmless, [identify(y, x.union(harmless), nodes, parameters: parameters)]) }
        // Line 4
        let districts = diagram.districts(of: free)
        if districts.count > 1 {
            var children: [Derivation.Step] = []
            for district in districts {
                children.append(identify(district, nodes.subtracting(district), nodes, parameters: parameters))
                if children.last!.isRefused { break }
            }
            return step(.districts, children)
        }
        let s = districts[0]
        let district = diagram.district(of: s.first!, within: nodes)
        // Line 5
        if district == nodes { return step(.hedge, district: s, []) }
        // Line 6
        if district == s { return step(.district, district: s, []) }
        // Line 7
        let inner = identify(
            y, x.intersection(district), district, parameters: parameters.union(x.subtracting(district)))
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
    /// The refusal in this part of the tree, always the last step of all.
    var refusal: Derivation.Step? { line == .hedge ? self : children.last?.refusal }

    var isRefused: Bool { refusal != nil }
}

extension CausalDiagram {
    /// Whether P(outcomes | do(treatments), conditions) follows from the distribution of the measured nodes, and how.
    ///
    /// The answer is complete: what is refused can't be computed from observation, whatever the number of cells.
    /// - Throws: `NO_OUTCOMES`, `UNKNOWN_NODES`, `LATENT`, `REPEATED`, `OVERLAP`.
    public func identify(_ query: CausalQuery) throws(IdentificationError) -> IdentificationAnswer {
        identify(try nodes(of: query))
    }

    func identify(_ query: NodeQuery) -> IdentificationAnswer {
        let recursion = Recursion(diagram: self)
        let moved = recursion.movedConditions(query)
        let left = query.conditions.subtracting(moved)
        let root = recursion.identify(query.outcomes.union(left), query.treatments.union(moved), nodes)
        let derivation = Derivation(diagram: self, movedConditions: moved, conditions: left, root: root)
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
