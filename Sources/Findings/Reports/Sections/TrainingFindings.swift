/// How training went: its curves and where it ended.
public struct TrainingFindings: Codable, Sendable, Equatable {
    /// Curves such as the loss, the validation loss, the acyclicity.
    public var curves: [LineFigure]
    public var facts: [ReportFact]
    public var notices: [ReportNotice]

    public init(curves: [LineFigure], facts: [ReportFact] = [], notices: [ReportNotice] = []) {
        self.curves = curves
        self.facts = facts
        self.notices = notices
    }

    public var section: ReportSection {
        ReportSection(
            title: "Diagnostics", lead: "How the fit went, and whether it had settled when it ended.",
            blocks: notices.map { .notice($0) } + (facts.isEmpty ? [] : [.facts(facts)])
                + (curves.isEmpty ? [] : [.gallery(curves.map { .lines($0) }, table: "training")]),
            tables: curves.isEmpty ? [] : [table])
    }

    private var table: FigureTable {
        FigureTable(
            name: "training", title: "Curves of the training", columns: ["curve", "series", "point", "value"],
            rows: curves.flatMap { curve in
                curve.series.flatMap { series in
                    series.points.map {
                        [.text(curve.title), .text(series.name), .optional($0.x), .optional($0.y)]
                    }
                }
            })
    }
}
