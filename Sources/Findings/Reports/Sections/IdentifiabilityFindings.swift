/// Which effects between genes can be told from causes that nobody measured.
public struct IdentifiabilityFindings: Codable, Sendable, Equatable {
    public enum Evidence: String, Codable, Sendable {
        case observation, experiment, none

        fileprivate var words: String {
            switch self {
            case .observation: "untreated cells"
            case .experiment: "experiments"
            case .none: "nothing at hand"
            }
        }
    }

    public struct Effect: Codable, Sendable, Equatable {
        public var source: String
        public var target: String
        public var evidence: Evidence
        /// Of the graphs on which the source leads to the target, the share that say so.
        public var agreement: Double
        /// The sets of genes of which cells are needed where they were set.
        public var experiments: [[String]]
        /// Hidden causes that would have to be measured.
        public var missing: [String]

        public init(
            source: String, target: String, evidence: Evidence, agreement: Double, experiments: [[String]] = [],
            missing: [String] = []
        ) {
            self.source = source
            self.target = target
            self.evidence = evidence
            self.agreement = agreement
            self.experiments = experiments
            self.missing = missing
        }
    }

    /// Names of the hidden causes with the genes on which each may act; none stand for all.
    public var hidden: [(name: String, genes: [String])] { zip(names, genes).map { ($0, $1) } }
    private var names: [String]
    private var genes: [[String]]
    public var effects: [Effect]

    public init(hidden: [(name: String, genes: [String])], effects: [Effect]) {
        names = hidden.map(\.name)
        genes = hidden.map(\.genes)
        self.effects = effects
    }

    /// Rows of the table, at most: all stand in the table beside the report.
    private static let mostRows = 200

    static let columns: [ReportTable.Column] = [
        .text("effect"), .text("identified from"), .number("graphs that agree"), .text("what it takes"),
    ]

    static func row(_ effect: Effect) -> [ReportTable.Cell] {
        let sets = effect.experiments.map { "cells with " + $0.joined(separator: " and ") + " set" }
        let needed =
            sets + (effect.missing.isEmpty ? [] : ["a measurement of " + effect.missing.joined(separator: " and ")])
        return [
            .text("\(effect.source) → \(effect.target)"), .tag(effect.evidence.words), .share(effect.agreement),
            .text(needed.joined(separator: "; ")),
        ]
    }

    /// nil where no hidden cause was stated.
    public var section: ReportSection? {
        guard !names.isEmpty else { return nil }
        let stated = hidden.map { cause in
            let genes =
                cause.genes.isEmpty
                ? "all genes"
                : cause.genes.count > 6 ? "\(cause.genes.count) genes" : cause.genes.joined(separator: ", ")
            return "\(cause.name) (on \(genes))"
        }
        func count(_ evidence: Evidence) -> Int { effects.count { $0.evidence == evidence } }
        // What can't be answered first: it is what the reader must not rely on.
        let order: [Evidence] = [.none, .experiment, .observation]
        let sorted = order.flatMap { evidence in effects.filter { $0.evidence == evidence } }
        let rows = sorted.prefix(Self.mostRows).map(Self.row)
        return ReportSection(
            title: "What hidden causes leave open",
            lead:
                "Stated as acting without having been measured: \(stated.joined(separator: "; ")). Given the network, these "
                + "effects can or can't be told from what such causes do, whatever the number of cells.",
            blocks: [
                .facts([
                    ReportFact("effects asked", count: effects.count),
                    ReportFact("from untreated cells", count: count(.observation)),
                    ReportFact("with experiments", count: count(.experiment), note: "perturbations of known targets"),
                    ReportFact("not identifiable", count: count(.none)),
                ]),
                .table(
                    ReportTable(
                        title: "Effects and what identifies them",
                        columns: Self.columns, rows: Array(rows))),
                .paragraph(
                    (effects.count > rows.count
                        ? "\(effects.count - rows.count) more stand in identifiability.tsv, with formulas. " : "")
                        + "An effect that is not identifiable may still be there: the prediction rests on the assumption that "
                        + "the hidden cause does nothing. Drugs set no gene, so they help only with known targets."),
            ])
    }
}
