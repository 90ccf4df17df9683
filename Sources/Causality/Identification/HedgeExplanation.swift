/// A refusal in a user's words.
public struct HedgeExplanation: Sendable, Equatable {
    /// What was asked and could not be answered.
    public let question: String
    /// The pairs of nodes whose unmeasured causes block the effect, as `A ↔ B`.
    public let confoundedPairs: [String]
    /// Sentences: what stands in the way, why, and for every experiment why it does not help.
    public let reasons: [String]
    /// Sentences: every single measurement, excluded edge or experiment that would unblock it.
    public let remedies: [String]

    public init?(_ answer: IdentificationAnswer, query: CausalQuery) {
        guard case .notIdentifiable(let hedge, let derivation) = answer else { return nil }
        let words = HedgeWords(diagram: derivation.diagram)
        question = query.text
        confoundedPairs = words.pairs(hedge)
        reasons = words.reasons(hedge, derivation)
        remedies = words.remedies(answer.unblockings)
    }

    /// Several lines.
    public var text: String {
        let remedies =
            remedies.isEmpty
            ? ["  nothing single would unblock it: more than one of the shared causes must be measured"]
            : ["  each of these alone would unblock it:"] + Self.first(12, of: remedies).map { "  - \($0)" }
        return (["\(question) can't be computed from what was measured:"] + reasons.map { "  \($0)" } + remedies)
            .joined(separator: "\n")
    }

    /// The first of a long list, and how many more there are.
    fileprivate static func first(_ count: Int, of words: [String]) -> [String] {
        words.count <= count ? words : words.prefix(count - 1) + ["and \(words.count - count + 1) more"]
    }
}

private struct HedgeWords {
    let diagram: CausalDiagram

    private func list(_ nodes: NodeSet) -> String {
        let all = diagram.names(of: nodes)
        let names = HedgeExplanation.first(8, of: all)
        guard names == all else { return names.joined(separator: ", ") }
        return names.count < 2 ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + names.last!
    }

    func pairs(_ hedge: Hedge) -> [String] {
        hedge.spanningPairs(in: diagram).map { "\(diagram.names[$0.0]) ↔ \(diagram.names[$0.1])" }
    }

    func reasons(_ hedge: Hedge, _ derivation: Derivation) -> [String] {
        let treatments = hedge.nodes.intersection(derivation.root.treatments)
        let asked = derivation.root.outcomes.subtracting(derivation.conditions)
        let drivers = hedge.roots.isSubset(of: asked) ? "" : ", which drives \(list(asked))"
        let pairs = HedgeExplanation.first(8, of: pairs(hedge)).joined(separator: ", ")
        var sentences = [
            "Unmeasured causes (\(pairs)) tie \(list(treatments)), which is set, to \(list(hedge.inner))\(drivers).",
            "What is seen between them may be the effect or the work of these causes; no amount of data tells which.",
        ]
        if !derivation.movedConditions.isEmpty {
            sentences.append("Conditioning on \(list(derivation.movedConditions)) is like setting it here.")
        }
        if !diagram.selection.isEmpty {
            sentences.append(
                "Cells were chosen by \(diagram.selection.joined(separator: ", ")), which ties what acts on it: some of"
                    + " these ties may stem from that, and then all cells would have to be measured.")
        }
        return sentences + experiments(derivation)
    }

    /// Why no experiment helps, each.
    private func experiments(_ derivation: Derivation) -> [String] {
        guard !derivation.experiments.isEmpty else { return [] }
        let step = derivation.steps.last { $0.line == .experiment && $0.isRefused }
        return derivation.experiments.map { experiment in
            let name = "The experiment do(\(diagram.names(of: experiment).joined(separator: ", ")))"
            if let attempt = step?.children.first(where: { $0.experiment == experiment }), let refusal = attempt.refusal
            {
                return
                    "\(name) leaves a tie of its own: \(HedgeExplanation.first(8, of: pairs(Hedge(refusal))).joined(separator: ", "))."
            }
            let needed = step.map { $0.nodes.subtracting($0.treatments) } ?? derivation.root.outcomes
            let overwritten = experiment.intersection(needed)
            return overwritten.isEmpty
                ? "\(name) does not act on what is missing."
                : "\(name) sets \(list(overwritten)), whose own response is what is missing."
        }
    }

    func remedies(_ changes: [Unblocking]) -> [String] {
        changes.map { change in
            switch change {
            case .commonCause(let a, let b):
                "measure the cause that \(diagram.names[a]) and \(diagram.names[b]) share, or know that there is none"
            case .edge(let a, let b): "know that \(diagram.names[a]) does not act on \(diagram.names[b])"
            case .experiment(let node): "an experiment that sets \(diagram.names[node])"
            }
        }
    }
}
