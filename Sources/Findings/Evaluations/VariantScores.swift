import Screens
import Shifts

/// The scores of one variant: of each treatment, predictor and metric the mean over divisions of controls.
struct VariantScores {
    /// Treatments in the order of folds.
    let treatments: [Context]
    /// By predictor, metric and treatment.
    private(set) var values: [String: [PredictionMetric: [Int: UnitScore]]] = [:]

    init(_ trials: [TrialAnswers]) {
        var place: [Context: Int] = [:]
        var treatments: [Context] = []
        for trial in trials {
            for treatment in trial.treatments where place[treatment.context] == nil {
                place[treatment.context] = treatments.count
                treatments.append(treatment.context)
            }
        }
        self.treatments = treatments
        // All folds of one division are judged together: a prediction is told from the truths of all of them.
        var divisions: [ControlUse] = []
        for trial in trials where !divisions.contains(trial.controls) { divisions.append(trial.controls) }
        var counts: [String: [PredictionMetric: [Int: Double]]] = [:]
        func add(_ predictor: String, _ metric: PredictionMetric, _ treatment: Int, _ score: UnitScore) {
            values[predictor, default: [:]][metric, default: [:]][treatment, default: UnitScore(value: 0, weight: 0)]
                .value += score.value
            values[predictor]?[metric]?[treatment]?.weight += score.weight
            counts[predictor, default: [:]][metric, default: [:]][treatment, default: 0] += 1
        }
        for division in divisions {
            let all = trials.filter { $0.controls == division }.flatMap(\.treatments)
            let predictors = all.reduce(into: Set<String>()) { $0.formUnion($1.answers.keys) }.sorted()
            for predictor in predictors {
                let answered = all.filter { $0.answers[predictor] != nil }
                let predicted = answered.compactMap { $0.answers[predictor] }
                let discrimination = ShiftScores.discrimination(
                    predicted: predicted, truth: answered.map(\.truth), strata: Self.strata(answered.map(\.context)))
                for (order, treatment) in answered.enumerated() {
                    guard let number = place[treatment.context] else { continue }
                    let own = ShiftScores.values(predicted: predicted[order], truth: treatment.truth)
                    for (metric, value) in own { add(predictor, metric, number, UnitScore(value: value)) }
                    if let value = discrimination[order] {
                        add(predictor, .discrimination, number, UnitScore(value: value))
                    }
                    let squares = ShiftScores.squares(predicted: predicted[order], truth: treatment.truth)
                    add(
                        predictor, .pooledDetermination, number,
                        UnitScore(value: squares.truth - squares.error, weight: squares.truth))
                    for (metric, value) in treatment.cells[predictor] ?? [:] {
                        add(predictor, metric, number, UnitScore(value: value))
                    }
                }
            }
        }
        // Means over divisions.
        for (predictor, byMetric) in counts {
            for (metric, byTreatment) in byMetric {
                for (treatment, count) in byTreatment {
                    values[predictor]?[metric]?[treatment]?.value /= count
                    values[predictor]?[metric]?[treatment]?.weight /= count
                }
            }
        }
    }

    func scores(variant: String) -> [PredictionEvaluation.Score] {
        values.keys.sorted().flatMap { predictor in
            PredictionMetric.allCases.filter { $0 != .pooledDetermination }.flatMap { metric in
                (values[predictor]?[metric] ?? [:]).sorted { $0.key < $1.key }.map { treatment, score in
                    let context = treatments[treatment]
                    return PredictionEvaluation.Score(
                        perturbation: context.perturbation, dose: context.dose, level: context.level,
                        covariates: context.covariates, predictor: predictor, metric: metric, variant: variant,
                        value: score.value)
                }
            }
        }
    }

    /// Treatments among which a prediction is to tell its own: those of the same dose (or level) and covariates; where
    /// every treatment is alone in that, all.
    private static func strata(_ contexts: [Context]) -> [String] {
        let strata = contexts.map { context in
            let dose = context.level ?? context.dose.map { "\($0)" } ?? ""
            return ([dose] + context.covariateValues).joined(separator: "\u{0}")
        }
        return Set(strata).count < strata.count ? strata : strata.map { _ in "" }
    }
}
