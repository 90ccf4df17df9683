/// What was found again of a truth that is known: planted in a simulation, or a network of the literature.
public struct RecoveryFindings: Codable, Sendable, Equatable {
    public struct Row: Codable, Sendable, Equatable {
        /// Such as `area under the precision–recall curve of edges`.
        public var quantity: String
        public var planted: String
        public var found: String
        /// The judgement in a word, such as `recovered` or `missed`.
        public var judgement: String

        public init(quantity: String, planted: String, found: String, judgement: String) {
            self.quantity = quantity
            self.planted = planted
            self.found = found
            self.judgement = judgement
        }
    }

    /// The section's title, such as `The planted truth`, and what the truth is called in the table, such as `planted`.
    public var title: String
    public var truthName: String
    /// The whole in a sentence or two.
    public var statement: String
    public var facts: [ReportFact]
    public var rows: [Row]

    public init(
        title: String = "The planted truth", truthName: String = "planted", statement: String,
        facts: [ReportFact] = [], rows: [Row]
    ) {
        self.title = title
        self.truthName = truthName
        self.statement = statement
        self.facts = facts
        self.rows = rows
    }

    public var section: ReportSection {
        let table = ReportTable(
            title: "What is known and what was found",
            columns: [.text("quantity"), .text(truthName), .text("found"), .text("judgement")],
            rows: rows.map { [.text($0.quantity), .text($0.planted), .text($0.found), .tag($0.judgement)] })
        return ReportSection(
            title: title, lead: statement,
            blocks: (facts.isEmpty ? [] : [.facts(facts)]) + [.table(table)])
    }
}
