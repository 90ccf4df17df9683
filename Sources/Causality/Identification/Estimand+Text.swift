/// Formulas to be read. A node that is bound anew where its name already means something is primed: the front door is
/// `Σ_{s} P(s | x) [Σ_{x′} P(x′) P(r | s, x′)]`.
extension Estimand {
    public var text: String { PlainText().write(self) }

    /// For mathematics mode.
    public var latex: String { LaTeX().write(self) }
}

/// What a way of writing formulas has to say of their parts.
private protocol FormulaStyle {
    func name(_ name: String, primes: Int) -> String
    func probability(of: String, given: String) -> String
    func intervention(_ names: String) -> String
    func sum(over: String, _ inner: String) -> String
    func bracketed(_ inner: String) -> String
    func quotient(_ above: String, _ below: String) -> String
}

extension FormulaStyle {
    func write(_ estimand: Estimand) -> String {
        let free = Dictionary(uniqueKeysWithValues: estimand.expression.freeNodes.map { ($0, 0) })
        return write(estimand.expression, primes: free, estimand.diagram)
    }

    private func write(_ expression: Expression, primes: [Int: Int], _ diagram: CausalDiagram) -> String {
        func names(_ nodes: NodeSet) -> String {
            diagram.byName(nodes).map { name(diagram.names[$0], primes: primes[$0] ?? 0) }.joined(separator: ", ")
        }
        switch expression {
        case .probability(let of, let given, let under):
            let conditions = (under.isEmpty ? [] : [intervention(names(under))]) + (given.isEmpty ? [] : [names(given)])
            return probability(of: names(of), given: conditions.joined(separator: ", "))
        case .sum(let over, let inner):
            let bound = primes.merging(over.map { ($0, primes[$0].map { $0 + 1 } ?? 0) }) { $1 }
            let bare = diagram.byName(over).map { name(diagram.names[$0], primes: bound[$0]!) }.joined(separator: ", ")
            return sum(over: bare, write(inner, primes: bound, diagram))
        case .product(let factors):
            guard !factors.isEmpty else { return "1" }
            return factors.map { factor in
                let text = write(factor, primes: primes, diagram)
                if case .sum = factor { return bracketed(text) } else { return text }
            }.joined(separator: " ")
        case .quotient(let above, let below):
            return quotient(
                write(above, primes: primes, diagram), write(below, primes: primes, diagram))
        }
    }
}

private struct PlainText: FormulaStyle {
    func name(_ name: String, primes: Int) -> String { name + String(repeating: "′", count: primes) }
    func probability(of: String, given: String) -> String { given.isEmpty ? "P(\(of))" : "P(\(of) | \(given))" }
    func intervention(_ names: String) -> String { "do(\(names))" }
    func sum(over: String, _ inner: String) -> String { "Σ_{\(over)} \(inner)" }
    func bracketed(_ inner: String) -> String { "[\(inner)]" }
    func quotient(_ above: String, _ below: String) -> String { "([\(above)] / [\(below)])" }
}

private struct LaTeX: FormulaStyle {
    func name(_ name: String, primes: Int) -> String {
        let special: [Character: String] = [
            "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}",
        ]
        let escaped = name.map { character in
            special[character] ?? ("#$%&_{}".contains(character) ? "\\\(character)" : String(character))
        }
        return "\\text{\(escaped.joined())}" + String(repeating: "'", count: primes)
    }

    func probability(of: String, given: String) -> String { given.isEmpty ? "P(\(of))" : "P(\(of) \\mid \(given))" }
    func intervention(_ names: String) -> String { "\\mathrm{do}(\(names))" }
    func sum(over: String, _ inner: String) -> String { "\\sum_{\(over)} \(inner)" }
    func bracketed(_ inner: String) -> String { "\\left[\(inner)\\right]" }
    func quotient(_ above: String, _ below: String) -> String { "\\frac{\(above)}{\(below)}" }
}
