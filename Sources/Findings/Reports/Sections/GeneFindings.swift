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

    public struct Gene: Codable, Sendable, Equatable {
        public var name: String
        public var regulators: [Regulator]
        public var hits: [Hit]

        public init(name: String, regulators: [Regulator], hits: [Hit]) {
            self.name = name
            self.regulators = regulators
            self.hits = hits
        }
    }

    public var genes: [Gene]
    /// perturbations × genes: the posterior as a map; both empty where it is not wanted.
    public var perturbations: [String]
    public var posterior: [[Double]]
    /// Most genes that have a card, and most rows of its tables.
    public var listedGenes: Int
    public var listedRows: Int

    public init(
        genes: [Gene], perturbations: [String] = [], posterior: [[Double]] = [], listedGenes: Int = 200,
        listedRows: Int = 12
    ) {
        self.genes = genes
        self.perturbations = perturbations
        self.posterior = posterior
        self.listedGenes = listedGenes
        self.listedRows = listedRows
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
                            rows: perturbations, columns: genes.map(\.name), values: posterior, fullShade: 1))))
        }
        let cut = genes.count > listedGenes ? " The first \(listedGenes.countText) of \(genes.count.countText)." : ""
        blocks.append(.cards(genes.prefix(listedGenes).map(card)))
        return ReportSection(
            title: "Genes",
            lead:
                "For each gene: what acts on it in the network, and which perturbations have it as a target attributed by the "
                + "model." + cut,
            blocks: blocks)
    }

    private func card(_ gene: Gene) -> ReportCard {
        ReportCard(
            title: gene.name,
            summary: gene.regulators.count.countText("regulator", "regulators") + ", "
                + gene.hits.count.countText("perturbation", "perturbations"),
            blocks: [
                .table(
                    ReportTable(
                        title: "Regulators",
                        columns: [
                            .text("gene"), .number("probability"), .number("effect"), .number("share of graphs"),
                        ],
                        rows: gene.regulators.prefix(listedRows).map {
                            [
                                .text($0.gene), .share($0.probability), .number($0.effect ?? .nan),
                                $0.agreement.map { .share($0) } ?? .number(.nan),
                            ]
                        })),
                .table(
                    ReportTable(
                        title: "Perturbations with it as a target, attributed by the model",
                        columns: [.text("perturbation"), .number("probability")],
                        rows: gene.hits.prefix(listedRows).map { [.text($0.perturbation), .share($0.probability)] })),
            ])
    }
}
