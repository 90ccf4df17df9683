/// Reads `P(y1, y2 | do(x1=1.5, x2), z)`.
///
///     query  = "P" "(" names [ "|" part { "," part } ] ")"
///     part   = "do" "(" value { "," value } ")"  |  value
///     value  = name [ "=" word ]
///
/// A name is any run of characters other than white space and `( ) , | = " '`; one that has those stands in quotes of
/// either kind. Errors tell the place of the character at which they were seen, counted from 1.
struct QueryParser {
    private let characters: [Character]
    private var place = 0
    private static let special: Set<Character> = ["(", ")", ",", "|", "=", "\"", "'"]

    /// White space is always passed over: `place` never stands at any.
    private init(_ text: String) {
        characters = Array(text)
        skipSpace()
    }

    static func query(_ text: String) throws(IdentificationError) -> CausalQuery {
        var parser = QueryParser(text)
        return try parser.query()
    }

    /// A list of names, such as those of an experiment.
    static func names(_ text: String) throws(IdentificationError) -> [String] {
        var parser = QueryParser(text)
        var names = [try parser.name("a name")]
        while parser.take(",") { names.append(try parser.name("a name")) }
        try parser.expectEnd()
        return names
    }

    /// The name as a query writes it.
    static func quoted(_ name: String) -> String {
        let isPlain = !name.isEmpty && !name.contains { special.contains($0) || $0.isWhitespace }
        return isPlain ? name : name.contains("\"") ? "'\(name)'" : "\"\(name)\""
    }

    // MARK: Grammar

    private mutating func query() throws(IdentificationError) -> CausalQuery {
        guard take("P") else { throw error("expected P( at the beginning") }
        try expect("(", "after P")
        if next == ")" || next == "|" {
            throw IdentificationError(
                code: "NO_OUTCOMES", element: "character \(place + 1) of the query",
                message: "expected at least one outcome, found none", remedy: "write the outcome first: P(y | do(x))")
        }
        var outcomes = [try name("an outcome")]
        while take(",") { outcomes.append(try name("an outcome")) }
        if next == "=" { throw error("expected outcomes without values: the answer is their distribution") }
        var treatments: [String] = []
        var conditions: [String] = []
        var values: [String: String] = [:]
        if take("|") {
            repeat {
                if startsIntervention {
                    place += 2
                    skipSpace()
                    try expect("(", "after do")
                    repeat { treatments.append(try assignment("a treatment", &values)) } while take(",")
                    try expect(")", "at the end of do(")
                } else {
                    conditions.append(try assignment("a condition or do(…)", &values))
                }
            } while take(",")
        }
        try expect(")", "at the end")
        try expectEnd()
        return CausalQuery(outcomes: outcomes, treatments: treatments, conditions: conditions, values: values)
    }

    private mutating func assignment(
        _ what: String, _ values: inout [String: String]
    ) throws(IdentificationError) -> String {
        let name = try name(what)
        if take("=") { values[name] = try self.name("a value") }
        return name
    }

    /// Whether `do` and an opening parenthesis come next; a node may be called do.
    private var startsIntervention: Bool {
        guard characters[place...].starts(with: "do") else { return false }
        return characters[(place + 2)...].first { !$0.isWhitespace } == "("
    }

    private mutating func name(_ what: String) throws(IdentificationError) -> String {
        guard let first = next else { throw error("expected \(what)") }
        if first == "\"" || first == "'" {
            guard let end = characters[(place + 1)...].firstIndex(of: first) else {
                throw error("expected a closing \(first) of the quotes that open here")
            }
            let name = String(characters[(place + 1)..<end])
            guard !name.isEmpty else { throw error("expected \(what) between the quotes") }
            place = end + 1
            skipSpace()
            return name
        }
        let end = characters[place...].firstIndex { Self.special.contains($0) || $0.isWhitespace } ?? characters.count
        guard end > place else { throw error("expected \(what)") }
        defer {
            place = end
            skipSpace()
        }
        return String(characters[place..<end])
    }

    private mutating func take(_ character: Character) -> Bool {
        guard next == character else { return false }
        place += 1
        skipSpace()
        return true
    }

    private mutating func expect(_ character: Character, _ position: String) throws(IdentificationError) {
        guard take(character) else { throw error("expected \(character) \(position)") }
    }

    private mutating func expectEnd() throws(IdentificationError) {
        if next != nil { throw error("expected the end") }
    }

    private var next: Character? { place < characters.count ? characters[place] : nil }

    private mutating func skipSpace() {
        while place < characters.count, characters[place].isWhitespace { place += 1 }
    }

    private func error(_ expected: String) -> IdentificationError {
        let found = place < characters.count ? "\(characters[place])" : "the end of the text"
        return IdentificationError(
            code: "BAD_QUERY", element: "character \(place + 1) of the query",
            message: "\(expected), found \(found)",
            remedy: "write it as P(y1, y2 | do(x1=1.5, x2), z), names with special characters in quotes")
    }
}

extension CausalQuery {
    /// - Throws: `BAD_QUERY` with the place of the character, `NO_OUTCOMES`.
    public init(parsing text: String) throws(IdentificationError) { self = try QueryParser.query(text) }

    /// A list of names with commas between, quoted where they need it.
    /// - Throws: `BAD_QUERY` with the place of the character.
    public static func names(parsing text: String) throws(IdentificationError) -> [String] {
        try QueryParser.names(text)
    }
}
