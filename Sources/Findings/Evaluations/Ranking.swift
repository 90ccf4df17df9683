import Shifts

/// What the metrics say of the predictors, and of themselves.
struct Ranking {
    private let means: [PredictionEvaluation.Mean]

    /// - Parameter means: of one variant.
    init(_ means: [PredictionEvaluation.Mean]) { self.means = means }

    /// Which predictor is the best, and by which metrics, where they disagree; nil where fewer than two are compared.
    func note(among predictors: [String]) -> String? {
        var metrics: [String: [PredictionMetric]] = [:]
        // Widths of intervals are no merit of their own, and baselines have none.
        for metric in PredictionMetric.allCases where metric.kind != .intervals {
            let own = means.filter { $0.metric == metric && predictors.contains($0.predictor) }
            guard own.count > 1, let least = own.map({ metric.loss($0.value) }).min() else { continue }
            // Equal ones share no victory.
            let best = own.filter { metric.loss($0.value) == least }
            if best.count == 1 { metrics[best[0].predictor, default: []].append(metric) }
        }
        let winners = metrics.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        guard let first = winners.first else { return nil }
        guard winners.count > 1 else { return "every metric holds the same predictor for the best, \(first.key)" }
        return "the choice of metric decides who is best: "
            + winners.map { "\($0.key) by \($0.value.count) (\(Self.listed($0.value)))" }.joined(separator: "; ")
    }

    /// The metrics by which the measured cells of another treatment are as good as the model; nil where there are none.
    func blindness(of model: String) -> String? {
        func value(_ metric: PredictionMetric, _ predictor: String) -> Double? {
            means.first { $0.metric == metric && $0.predictor == predictor }.map { metric.loss($0.value) }
        }
        let blind = PredictionMetric.allCases.filter { metric in
            guard let own = value(metric, model), let other = value(metric, PredictionEvaluation.negativeControl)
            else { return false }
            return other <= own
        }
        guard !blind.isEmpty else { return nil }
        return
            "cells of another treatment are as good as \(model) by \(blind.count) metric\(blind.count == 1 ? "" : "s"): "
            + Self.listed(blind)
    }

    private static func listed(_ metrics: [PredictionMetric]) -> String {
        let names = metrics.map(\.rawValue)
        return names.prefix(shown).joined(separator: ", ") + (names.count > shown ? ", …" : "")
    }

    private static let shown = 5
}
