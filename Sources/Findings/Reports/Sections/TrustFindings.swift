import Foundation

/// How far the amortised probabilities of edges can be trusted: how often they were right on simulated worlds, whether the
/// data are like these worlds, and how much the probabilities depend on which cells were measured.
public struct TrustFindings: Codable, Sendable, Equatable {
    /// Simulated worlds of one kind that the network was not trained on.
    public struct Domain: Codable, Sendable, Equatable {
        public var name: String
        public var worlds: Int
        /// Expected calibration error.
        public var error: Double
        public var bins: [Bin]

        public init(name: String, worlds: Int, error: Double, bins: [Bin]) {
            self.name = name
            self.worlds = worlds
            self.error = error
            self.bins = bins
        }
    }

    /// All kinds of worlds together, each pair of genes counting alike; nil where their bins are not the same.
    static func pooled(_ domains: [Domain]) -> Domain? {
        guard let count = domains.first?.bins.count, domains.allSatisfy({ $0.bins.count == count }) else { return nil }
        let bins = (0..<count).map { place in
            let parts = domains.map { $0.bins[place] }
            let pairs = parts.reduce(0) { $0 + $1.count }
            func mean(_ value: (Bin) -> Double) -> Double {
                parts.reduce(0.0) { $0 + Double($1.count) * value($1) } / Double(max(1, pairs))
            }
            return Bin(count: pairs, probability: mean(\.probability), frequency: mean(\.frequency))
        }
        let pairs = bins.reduce(0) { $0 + $1.count }
        let error = bins.reduce(0.0) { $0 + Double($1.count) * abs($1.frequency - $1.probability) }
        return Domain(
            name: "All kinds of worlds", worlds: domains.reduce(0) { $0 + $1.worlds },
            error: error / Double(max(1, pairs)), bins: bins)
    }

    /// Pairs of genes with a like probability.
    public struct Bin: Codable, Sendable, Equatable {
        public var count: Int
        public var probability: Double
        /// The share of them that are edges.
        public var frequency: Double

        public init(count: Int, probability: Double, frequency: Double) {
            self.count = count
            self.probability = probability
            self.frequency = frequency
        }

        /// 95 % interval of the share (Wilson 1927), as if pairs were independent.
        var interval: (lower: Double, upper: Double) {
            let (n, z) = (Double(count), 1.96)
            let middle = (frequency + z * z / (2 * n)) / (1 + z * z / n)
            let width =
                z / (1 + z * z / n) * (frequency * (1 - frequency) / n + z * z / (4 * n * n)).squareRoot()
            return (max(0, middle - width), min(1, middle + width))
        }
    }

    /// An edge, and its probability where cells were drawn anew.
    public struct ResampledEdge: Codable, Sendable, Equatable {
        public var source: String
        public var target: String
        public var probability: Double
        /// 5 % and 95 % quantiles over the resamples.
        public var low: Double
        public var high: Double
        /// The share of the resamples that give it more than one half.
        public var likelyShare: Double

        public init(
            source: String, target: String, probability: Double, low: Double, high: Double, likelyShare: Double
        ) {
            self.source = source
            self.target = target
            self.probability = probability
            self.low = low
            self.high = high
            self.likelyShare = likelyShare
        }
    }

    public var domains: [Domain]
    /// How many in a hundred training worlds lie nearer to the rest than the data do; nil where nobody knows.
    public var percentile: Double?
    public var unlike: [String]
    public var resamples: Int
    public var edges: [ResampledEdge]

    public init(
        domains: [Domain], percentile: Double?, unlike: [String] = [], resamples: Int = 0, edges: [ResampledEdge] = []
    ) {
        self.domains = domains
        self.percentile = percentile
        self.unlike = unlike
        self.resamples = resamples
        self.edges = edges
    }

    /// nil where nothing is known.
    public var section: ReportSection? {
        let blocks = distance + reliability + stability
        guard !blocks.isEmpty else { return nil }
        return ReportSection(
            title: "How far to trust the edge probabilities",
            lead:
                "The probabilities that the network starts from come from weights trained on simulated worlds; here is how "
                + "often such probabilities were right, and how much they hang on these data.", blocks: blocks,
            tables: [table])
    }

    private var distance: [ReportBlock] {
        guard let percentile else { return [] }
        var text =
            "The data lie farther from the centre of the training worlds than \(Int(percentile.rounded(.down))) % of these "
            + "worlds themselves."
        if !unlike.isEmpty { text += " Most unlike them: \(unlike.joined(separator: ", "))." }
        return [.paragraph(text)]
    }

    private var reliability: [ReportBlock] {
        let shown = domains.filter { $0.bins.contains { $0.count > 0 } }
        guard !shown.isEmpty else { return [] }
        let words = ReportBlock.paragraph(
            "Where the dots lie on the line, of a hundred pairs of genes with a probability of 0.7 some seventy are edges; "
                + "dots below the line mean that it was too sure, dots above it that it was too careful. The worlds are of "
                + "the kinds that it was trained on; on data unlike them it may be worse.")
        let each: [ReportBlock] = [
            .gallery(shown.map { .lines(figure($0)) }, table: "calibration"), .table(counts(shown)),
        ]
        guard shown.count > 1, let pooled = Self.pooled(shown) else { return [words] + each }
        return [
            words, .gallery([.lines(figure(pooled))], table: "calibration"),
            .folded(
                ReportCard(
                    title: "Each kind of worlds",
                    summary: "\(shown.count.countText) kinds, expected calibration error "
                        + "\(shown.map(\.error).min()!.significantText(2)) to "
                        + shown.map(\.error).max()!.significantText(2),
                    blocks: each)),
        ]
    }

    private var table: FigureTable {
        let shown = domains.filter { $0.bins.contains { $0.count > 0 } }
        let pooled = shown.count > 1 ? Self.pooled(shown) : nil
        return FigureTable(
            name: "calibration", title: "How often edge probabilities were right on simulated worlds (95 % intervals)",
            columns: ["worlds", "probability", "share_of_edges", "lower", "upper", "pairs"],
            rows: ((pooled.map { [$0] } ?? []) + shown).flatMap { domain in
                domain.bins.filter { $0.count > 0 }.map {
                    [
                        .text(domain.name), .optional($0.probability), .optional($0.frequency),
                        .optional($0.interval.lower), .optional($0.interval.upper), .count($0.count),
                    ]
                }
            })
    }

    private func figure(_ domain: Domain) -> LineFigure {
        let points = domain.bins.filter { $0.count > 0 }.map { bin in
            LineFigure.Point(
                x: bin.probability, y: bin.frequency, lower: bin.interval.lower, upper: bin.interval.upper)
        }
        return LineFigure(
            title: domain.name,
            caption:
                "\(domain.worlds.countText("world", "worlds")); expected calibration error \(domain.error.significantText(2)).",
            horizontalAxis: "probability", verticalAxis: "share that are edges",
            series: [
                LineFigure.Series(name: "found", points: points, joined: false),
                LineFigure.Series(name: "in step", points: [.init(x: 0, y: 0), .init(x: 1, y: 1)]),
            ], small: true)
    }

    private func counts(_ domains: [Domain]) -> ReportTable {
        let places = domains[0].bins.indices
        func edge(_ place: Int) -> String { (Double(place) / Double(places.count)).shortText(1) }
        return ReportTable(
            title: "Pairs of genes behind each dot, by probability",
            columns: [.text("worlds")] + places.map { .number("\(edge($0)) – \(edge($0 + 1))") },
            rows: domains.map { domain in
                [.text(domain.name)] + domain.bins.map { .count($0.count) }
            })
    }

    private var stability: [ReportBlock] {
        guard resamples > 0, !edges.isEmpty else { return [] }
        return [
            .paragraph(
                "The cells were drawn anew \(resamples.countText) times; an edge whose probability stays high does not hang on "
                    + "a few cells."),
            .table(
                ReportTable(
                    title: "The \(edges.count) most probable edges, where cells are drawn anew",
                    columns: [
                        .text("source"), .text("target"), .number("probability (5 % to 95 % of resamples)"),
                        .number("above one half in"),
                    ],
                    rows: edges.map { edge in
                        [
                            .text(edge.source), .text(edge.target),
                            .estimate(Estimate(edge.probability, lower: edge.low, upper: edge.high)),
                            .share(edge.likelyShare),
                        ]
                    })),
        ]
    }
}
