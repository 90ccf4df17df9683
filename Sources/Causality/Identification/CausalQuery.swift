/// P(outcomes | do(treatments), conditions) over names.
public struct CausalQuery: Sendable, Equatable {
    public let outcomes: [String]
    public let treatments: [String]
    public let conditions: [String]
    /// Of treatments and conditions to which the query gives values, such as `do(x=1.5)`.
    public let values: [String: String]

    public init(
        outcomes: [String], treatments: [String] = [], conditions: [String] = [], values: [String: String] = [:]
    ) {
        self.outcomes = outcomes
        self.treatments = treatments
        self.conditions = conditions
        self.values = values
    }

    /// `P(y1, y2 | do(x=1.5), z)`; names that need it are quoted.
    public var text: String {
        func name(_ name: String) -> String { QueryParser.quoted(name) + (values[name].map { "=" + $0 } ?? "") }
        let doing = treatments.isEmpty ? [] : ["do(" + treatments.map(name).joined(separator: ", ") + ")"]
        let given = (doing + conditions.map(name)).joined(separator: ", ")
        return "P(" + outcomes.map(name).joined(separator: ", ") + (given.isEmpty ? "" : " | " + given) + ")"
    }
}

/// A query over the nodes of a diagram.
struct NodeQuery: Sendable, Equatable {
    var outcomes: NodeSet
    var treatments: NodeSet
    var conditions: NodeSet
}

extension CausalDiagram {
    /// The nodes of a query, which are disjoint sets of names that differ, with at least one outcome.
    func nodes(of query: CausalQuery) throws(IdentificationError) -> NodeQuery {
        guard !query.outcomes.isEmpty else {
            throw IdentificationError(
                code: "NO_OUTCOMES", element: query.text, message: "expected at least one outcome, found none",
                remedy: "write the outcome first: P(y | do(x))")
        }
        let outcomes = try numbers(of: query.outcomes, as: "outcome")
        let treatments = try numbers(of: query.treatments, as: "treatment")
        let conditions = try numbers(of: query.conditions, as: "condition")
        for (a, b, roles) in [
            (outcomes, treatments, "outcome and treatment"), (outcomes, conditions, "outcome and condition"),
            (treatments, conditions, "treatment and condition"),
        ] {
            guard let node = a.intersection(b).first else { continue }
            throw IdentificationError(
                code: "OVERLAP", element: names[node], message: "expected one role for a node, found \(roles)",
                remedy: "name it once")
        }
        return NodeQuery(outcomes: outcomes, treatments: treatments, conditions: conditions)
    }

    /// The nodes of these names.
    func numbers(of list: [String], as role: String) throws(IdentificationError) -> NodeSet {
        var found = NodeSet()
        for name in list {
            guard !latents.contains(name) else {
                throw IdentificationError(
                    code: "LATENT", element: name,
                    message: "expected a measured node as \(role), found one that is latent or selected on",
                    remedy: "take it from the latent or selected nodes if it is measured and differs")
            }
            guard let node = number(of: name) else {
                throw IdentificationError(
                    code: "UNKNOWN_NODES", element: name,
                    message: "expected a node of the graph as \(role), found none of that name",
                    remedy: "correct the name; the graph has \(names.prefix(8).joined(separator: ", "))"
                        + (names.count > 8 ? ", …" : ""))
            }
            guard !found.contains(node) else {
                throw IdentificationError(
                    code: "REPEATED", element: name, message: "expected names that differ, found this \(role) twice",
                    remedy: "name it once")
            }
            found.insert(node)
        }
        return found
    }
}
