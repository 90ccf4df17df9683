/// Gene by gene: what regulates it, and which perturbations act on it.
public struct GeneFindings: Codable, Sendable, Equatable {
    public struct Regulator: Codable, Sendable, Equatable {
        public var gene: String
        public var probability: Double
        public var effect: Double?
        /// Share of the graphs that have the edge; nil where nobody counted.
        public var agreement: Double?

        public init(gene: String, probability: Double, effect: Double? = nil, agreement: Double? = nil) {
            self.gene = gene
            self.probability = probability
            self.effect = effect
            self.agreement = agreement
        }
    }

    /// A perturbation that acts on the gene with some posterior probability.
    public struct Hit: Codable, Sendable, Equatable {
        public var perturbation: String
        public var probability: Double

        public init(perturbation: String, probability: Double) {
            self.perturbation = perturbation
            self.probability = probability
        }
    }

    /// A perturbation that moves the gene, whether it is a target or not.
    public struct Mover: Codable, Sendable, Equatable {
        public var perturbation: String
        public var dose: Double?
        /// Predicted, with its 90 % interval.
        public var shift: Estimate
        /// Where it was measured.
        public var observed: Double?
        /// Of a plain test of what was measured.
        public var adjustedP: Double?

        public init(
            perturbation: String, dose: Double? = nil, shift: Estimate, observed: Double? = nil,
            adjustedP: Double? = nil
        ) {
            self.perturbation = perturbation
            self.dose = dose
            self.shift = shift
            self.observed = observed
            self.adjustedP = adjustedP
        }
    }

    public struct Gene: Codable, Sendable, Equatable {
        public var name: String
        public var regulators: [Regulator]
        /// What the gene regulates.
        public var regulated: [Regulator]
        public var hits: [Hit]
        /// By falling size of the shift.
        public var movers: [Mover]
        /// Effects of its regulators on it and of it on others, beside causes that nobody measured; empty where none of
        /// these was stated.
        public var effects: [IdentifiabilityFindings.Effect]

        public init(
            name: String, regulators: [Regulator], regulated: [Regulator] = [], hits: [Hit], movers: [Mover] = [],
            effects: [IdentifiabilityFindings.Effect] = []
        ) {
            self.name = name
            self.regulators = regulators
            self.regulated = regulated
            self.hits = hits
            self.movers = movers
            self.effects = effects
        }
    }

    public var genes: [Gene]
    /// perturbations × genes: the posterior as a map; both empty where it is not wanted.
    public var perturbations: [String]
    public var posterior: [[Double]]
    /// What a shift is, such as `shift of the mean, log1p`.
    public var shiftName: String
    /// Most genes that have a card, and most rows of its tables.
    public var listedGenes: Int
    public var listedRows: Int

    /// - Parameter listedRows: nil: 20, and fewer where many genes have cards.
    public init(
        genes: [Gene], perturbations: [String] = [], posterior: [[Double]] = [], shiftName: String = "shift",
        listedGenes: Int = 200, listedRows: Int? = nil
    ) {
        self.genes = genes
        self.perturbations = perturbations
        self.posterior = posterior
        self.shiftName = shiftName
        self.listedGenes = listedGenes
        self.listedRows = listedRows ?? (genes.count <= 60 ? 20 : 5)
    }

    public var section: ReportSection {
        var blocks: [ReportBlock] = []
        if !perturbations.isEmpty, posterior.count == perturbations.count,
            genes.count * perturbations.count <= 5_000, genes.count <= 60
        {
            blocks.append(
                .figure(
                    .heatmap(
                        HeatmapFigure(
                            title: "Targets attributed by the model",
                            caption: "Probability that the perturbation intervenes on the gene itself, by the model.",
                            rowName: "perturbation", columnName: "gene", valueName: "probability",
                            rows: perturbations, columns: genes.map(\.name), values: posterior, fullShade: 1)),
                    table: "target_probabilities"))
        }
        let cut = genes.count > listedGenes ? " The first \(listedGenes.countText) of \(genes.count.countText)." : ""
        if genes.allSatisfy(\.effects.isEmpty) {
            blocks.append(
                .paragraph(
                    "Effects follow from these cells as long as nothing unmeasured acts on several genes. Which of them "
                        + "stand in spite of a batch or a cell state is told where explain.hidden names it."))
        }
        blocks.append(.cards(genes.prefix(listedGenes).map(card)))
        return ReportSection(
            title: "Genes",
            lead:
                "For each gene: what acts on it in the network and what it acts on, which perturbations move it, and which "
                + "have it as a target attributed by the model." + cut,
            blocks: blocks, tables: tables)
    }

    private func card(_ gene: Gene) -> ReportCard {
        let found = [
            network("Regulators", gene.regulators), network("Regulates", gene.regulated), movers(gene), hits(gene),
            identifiability(gene),
        ]
        return ReportCard(
            title: gene.name,
            summary: gene.regulators.count.countText("regulator", "regulators") + ", regulates "
                + gene.regulated.count.countText + ", target of "
                + gene.hits.count.countText("perturbation", "perturbations"),
            blocks: found.compactMap { $0.map { .table($0) } })
    }

    /// The title, or where rows are left out how many there are.
    private func titled(_ title: String, _ count: Int) -> String {
        count > listedRows ? "\(title) (first \(listedRows) of \(count.countText))" : title
    }

    private func network(_ title: String, _ genes: [Regulator]) -> ReportTable? {
        ReportTable(
            title: titled(title, genes.count),
            columns: [.text("gene"), .number("probability"), .number("effect"), .number("share of graphs")],
            rows: genes.prefix(listedRows).map {
                [
                    .text($0.gene), .share($0.probability), .number($0.effect ?? .nan),
                    $0.agreement.map { .share($0) } ?? .number(.nan),
                ]
            })
    }

    private func movers(_ gene: Gene) -> ReportTable? {
        let hasDose = gene.movers.contains { $0.dose != nil }
        let isTested = gene.movers.contains { $0.adjustedP != nil }
        var columns: [ReportTable.Column] = [.text("perturbation")]
        if hasDose { columns.append(.number("dose")) }
        columns.append(.number(shiftName))
        if isTested { columns += [.number("observed"), .number("adjusted p")] }
        let rows = gene.movers.prefix(listedRows).map { mover -> [ReportTable.Cell] in
            var row: [ReportTable.Cell] = [.text(mover.perturbation)]
            if hasDose { row.append(.number(mover.dose ?? .nan)) }
            row.append(.estimate(mover.shift))
            if isTested { row += [.number(mover.observed ?? .nan), .number(mover.adjustedP ?? .nan)] }
            return row
        }
        return ReportTable(
            title: titled("Perturbations that move it", gene.movers.count), columns: columns, rows: rows)
    }

    private func hits(_ gene: Gene) -> ReportTable? {
        ReportTable(
            title: titled("Perturbations with it as a target, attributed by the model", gene.hits.count),
            columns: [.text("perturbation"), .number("probability")],
            rows: gene.hits.prefix(listedRows).map { [.text($0.perturbation), .share($0.probability)] })
    }

    /// nil where no hidden cause was stated.
    private func identifiability(_ gene: Gene) -> ReportTable? {
        guard !gene.effects.isEmpty else { return nil }
        return ReportTable(
            title: titled("What hidden causes leave open", gene.effects.count),
            columns: IdentifiabilityFindings.columns,
            rows: gene.effects.prefix(listedRows).map(IdentifiabilityFindings.row))
    }

    private var tables: [FigureTable] {
        [
            FigureTable(
                name: "target_probabilities",
                title: "Probability that a perturbation intervenes on a gene, by the model",
                columns: ["perturbation", "gene", "probability"],
                rows: zip(perturbations, posterior).flatMap { name, row in
                    zip(genes, row).map { [.text(name), .text($0.name), .optional($1)] }
                }),
            FigureTable(
                name: "movers", title: "Perturbations that move a gene, by falling size of the predicted shift",
                columns: ["gene", "perturbation", "dose", "shift", "lower", "upper", "observed", "p_adjusted"],
                rows: genes.flatMap { gene in
                    gene.movers.map { mover -> [FigureTable.Value] in
                        [
                            .text(gene.name), .text(mover.perturbation), .optional(mover.dose),
                            .optional(mover.shift.value), .optional(mover.shift.lower), .optional(mover.shift.upper),
                            .optional(mover.observed), .optional(mover.adjustedP),
                        ]
                    }
                }),
        ]
    }
}
