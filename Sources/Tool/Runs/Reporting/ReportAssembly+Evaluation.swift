import Evaluations
import Reports
import Shifts

/// The section on predictions beside the baselines.
extension ReportAssembly {
    /// The error first, by which the headline judges; then all other metrics.
    private static let metrics =
        [PredictionMetric.rootMeanSquareError] + PredictionMetric.allCases.filter { $0 != .rootMeanSquareError }
    /// Those shown perturbation by perturbation, at least one of each kind; the tables beside the report have all.
    private static let detailed: [PredictionMetric] = [
        .rootMeanSquareError, .pearson, .signAccuracy, .pooledDetermination, .discrimination, .energyDistance,
        .wasserstein, .varianceRatio, .geneOverlap,
    ]

    /// All verdicts in one table, and each metric in detail: against disjoint controls first, where both were used.
    func evaluationSection(_ evaluation: PredictionEvaluation) -> ReportSection? {
        let variants = ["disjoint", "shared"].filter { name in evaluation.comparisons.contains { $0.variant == name } }
        let details = variants.flatMap { variant in
            Self.detailed.compactMap { metric in
                findings(of: evaluation, metric, variant).map { (name: $0.metric, section: $0.section) }
            }
        }
        guard let first = details.first else { return nil }
        let rest = details.dropFirst().map { detail in
            ReportBlock.folded(
                ReportCard(title: detail.name, summary: detail.section.lead, blocks: detail.section.blocks))
        }
        return ReportSection(
            title: first.section.title,
            lead:
                "Whether predictions of what the model has not seen are better than simple answers made of the training "
                + "cells alone: metric by metric, with paired intervals.",
            blocks: [
                .table(overview(evaluation, variants)),
                .paragraph(
                    "The model beats where the paired 95 % interval of its gain lies above zero for every baseline, and "
                        + "loses where it lies below zero for any. "
                        + evaluation.notes.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }.joined(
                            separator: " ")),
                .heading(first.name), .paragraph(first.section.lead),
            ] + first.section.blocks + [.heading("Other metrics, perturbation by perturbation")] + rest,
            tables: [Self.joined(details.flatMap(\.section.tables))].compactMap { $0 })
    }

    /// The rows of all metrics in one table.
    private static func joined(_ tables: [FigureTable]) -> FigureTable? {
        guard var whole = tables.first else { return nil }
        whole.rows = tables.flatMap(\.rows)
        return whole
    }

    private func overview(_ evaluation: PredictionEvaluation, _ variants: [String]) -> ReportTable {
        var rows: [[ReportTable.Cell]] = []
        for variant in variants {
            for metric in Self.metrics {
                let own = evaluation.comparisons.filter { $0.metric == metric && $0.variant == variant }
                guard let best = own.min(by: { metric.loss($0.baselineValue) < metric.loss($1.baselineValue) })
                else { continue }
                rows.append(
                    [
                        .text(metric.name), .verdict(standing(own)),
                        .text("\(written(best.gain)) [\(written(best.lower)), \(written(best.upper))]"),
                        .text(best.baseline), .text(written(best.modelValue)), .text(written(best.baselineValue)),
                    ] + (variants.count > 1 ? [.text(variant)] : []))
            }
        }
        return ReportTable(
            title: "The model beside the baselines, by every metric",
            columns: [
                .text("metric"), .text("the model"), .number("gain (95 % interval)"), .text("over the best baseline"),
                .number("model"), .number("baseline"),
            ] + (variants.count > 1 ? [.text("controls")] : []), rows: rows)
    }

    /// Metrics have scales of their own, so a column of them can't line up.
    private func written(_ value: Double) -> String { number(value).replacing("-", with: "−") }

    private func findings(
        of evaluation: PredictionEvaluation, _ metric: PredictionMetric, _ variant: String
    ) -> EvaluationFindings? {
        let scores = evaluation.scores.filter { $0.metric == metric && $0.variant == variant }
        let comparisons = evaluation.comparisons.filter { $0.metric == metric && $0.variant == variant }
        guard let first = comparisons.first else { return nil }
        let baselines = comparisons.map(\.baseline)
        func mean(_ perturbation: String, _ predictor: String) -> Double? {
            let values = scores.filter { $0.perturbation == perturbation && $0.predictor == predictor }.map(\.value)
            return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
        let rows = Set(scores.map(\.perturbation)).sorted().map { name in
            let model = mean(name, first.model) ?? .nan
            let others = baselines.map { mean(name, $0) }
            return EvaluationFindings.Row(
                perturbation: name, model: Estimate(model), baselineValues: others.map { $0.map { Estimate($0) } },
                verdict: verdict(model, others.compactMap { $0 }, metric))
        }
        let overall = EvaluationFindings.Row(
            perturbation: "mean over all", model: Estimate(first.modelValue),
            baselineValues: comparisons.map { Estimate($0.baselineValue) },
            verdict: standing(comparisons))
        return EvaluationFindings(
            metric: "\(metric.name) (\(variant) controls)", higherIsBetter: metric.isHigherBetter, baselines: baselines,
            rows: rows, overall: overall,
            pairs: comparisons.map {
                .init(
                    baseline: $0.baseline, verdict: standing([$0]), model: $0.modelValue, value: $0.baselineValue,
                    gain: Estimate($0.gain, lower: $0.lower, upper: $0.upper))
            },
            note:
                "The verdict on a single perturbation, which has no interval, counts differences of less than 5 % of the "
                + "best baseline as a tie.")
    }

    func verdict(_ model: Double, _ baselines: [Double], _ metric: PredictionMetric) -> Reports.Verdict {
        guard let best = baselines.min(by: { metric.loss($0) < metric.loss($1) }) else { return .ties }
        let gain = metric.loss(best) - metric.loss(model)
        return abs(gain) < 0.05 * abs(metric.loss(best)) ? .ties : gain > 0 ? .beats : .loses
    }
}
