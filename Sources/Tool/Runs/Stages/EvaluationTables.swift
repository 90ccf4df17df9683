import Foundation
import Interventions
import Matrices
import Probability
import Screens
import Shifts

/// How far predicted cells are from measured ones, beside the controls as they are.
struct CellDistance {
    var perturbation: String
    var dose: Double?
    var predictor: String
    var measure: Measure
}

extension Predictions {
    /// For every treatment of `test` with two cells or more: the distances of predicted cells, and of the model's own
    /// controls (no change), to the measured cells.
    func distances(
        to test: PerturbationScreen, controls: Matrix<Float>, seed: UInt64
    ) -> [CellDistance] {
        let random = RandomStream(seed: seed).stream("evaluation/distances")
        var result: [CellDistance] = []
        for (context, members) in zip(test.contexts, test.cellsOfContext) where !context.isControl && members.count > 1
        {
            let place = shifts.firstIndex { $0.perturbation == context.perturbation && $0.dose == context.dose }
            guard let place else { continue }
            let measured = test.expression.selectingRows(members)
            for (predictor, predicted) in [("model", cells[place]), ("no change", controls)] where predicted.rows > 1 {
                let stream = random.stream(context.perturbation).stream("\(context.dose ?? -1)").stream(predictor)
                let measures = PopulationDistance.measures(predicted, measured, resamples: 0, random: stream)
                result += measures.map {
                    CellDistance(
                        perturbation: context.perturbation, dose: context.dose, predictor: predictor, measure: $0)
                }
            }
        }
        return result
    }
}

/// An evaluation as the tables of `evaluate`.
struct EvaluationTables {
    /// `perturbation metric variant value lower upper`
    let scores: String
    /// `metric variant model baseline value verdict`
    let summary: String

    init(_ evaluation: PredictionEvaluation, distances: [CellDistance]) {
        let variant = "\(evaluation.controls.rawValue) controls"
        var rows = ["perturbation\tmetric\tvariant\tvalue\tlower\tupper\tpredictor\tdose"]
        for score in evaluation.scores {
            rows.append(
                [
                    score.perturbation.field(), score.metric, variant, "\(score.value)", "", "", score.predictor,
                    score.dose.map { "\($0)" } ?? "",
                ].joined(separator: "\t"))
        }
        for one in distances {
            rows.append(
                [
                    one.perturbation.field(), one.measure.metric, one.measure.variant, "\(one.measure.value)", "", "",
                    one.predictor, one.dose.map { "\($0)" } ?? "",
                ].joined(separator: "\t"))
        }
        scores = rows.joined(separator: "\n") + "\n"
        rows = ["metric\tvariant\tmodel\tbaseline\tvalue\tverdict\tmodel_value\tgain\tlower\tupper"]
        for one in evaluation.comparisons {
            rows.append(
                [
                    one.metric, variant, "interventions", one.baseline, "\(one.baselineValue)", one.verdict.rawValue,
                    "\(one.model)", "\(one.gain)", "\(one.lower)", "\(one.upper)",
                ].joined(separator: "\t"))
        }
        summary = rows.joined(separator: "\n") + "\n"
    }
}
