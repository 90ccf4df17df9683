/// For simulated screens: what was found again of the truth that was planted.
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

    /// The whole in a sentence or two.
    public var statement: String
    public var facts: [ReportFact]
    public var rows: [Row]

    public init(statement: String, facts: [ReportFact] = [], rows: [Row]) {
        self.statement = statement
        self.facts = facts
        self.rows = rows
    }

    public var section: ReportSection {
        let table = ReportTable(
            title: "Planted and found",
            columns: [.text("quantity"), .text("planted"), .text("found"), .text("judgement")],
            rows: rows.map { [.text($0.quantity), .text($0.planted), .text($0.found), .tag($0.judgement)] })
        return ReportSection(
            title: "The planted truth", lead: statement,
            blocks: (facts.isEmpty ? [] : [.facts(facts)]) + [.table(table)])
    }
}
