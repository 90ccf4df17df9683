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
            values[predictor, default: [:]][metric, default: [:]][treatment, default: UnitScore(value: 0, beside: 0)]
                .value += score.value
            values[predictor]?[metric]?[treatment]?.beside += score.beside
            counts[predictor, default: [:]][metric, default: [:]][treatment, default: 0] += 1
        }
        for division in divisions {
            let all = trials.filter { $0.controls == division }
                .flatMap { trial in trial.treatments.map { ($0, trial.perturbedMean) } }
            let predictors = all.reduce(into: Set<String>()) { $0.formUnion($1.0.answers.keys) }.sorted()
            for predictor in predictors {
                let answered = all.compactMap { treatment, perturbedMean in
                    treatment.answers[predictor].map {
                        (treatment: treatment, answer: $0, perturbedMean: perturbedMean)
                    }
                }
                let retrieval = RetrievalScores(
                    shifts: (answered.map(\.answer.shift), answered.map(\.answer.truth)),
                    means: (answered.map(\.answer.mean), answered.map(\.answer.trueMean)),
                    perturbed: answered.map(\.treatment.perturbed)
                ).values(strata: Self.strata(answered.map(\.treatment.context)))
                for (order, one) in answered.enumerated() {
                    guard let number = place[one.treatment.context] else { continue }
                    for (metric, value) in Self.scores(of: one.answer, perturbedMean: one.perturbedMean) {
                        add(predictor, metric, number, value)
                    }
                    for (metric, value) in retrieval[order] { add(predictor, metric, number, UnitScore(value: value)) }
                }
            }
        }
        // Means over divisions.
        for (predictor, byMetric) in counts {
            for (metric, byTreatment) in byMetric {
                for (treatment, count) in byTreatment {
                    values[predictor]?[metric]?[treatment]?.value /= count
                    values[predictor]?[metric]?[treatment]?.beside /= count
                }
            }
        }
    }

    /// All that needs no other treatment.
    private static func scores(
        of answer: TrialAnswers.Answer, perturbedMean: [Double]?
    ) -> [PredictionMetric: UnitScore] {
        let squares = ShiftScores.squares(predicted: answer.shift, truth: answer.truth)
        var scores = ShiftScores.values(predicted: answer.shift, truth: answer.truth)
            .merging(
                ShiftScores.values(
                    predicted: (answer.mean, answer.control), truth: (answer.trueMean, answer.trueControl),
                    perturbedMean: perturbedMean)
            ) { first, _ in first }
            .merging(answer.cells) { first, _ in first }
            .merging(answer.interval.map { ShiftScores.intervals($0, truth: answer.truth) } ?? [:]) { first, _ in first
            }
            .mapValues { UnitScore(value: $0) }
        scores[.pooledDetermination] = UnitScore(value: squares.truth - squares.error, beside: squares.truth)
        return scores.merging(answer.pairs) { first, _ in first }
    }

    func scores(variant: String) -> [PredictionEvaluation.Score] {
        values.keys.sorted().flatMap { predictor in
            PredictionMetric.allCases.filter(\.isOfOneTreatment).flatMap { metric in
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
