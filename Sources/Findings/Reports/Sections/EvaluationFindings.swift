/// Predictions beside baselines, perturbation by perturbation.
public struct EvaluationFindings: Codable, Sendable, Equatable {
    public struct Row: Codable, Sendable, Equatable {
        public var perturbation: String
        public var model: Estimate
        /// In the order of `baselines`.
        public var baselineValues: [Estimate?]
        /// Beside the best baseline.
        public var verdict: Verdict

        public init(perturbation: String, model: Estimate, baselineValues: [Estimate?], verdict: Verdict) {
            self.perturbation = perturbation
            self.model = model
            self.baselineValues = baselineValues
            self.verdict = verdict
        }
    }

    /// The model beside one baseline, over all perturbations.
    public struct Pair: Codable, Sendable, Equatable {
        public var baseline: String
        public var verdict: Verdict
        public var model: Double
        public var value: Double
        /// By how much the model is better, with its paired interval.
        public var gain: Estimate

        public init(baseline: String, verdict: Verdict, model: Double, value: Double, gain: Estimate) {
            self.baseline = baseline
            self.verdict = verdict
            self.model = model
            self.value = value
            self.gain = gain
        }
    }

    /// The metric by its full name, with its variant.
    public var metric: String
    public var higherIsBetter: Bool
    /// Such as `no change`, `mean of training drugs`, `ridge`, `nearest neighbours`.
    public var baselines: [String]
    public var rows: [Row]
    /// Over all perturbations, where it was computed.
    public var overall: Row?
    public var pairs: [Pair]
    /// What the intervals are, and how the verdict was reached.
    public var note: String
    /// The most rows that are drawn.
    public var drawnRows: Int

    public init(
        metric: String, higherIsBetter: Bool, baselines: [String], rows: [Row], overall: Row? = nil,
        pairs: [Pair] = [], note: String = "", drawnRows: Int = 30
    ) {
        for row in rows + (overall.map { [$0] } ?? []) {
            precondition(
                row.baselineValues.count == baselines.count,
                "\(row.baselineValues.count) values for \(baselines.count) baselines")
        }
        self.metric = metric
        self.higherIsBetter = higherIsBetter
        self.baselines = baselines
        self.rows = rows
        self.overall = overall
        self.pairs = pairs
        self.note = note
        self.drawnRows = drawnRows
    }

    /// The model beside each baseline, with the paired interval of the difference.
    private var pairTable: ReportTable {
        ReportTable(
            title: "The model beside each baseline: \(metric)",
            columns: [
                .text("baseline"), .text("the model"), .number("model"), .number("baseline"),
                .number("gain (95 % interval)"),
            ],
            rows: pairs.map {
                [.text($0.baseline), .verdict($0.verdict), .number($0.model), .number($0.value), .estimate($0.gain)]
            })
    }

    /// The rows of the figure, for the table that all metrics share.
    private var table: FigureTable {
        FigureTable(
            name: "evaluation", title: "Predictions beside the baselines, perturbation by perturbation",
            columns: ["metric", "perturbation", "predictor", "value", "verdict"],
            rows: ((overall.map { [$0] } ?? []) + rows).flatMap { row in
                zip(["model"] + baselines, [row.model] + row.baselineValues).map { name, value in
                    [
                        .text(metric), .text(row.perturbation), .text(name), .optional(value?.value),
                        name == "model" ? .text(row.verdict.rawValue) : .missing,
                    ]
                }
            })
    }

    public var section: ReportSection {
        func count(_ verdict: Verdict) -> Int { rows.filter { $0.verdict == verdict }.count }
        let listed = (overall.map { [$0] } ?? []) + rows
        let shown = listed.prefix(drawnRows)
        let better = higherIsBetter ? "Higher is better" : "Lower is better"
        let figure = DotFigure(
            title: "Model and baselines: \(metric)",
            caption: "\(better)." + (shown.count < listed.count ? " The first \(shown.count) rows of the table." : ""),
            axis: metric, series: ["model"] + baselines,
            rows: shown.map { .init(label: $0.perturbation, values: [$0.model] + $0.baselineValues) },
            hasTableBeside: true)
        let written = ReportTable(
            title: "Model beside baselines: \(metric)",
            columns: [.text("perturbation"), .text("verdict"), .number("model")] + baselines.map { .number($0) },
            rows: listed.map { row in
                [.text(row.perturbation), .verdict(row.verdict), .estimate(row.model)]
                    + row.baselineValues.map { $0.map { .estimate($0) } ?? .number(.nan) }
            })
        return ReportSection(
            title: "Beside the baselines",
            lead: "Beside the best baseline the model wins on \(count(.beats)), ties on \(count(.ties)) and loses on "
                + "\(count(.loses)) of \(rows.count) perturbations. \(better).",
            blocks: (pairs.isEmpty ? [] : [.table(pairTable)]) + [
                .figure(.dots(figure), table: "evaluation"), .table(written),
            ]
                + (note.isEmpty ? [] : [.paragraph(note)]), tables: [table])
    }
}
