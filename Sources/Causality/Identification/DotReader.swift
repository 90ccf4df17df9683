/// Graphs in DOT, and as dagitty writes them.
///
/// `a -> b`, chains `a -> b -> c` and groups `a -> {b c}` are directed; `a <-> b` and `a -> b [dir=both]` bidirected;
/// `U [latent]`, `U [unobserved=yes]` and `U [observed=no]` are not measured. Other attributes are passed over, and
/// so are `subgraph` names.
struct DotReader {
    private enum Token: Equatable {
        case word(String)
        case mark(String)
    }

    private var tokens: [(token: Token, line: Int)] = []
    private var place = 0
    private var description = DiagramDescription()
    private var known: Set<String> = []
    /// Of braces within braces.
    private var depth = 0

    static func read(_ text: String) throws(IdentificationError) -> DiagramDescription {
        var reader = DotReader()
        try reader.tokenise(text)
        try reader.graph()
        return reader.description
    }

    // MARK: Words

    private mutating func tokenise(_ text: String) throws(IdentificationError) {
        let characters = Array(text)
        var index = 0
        var line = 1
        func starts(_ mark: String) -> Bool { characters[index...].starts(with: mark) }
        while index < characters.count {
            let character = characters[index]
            if character.isNewline { line += 1 }
            if character.isWhitespace {
                index += 1
            } else if starts("//") || character == "#" {
                while index < characters.count, !characters[index].isNewline { index += 1 }
            } else if starts("/*") {
                while index < characters.count, !starts("*/") {
                    if characters[index].isNewline { line += 1 }
                    index += 1
                }
                index += 2
            } else if character == "\"" {
                let first = line
                var word = ""
                index += 1
                while index < characters.count, characters[index] != "\"" {
                    if characters[index] == "\\", index + 1 < characters.count, characters[index + 1] == "\"" {
                        index += 1
                    }
                    if characters[index].isNewline { line += 1 }
                    word.append(characters[index])
                    index += 1
                }
                guard index < characters.count else {
                    throw GraphText.bad("line \(first)", "expected closing quotes, found none", "close the quotes")
                }
                index += 1
                tokens.append((.word(word), first))
            } else if let mark = ["<->", "->", "<-", "--"].first(where: starts) {
                tokens.append((.mark(mark), line))
                index += mark.count
            } else if "{}[];,=:".contains(character) {
                tokens.append((.mark(String(character)), line))
                index += 1
            } else {
                let start = index
                while index < characters.count, !characters[index].isWhitespace,
                    !"{}[];,=:\"".contains(characters[index]), !["<->", "->", "<-", "--"].contains(where: starts)
                { index += 1 }
                tokens.append((.word(String(characters[start..<index])), line))
            }
        }
    }

    // MARK: Statements

    private mutating func graph() throws(IdentificationError) {
        while place < tokens.count, !take("{") { place += 1 }
        try statements()
        guard take("}") else { throw error("expected } at the end") }
        guard place == tokens.count else { throw error("expected one graph") }
    }

    private mutating func statements() throws(IdentificationError) {
        while place < tokens.count, tokens[place].token != .mark("}") {
            if take(";") || take(",") { continue }
            try statement()
        }
    }

    private mutating func statement() throws(IdentificationError) {
        if case .word(let word) = tokens[place].token, ["graph", "node", "edge"].contains(word.lowercased()) {
            place += 1
            let attributes = try attributes()
            guard attributes["dir"] == nil, !GraphMarks.areBidirected(attributes), !GraphMarks.areLatent(attributes)
            else {
                throw error("expected directions at the edges and latent at the nodes themselves")
            }
            return
        }
        if place + 1 < tokens.count, tokens[place + 1].token == .mark("=") {
            // An attribute of the graph.
            place += 2
            _ = try word()
            return
        }
        var operands = [try operand()]
        var marks: [String] = []
        while case .mark(let mark)? = current, ["->", "<->", "<-", "--"].contains(mark) {
            place += 1
            marks.append(mark)
            operands.append(try operand())
        }
        let attributes = try attributes()
        if marks.isEmpty, GraphMarks.areLatent(attributes) { description.latent += operands[0] }
        for (index, mark) in marks.enumerated() {
            try addEdges(mark, from: operands[index], to: operands[index + 1], attributes)
        }
    }

    private mutating func addEdges(
        _ mark: String, from sources: [String], to targets: [String], _ attributes: [String: String]
    ) throws(IdentificationError) {
        for source in sources {
            for target in targets {
                let pair = DiagramDescription.Pair(source, target)
                let turned = DiagramDescription.Pair(target, source)
                if mark == "<->" || GraphMarks.areBidirected(attributes) {
                    description.bidirected.append(pair)
                } else if mark == "--" || attributes["dir"] == "none" {
                    throw error("expected directed or bidirected edges, found an undirected one")
                } else if GraphMarks.areDropped(attributes) {
                    description.leftOut += 1
                } else {
                    description.directed.append((mark == "<-") != (attributes["dir"] == "back") ? turned : pair)
                }
            }
        }
    }

    /// A node, or several in braces.
    private mutating func operand() throws(IdentificationError) -> [String] {
        if case .word("subgraph")? = current {
            place += 1
            if case .word? = current { place += 1 }
        }
        guard take("{") else {
            let name = try word()
            // A port of a node.
            while take(":") { _ = try word() }
            if known.insert(name).inserted { description.nodes.append(name) }
            return [name]
        }
        let before = place
        var names: [String] = []
        while case .word(let name)? = current {
            names.append(name)
            place += 1
            while take(";") || take(",") {}
        }
        if !take("}") {
            // More than a list: statements of their own.
            place = before
            depth += 1
            guard depth < 100 else { throw error("expected braces less than 100 deep") }
            try statements()
            guard take("}") else { throw error("expected }") }
            depth -= 1
            return []
        }
        for name in names where known.insert(name).inserted { description.nodes.append(name) }
        return names
    }

    private mutating func attributes() throws(IdentificationError) -> [String: String] {
        var found: [String: String] = [:]
        while take("[") {
            while !take("]") {
                if take(",") || take(";") { continue }
                let name = try word().lowercased()
                found[name] = take("=") ? try word() : "yes"
            }
        }
        return found
    }

    // MARK: Tokens

    private var current: Token? { place < tokens.count ? tokens[place].token : nil }

    private mutating func take(_ mark: String) -> Bool {
        guard current == .mark(mark) else { return false }
        place += 1
        return true
    }

    private mutating func word() throws(IdentificationError) -> String {
        guard case .word(let word)? = current, !word.isEmpty else { throw error("expected a name") }
        place += 1
        return word
    }

    private func error(_ expected: String) -> IdentificationError {
        let found =
            switch current {
            case .word(let text)?, .mark(let text)?: text
            case nil: "the end"
            }
        let line = place < tokens.count ? tokens[place].line : tokens.last?.line ?? 1
        return GraphText.bad(
            "line \(line)", "\(expected), at \(found.prefix(40))", "correct the DOT, or write the graph as JSON")
    }
}
