/// The numbers behind figures, for programs: tidy, one row an observation, one table for all figures of a kind. Its first
/// columns tell whose a row is, such as the perturbation and the gene.
public struct FigureTable: Sendable, Equatable {
    public enum Value: Sendable, Equatable {
        case text(String)
        case number(Double)
        case count(Int)
        case flag(Bool)
        case missing

        /// A number that may be missing, as one that is not finite is.
        public static func optional(_ value: Double?) -> Value {
            value.flatMap { $0.isFinite ? .number($0) : nil } ?? .missing
        }
    }

    /// Of its files, without their endings: small letters, digits and underscores.
    public var name: String
    /// What it holds, as a sentence.
    public var title: String
    /// Names of columns, each once.
    public var columns: [String]
    public var rows: [[Value]]

    public init(name: String, title: String, columns: [String], rows: [[Value]]) {
        precondition(Set(columns).count == columns.count, "a column twice: \(columns)")
        for row in rows {
            precondition(row.count == columns.count, "\(row.count) values for \(columns.count) columns")
        }
        self.name = name
        self.title = title
        self.columns = columns
        self.rows = rows
    }

    /// The folder of the tables, beside the page.
    public static let folder = "tables"

    /// The ending of the files of tables: tab-separated and JSON.
    public static let endings = ["tsv", "json"]

    /// Where a page finds one of the files.
    static func path(_ name: String, _ ending: String) -> String { "\(folder)/\(name).\(ending)" }
}

extension MechanismReport {
    /// The tables behind all figures.
    public var tables: [FigureTable] { sections.flatMap(\.tables) }

    /// Every figure of the page with the name of its table, in the order of reading.
    public var figures: [(figure: ReportFigure, table: String?)] { sections.flatMap { Self.figures(in: $0.blocks) } }

    private static func figures(in blocks: [ReportBlock]) -> [(figure: ReportFigure, table: String?)] {
        blocks.flatMap { block -> [(figure: ReportFigure, table: String?)] in
            switch block {
            case .figure(let figure, let table): [(figure, table)]
            case .gallery(let figures, let table): figures.map { ($0, table) }
            case .cards(let cards): cards.flatMap { Self.figures(in: $0.blocks) }
            case .folded(let card): Self.figures(in: card.blocks)
            case .paragraph, .heading, .facts, .notice, .table: []
            }
        }
    }
}

extension ReportFigure {
    public var title: String { drawn.title }
}
