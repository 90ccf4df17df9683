/// A part of the report under one heading.
public struct ReportSection: Codable, Sendable, Equatable {
    public var title: String
    /// One or two sentences that say what the part shows.
    public var lead: String
    public var blocks: [ReportBlock]
    /// Behind its figures: files beside the page, no part of the report's own JSON.
    public var tables: [FigureTable] = []

    public init(title: String, lead: String = "", blocks: [ReportBlock], tables: [FigureTable] = []) {
        self.title = title
        self.lead = lead
        self.blocks = blocks
        self.tables = tables
    }

    private enum CodingKeys: String, CodingKey { case title, lead, blocks }
}

/// A piece of a section.
public indirect enum ReportBlock: Codable, Sendable, Equatable {
    case paragraph(String)
    /// A heading below the section's own.
    case heading(String)
    case facts([ReportFact])
    case notice(ReportNotice)
    /// With the name of the `FigureTable` behind it.
    case figure(ReportFigure, table: String? = nil)
    /// Figures side by side, as many as fit, with the name of the table behind all of them.
    case gallery([ReportFigure], table: String? = nil)
    case table(ReportTable)
    /// Parts that open and close, with an index before them; the first is open.
    case cards([ReportCard])
    /// A part that is closed until somebody opens it.
    case folded(ReportCard)
}

/// A part that opens and closes, such as all that is known of one perturbation.
public struct ReportCard: Codable, Sendable, Equatable {
    public var title: String
    /// What stands beside the title while the card is closed.
    public var summary: String
    /// Words in frames beside the title, such as `held out`.
    public var tags: [String]
    public var blocks: [ReportBlock]

    public init(title: String, summary: String = "", tags: [String] = [], blocks: [ReportBlock]) {
        self.title = title
        self.summary = summary
        self.tags = tags
        self.blocks = blocks
    }
}

/// A named value, such as `cells kept` 12,345.
public struct ReportFact: Codable, Sendable, Equatable {
    public var name: String
    public var value: String
    /// A few words on the value.
    public var note: String

    public init(_ name: String, _ value: String, note: String = "") {
        self.name = name
        self.value = value
        self.note = note
    }

    public init(_ name: String, count: Int, note: String = "") {
        self.init(name, count.countText, note: note)
    }

    public init(_ name: String, number: Double, note: String = "") {
        self.init(name, number.significantText(), note: note)
    }
}

/// Something the reader should know before trusting a result.
public struct ReportNotice: Codable, Sendable, Equatable {
    public enum Weight: String, Codable, Sendable { case note, warning }

    public var weight: Weight
    /// A stable word for machines, such as `DUPLICATE_NAMES`; may be empty.
    public var code: String
    public var message: String

    public init(_ message: String, code: String = "", weight: Weight = .note) {
        self.weight = weight
        self.code = code
        self.message = message
    }
}

/// A work to cite.
public struct ReportCitation: Codable, Sendable, Equatable {
    /// The work in one line, as a list of references gives it.
    public var text: String
    public var bibtex: String

    public init(text: String, bibtex: String) {
        self.text = text
        self.bibtex = bibtex
    }
}
