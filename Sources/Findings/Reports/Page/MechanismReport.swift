/// All that a run found, as one page: what was read, the network, every perturbation, every gene, predictions beside
/// baselines, and how far to trust it.
///
/// The page is complete in one file: no font, no image, nothing loaded from elsewhere; its one small script sorts and
/// filters and nothing depends on it. The same report gives the same bytes. As JSON, numbers that are not finite need a `nonConformingFloatEncodingStrategy`.
public struct MechanismReport: Codable, Sendable, Equatable {
    public var title: String
    public var subtitle: String
    /// What was run, in a few sentences.
    public var summary: [String]
    /// The answer to "does the model beat the baselines?", and the sentence that says it.
    public var verdict: Verdict?
    public var verdictText: String
    /// Key numbers.
    public var facts: [ReportFact]
    public var notices: [ReportNotice]
    public var sections: [ReportSection]
    /// What the results don't show, one sentence each.
    public var limits: [String]
    /// The methods in paragraphs, ready for a manuscript.
    public var methods: [String]
    public var citations: [ReportCitation]
    /// Version, options, seeds, checksums.
    public var provenance: [ReportFact]

    public init(
        title: String, subtitle: String = "", summary: [String] = [], verdict: Verdict? = nil,
        verdictText: String = "", facts: [ReportFact] = [], notices: [ReportNotice] = [],
        sections: [ReportSection] = [], limits: [String] = [], methods: [String] = [],
        citations: [ReportCitation] = [], provenance: [ReportFact] = []
    ) {
        self.title = title
        self.subtitle = subtitle
        self.summary = summary
        self.verdict = verdict
        self.verdictText = verdictText
        self.facts = facts
        self.notices = notices
        self.sections = sections
        self.limits = limits
        self.methods = methods
        self.citations = citations
        self.provenance = provenance
    }

    /// The report as a self-contained page: valid HTML5 that is well-formed XML too.
    public func html() -> String {
        var writer = PageWriter()
        return writer.page(self)
    }
}
