/// How often intervals of predicted shifts held what was measured, where treatments were predicted without their cells.
public struct CoverageFindings: Codable, Sendable, Equatable {
    public struct Row: Codable, Sendable, Equatable {
        /// What of a treatment was new to the model, in words.
        public var novelty: String
        /// The share that the model's own intervals held, and that those set by these trials hold.
        public var before: Double
        public var after: Double
        /// The model's own half widths were taken times this.
        public var scale: Double
        /// Share of the causal model in the prediction.
        public var causalWeight: Double
        /// Treatments × genes.
        public var trials: Int

        public init(novelty: String, before: Double, after: Double, scale: Double, causalWeight: Double, trials: Int) {
            self.novelty = novelty
            self.before = before
            self.after = after
            self.scale = scale
            self.causalWeight = causalWeight
            self.trials = trials
        }
    }

    /// The share that intervals are to hold.
    public var level: Double
    public var rows: [Row]

    public init(level: Double, rows: [Row]) {
        self.level = level
        self.rows = rows
    }

    /// nil where nothing was tried.
    public var section: ReportSection? {
        guard !rows.isEmpty else { return nil }
        let hundred = Int((100 * level).rounded())
        return ReportSection(
            title: "How far to trust the intervals",
            lead:
                "Of a hundred intervals of predicted shifts some \(hundred) should hold what an experiment would measure: "
                + "treatments of the screen were predicted as if nobody had measured them, and intervals made as wide as "
                + "it took.",
            blocks: [
                .table(
                    ReportTable(
                        title: "Intervals that held the measured shift",
                        columns: [
                            .text("new about the treatment"), .number("by the model's own width"),
                            .number("by the width shown"), .number("width taken times"),
                            .number("share of the causal model"), .number("treatments × genes"),
                        ],
                        rows: rows.map {
                            [
                                .text($0.novelty), .share($0.before), .share($0.after), .number($0.scale),
                                .share($0.causalWeight), .count($0.trials),
                            ]
                        })),
                .paragraph(
                    "What is not the share of the causal model is told from treatments that are alike, without a cause. The "
                        + "sampling error of what was measured is counted in. The width was set on these same treatments, "
                        + "so the share that it holds of them is no test of it; held-out perturbations are."),
            ])
    }
}
