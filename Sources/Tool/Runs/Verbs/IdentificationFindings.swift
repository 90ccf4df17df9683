import Identification

/// What `identify` says of one query.
public struct IdentificationFindings: Encodable, Sendable {
    /// A formula in every form in which it is written.
    struct Formula: Encodable, Sendable {
        let estimand: String
        let latex: String
        let ast: FormulaTree
        /// Of a pruned one: nodes that it does without.
        var without: [String]?

        init(_ estimand: Estimand, without: [String]? = nil) {
            self.estimand = estimand.text
            latex = estimand.latex
            ast = estimand.tree
            self.without = without
        }
    }

    struct HedgeSets: Encodable, Sendable {
        let nodes: [String]
        let inner: [String]
        let roots: [String]
        let confounded: [String]
        let reasons: [String]
        let unblockedBy: [String]

        private enum CodingKeys: String, CodingKey {
            case confounded, reasons, unblockedBy
            case nodes = "F"
            case inner = "F_prime"
            case roots = "R"
        }

        init(_ hedge: Hedge, _ explanation: HedgeExplanation, _ diagram: CausalDiagram) {
            nodes = diagram.names(of: hedge.nodes)
            inner = diagram.names(of: hedge.inner)
            roots = diagram.names(of: hedge.roots)
            confounded = explanation.confoundedPairs
            reasons = explanation.reasons
            unblockedBy = explanation.remedies
        }
    }

    public let isIdentifiable: Bool
    let query: String
    /// Simplified.
    let formula: Formula?
    /// As the algorithm writes it, where that is not beyond reading.
    let literal: Formula?
    let pruned: Formula?
    /// Nodes whose values in the formula don't matter.
    let anyValue: [String]
    /// Conditions that act like treatments.
    let movedConditions: [String]
    /// Experiments whose distributions the formula takes.
    let experiments: [ExperimentUse]
    let steps: [StepFindings]
    let hedge: HedgeSets?
    let milliseconds: Double
    public let notes: [String]
    /// For a person, in several lines.
    private let explanation: String?

    private enum CodingKeys: String, CodingKey {
        case query, literal, pruned, anyValue, movedConditions, experiments, steps, hedge, milliseconds, notes
        case isIdentifiable = "identifiable"
        case estimand, latex, ast
    }

    init(
        _ query: CausalQuery, _ answer: IdentificationAnswer, _ estimand: Estimand?, milliseconds: Double,
        notes: [String]
    ) {
        let derivation = answer.derivation
        let names = derivation.diagram.names(of:)
        isIdentifiable = answer.isIdentifiable
        self.query = query.text
        formula = estimand.map { Formula($0) }
        literal = estimand == nil ? nil : derivation.literalEstimand().map { Formula($0) }
        pruned = estimand == nil ? nil : derivation.pruned().map { Formula($0.estimand, without: $0.spared) }
        let free = estimand?.expression.freeNodes ?? []
        anyValue = names(derivation.anyValue.intersection(free))
        movedConditions = names(derivation.movedConditions)
        experiments =
            estimand.map { estimand in
                derivation.usedExperiments.map { ExperimentUse($0, derivation, estimand.expression) }
            } ?? []
        steps = StepFindings.all(of: derivation)
        let words = HedgeExplanation(answer, query: query)
        explanation = words?.text
        hedge = answer.hedge.flatMap { hedge in words.map { HedgeSets(hedge, $0, derivation.diagram) } }
        self.milliseconds = milliseconds
        self.notes = notes
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(isIdentifiable, forKey: .isIdentifiable)
        try values.encode(query, forKey: .query)
        // Null where there is none: readers look for these keys.
        try values.encode(formula?.estimand, forKey: .estimand)
        try values.encode(formula?.latex, forKey: .latex)
        try values.encode(formula?.ast, forKey: .ast)
        try values.encode(hedge, forKey: .hedge)
        try values.encodeIfPresent(literal, forKey: .literal)
        try values.encodeIfPresent(pruned, forKey: .pruned)
        try values.encode(anyValue, forKey: .anyValue)
        try values.encode(movedConditions, forKey: .movedConditions)
        try values.encode(experiments, forKey: .experiments)
        try values.encode(steps, forKey: .steps)
        try values.encode(milliseconds, forKey: .milliseconds)
        try values.encode(notes, forKey: .notes)
    }

    public var json: String { String(decoding: CanonicalJSON.encode(self), as: UTF8.self) }

    /// - Parameter isVerbose: Also the derivation and the formula as the algorithm writes it.
    public func text(isVerbose: Bool) -> String {
        guard let formula else { return explanation ?? "" }
        var lines = ["\(query) is identifiable:", "  \(formula.estimand)"]
        if !anyValue.isEmpty { lines.append("  for any value of \(anyValue.joined(separator: ", "))") }
        lines += experiments.map { "  with \($0.text)" }
        if let pruned, let without = pruned.without {
            lines += ["or, without \(without.joined(separator: ", ")):", "  \(pruned.estimand)"]
        }
        if isVerbose {
            if let literal { lines += ["as the algorithm writes it:", "  \(literal.estimand)"] }
            lines += ["derivation:"] + steps.map(\.text)
        }
        return lines.joined(separator: "\n")
    }
}

/// An experiment that a formula takes, and at which values of its nodes.
struct ExperimentUse: Encodable, Sendable {
    let nodes: [String]
    /// Nodes at the values that the query sets.
    let asked: [String]
    /// Nodes of which every value is needed: the formula sums over them.
    let every: [String]
    /// Nodes of which one value, whichever it was, is enough.
    let any: [String]

    init(_ experiment: NodeSet, _ derivation: Derivation, _ expression: Expression) {
        let diagram = derivation.diagram
        let summed = experiment.intersection(expression.summedExperimentNodes)
        let set = experiment.intersection(derivation.root.treatments).subtracting(summed)
        nodes = diagram.names(of: experiment)
        asked = diagram.names(of: set)
        every = diagram.names(of: summed)
        any = diagram.names(of: experiment.subtracting(summed).subtracting(set))
    }

    var text: String {
        let values = [("the asked value", asked), ("every value", every), ("any one value", any)]
            .filter { !$0.1.isEmpty }.map { "at \($0.0) of \($0.1.joined(separator: ", "))" }
        return "the experiment do(\(nodes.joined(separator: ", "))), " + values.joined(separator: ", ")
    }
}

/// One step of a derivation; `depth` says whose child it is.
struct StepFindings: Encodable, Sendable {
    let line: Int
    let depth: Int
    let outcomes: [String]
    let treatments: [String]
    let nodes: [String]
    /// What the line did: `removed`, `added`, `summed`, `district`, `fixed`, `experiment`, where they are not empty.
    let sets: [String: [String]]

    static func all(of derivation: Derivation) -> [StepFindings] {
        func walk(_ step: Derivation.Step, _ depth: Int) -> [StepFindings] {
            [StepFindings(step, depth, derivation.diagram)] + step.children.flatMap { walk($0, depth + 1) }
        }
        return walk(derivation.root, 0)
    }

    private init(_ step: Derivation.Step, _ depth: Int, _ diagram: CausalDiagram) {
        line = step.line.rawValue
        self.depth = depth
        outcomes = diagram.names(of: step.outcomes)
        treatments = diagram.names(of: step.treatments)
        nodes = diagram.names(of: step.nodes)
        let named: [(String, NodeSet)] = [
            ("removed", step.removed), ("added", step.added), ("summed", step.summed), ("district", step.district),
            ("fixed", step.fixed), ("experiment", step.experiment),
        ]
        sets = Dictionary(
            uniqueKeysWithValues: named.filter { !$0.1.isEmpty }.map { ($0.0, diagram.names(of: $0.1)) })
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: AnyKey.self)
        try values.encode(line, forKey: AnyKey("line"))
        try values.encode(depth, forKey: AnyKey("depth"))
        try values.encode(outcomes, forKey: AnyKey("outcomes"))
        try values.encode(treatments, forKey: AnyKey("treatments"))
        try values.encode(nodes, forKey: AnyKey("nodes"))
        for (name, members) in sets { try values.encode(members, forKey: AnyKey(name)) }
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    var text: String {
        let query =
            "P(\(outcomes.joined(separator: ", "))"
            + (treatments.isEmpty ? ")" : " | do(\(treatments.joined(separator: ", "))))")
        let did = sets.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.joined(separator: ", "))" }
        return String(repeating: "  ", count: depth + 1) + "line \(line): \(query) in \(nodes.joined(separator: ", "))"
            + (did.isEmpty ? "" : "; " + did.joined(separator: "; "))
    }
}
