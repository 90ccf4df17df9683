/// A formula as nested lists, for machines: `["p", of, given]`, `["sum", names, e]`, `["prod", [e, …]]`, `["div", a,
/// b]`; a probability of an experiment has its nodes as a fourth entry, `["p", of, given, under]`. Names are sorted;
/// a sum binds its names inside it and hides those of an outer sum.
public indirect enum FormulaTree: Sendable, Equatable, Encodable {
    case word(String)
    case names([String])
    case list([FormulaTree])

    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .word(let word): try value.encode(word)
        case .names(let names): try value.encode(names)
        case .list(let entries): try value.encode(entries)
        }
    }
}

extension Estimand {
    public var tree: FormulaTree { tree(expression) }

    private func tree(_ expression: Expression) -> FormulaTree {
        func names(_ nodes: NodeSet) -> FormulaTree { .names(diagram.names(of: nodes)) }
        switch expression {
        case .probability(let of, let given, let under):
            return .list([.word("p"), names(of), names(given)] + (under.isEmpty ? [] : [names(under)]))
        case .sum(let over, let inner): return .list([.word("sum"), names(over), tree(inner)])
        case .product(let factors): return .list([.word("prod"), .list(factors.map(tree))])
        case .quotient(let above, let below): return .list([.word("div"), tree(above), tree(below)])
        }
    }
}
