import Evaluations
import Foundation
import Shifts

/// An evaluation as the tables of `evaluate`.
struct EvaluationTables {
    /// `perturbation metric variant value lower upper`
    let scores: String
    /// `metric variant model baseline value verdict`
    let summary: String
    /// Means of every predictor, for people.
    let overview: String

    init(_ evaluation: PredictionEvaluation) {
        var rows = ["perturbation\tmetric\tvariant\tvalue\tlower\tupper\tpredictor\tdose\tlevel\tcovariates"]
        for one in evaluation.scores {
            let covariates = one.covariates.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            rows.append(
                [
                    one.perturbation.field(), one.metric.name, one.variant, "\(one.value)", "", "", one.predictor,
                    one.dose.map { "\($0)" } ?? "", one.level ?? "", covariates.joined(separator: ";").field(),
                ].joined(separator: "\t"))
        }
        for one in evaluation.means {
            rows.append(
                [
                    "mean over all", one.metric.name, one.variant, "\(one.value)", "\(one.lower)", "\(one.upper)",
                    one.predictor, "", "", "",
                ].joined(separator: "\t"))
        }
        for (variant, ceiling) in evaluation.ceilings.sorted(by: { $0.key < $1.key }) {
            let values: [(String, Double?)] = [
                ("ceiling: correlation of disjoint halves", ceiling.halvesCorrelation),
                ("ceiling: largest Pearson correlation", ceiling.maximumPearson),
                ("floor: noise of the truth", ceiling.noise),
            ]
            for (name, value) in values {
                guard let value else { continue }
                rows.append("mean over all\t\(name)\t\(variant)\t\(value)\t\t\t\t\t\t")
            }
        }
        scores = rows.joined(separator: "\n") + "\n"
        rows = ["metric\tvariant\tmodel\tbaseline\tvalue\tverdict\tmodel_value\tgain\tlower\tupper"]
        for one in evaluation.comparisons {
            rows.append(
                [
                    one.metric.name, one.variant, one.model, one.baseline, "\(one.baselineValue)",
                    one.verdict.rawValue, "\(one.modelValue)", "\(one.gain)", "\(one.lower)", "\(one.upper)",
                ].joined(separator: "\t"))
        }
        summary = rows.joined(separator: "\n") + "\n"
        overview = Self.overview(evaluation)
    }

    /// What the overview shows, of each kind what is least misled.
    private static let shown: [PredictionMetric] = [
        .pearson, .rootMeanSquareError, .discrimination, .energyDistance, .wasserstein, .varianceRatio, .geneOverlap,
        .geneDirection, .coverage,
    ]

    /// One line a predictor and variant.
    private static func overview(_ evaluation: PredictionEvaluation) -> String {
        let metrics = shown.filter { metric in evaluation.means.contains { $0.metric == metric } }
        var rows = [(["variant", "predictor"] + metrics.map(\.rawValue)).joined(separator: "\t")]
        for variant in ["disjoint", "shared"] {
            let own = evaluation.means.filter { $0.variant == variant }
            let baselines = evaluation.baselines.filter { !evaluation.models.contains($0) }
            for predictor in evaluation.models + baselines + evaluation.references {
                let values = metrics.map { metric in
                    own.first { $0.metric == metric && $0.predictor == predictor }.map {
                        String(format: "%.4f", $0.value)
                    } ?? ""
                }
                if values.contains(where: { !$0.isEmpty }) {
                    rows.append(([variant, predictor] + values).joined(separator: "\t"))
                }
            }
            if let ceiling = evaluation.ceilings[variant] {
                let values = [ceiling.halvesCorrelation, ceiling.maximumPearson, ceiling.noise].map {
                    $0.map { String(format: "%.3f", $0) } ?? "–"
                }
                rows.append(
                    "\(variant)\tceiling: halves r \(values[0]), largest r \(values[1]), noise of the truth \(values[2])"
                )
            }
        }
        return rows.joined(separator: "\n")
    }
}
