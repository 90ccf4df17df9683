import Baselines
import Foundation
import Matrices
import Probability
import Screens
import Shifts

/// What models and baselines say of the treatments of one trial, and what was measured of them.
struct TrialAnswers: Sendable {
    /// What one predictor says of a treatment, and the truth by which it is judged.
    struct Answer: Sendable {
        /// Against the controls that the predictor has seen.
        var shift: [Double]
        /// Mean of these controls.
        var control: [Double]
        var truth: [Double]
        /// Mean of the controls that the truth is taken against.
        var trueControl: [Double]
        /// 90 %, of the shift.
        var interval: (lower: [Double], upper: [Double])?
        /// Metrics of cells and of the genes they tell apart.
        var cells: [PredictionMetric: Double] = [:]
        /// Predicted and true numbers that are compared over treatments.
        var pairs: [PredictionMetric: UnitScore] = [:]

        var mean: [Double] { zip(shift, control).map { $0 + $1 } }
        var trueMean: [Double] { zip(truth, trueControl).map { $0 + $1 } }
    }

    struct Treatment: Sendable {
        var context: Context
        /// The place among the genes of the one that is perturbed itself.
        var perturbed: Int?
        /// By predictor.
        var answers: [String: Answer]
        /// Cells of each model, and the controls that baselines move; 0 where no cells are compared.
        var predictedCells: [Int] = []
        var movedControls = 0
        var ceiling: ShiftCeiling
    }

    let fold: Int
    let controls: ControlUse
    let treatments: [Treatment]
    let models: [String]
    /// In the order of their making.
    let baselines: [String]
    /// Mean over the training perturbations of their cells' means; nil without any.
    let perturbedMean: [Double]?

    /// - Parameter frame: nil compares no cells.
    init(_ trial: PredictionTrial, models: [ModelAnswers], frame: CellFrame?, random: RandomStream) {
        fold = trial.fold
        controls = trial.controls
        self.models = models.map(\.name)
        let fitted = FittedBaselines(
            TrainingShifts(trial.training, combinations: trial.test.combinations)
        ).all
        baselines = fitted.map(\.name)
        perturbedMean = Self.perturbedMean(trial.training)
        let cellsOfContext = trial.test.cellsOfContext
        let truths = trial.test.meanShifts()
        let controlsOfStratum = trial.training.controlsOfStratum
        let places = Dictionary(trial.test.genes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        @Sendable func seenControls(_ cells: [Int]) -> [Int] {
            let strata = Set(cells.map { trial.test.controlStrata?[$0] ?? 0 }).sorted()
            let own = strata.flatMap { controlsOfStratum[$0] ?? [] }
            return own.isEmpty ? trial.training.controlCells : own
        }
        var found = [Treatment?](repeating: nil, count: truths.count)
        found.withUnsafeMutableBufferPointer { found in
            nonisolated(unsafe) let found = found
            DispatchQueue.concurrentPerform(iterations: truths.count) { place in
                let truth = truths[place]
                let context = trial.test.contexts[truth.context]
                let cells = cellsOfContext[truth.context]
                let controls = seenControls(cells)
                let name = "\(context.perturbation)\u{0}\(context.dose ?? -1)\u{0}\(context.covariateValues)"
                let stream = random.stream(name)
                let question = BaselineQuestion(
                    context: context,
                    controlMean: controls.isEmpty
                        ? truth.baseline : trial.training.expression.columnMeans(rows: controls))
                let measured = MeasuredCells(
                    treated: trial.test.expression.selectingRows(cells),
                    trueControls: trial.test.expression.selectingRows(trial.test.controls(sharedBy: cells)),
                    seenControls: trial.training.expression.selectingRows(controls), scale: trial.test.scale,
                    frame: frame, random: stream)
                var treatment = Treatment(
                    context: context, perturbed: places[context.perturbation], answers: [:],
                    ceiling: ShiftCeiling(
                        treated: measured.treated, controls: measured.trueControls, random: stream.stream("halves")))
                func answer(
                    _ shift: [Double], interval: (lower: [Double], upper: [Double])? = nil, cells: Matrix<Float>?
                ) -> Answer {
                    var answer = Answer(
                        shift: shift, control: question.controlMean, truth: truth.shift, trueControl: truth.baseline,
                        interval: interval)
                    if let cells { measured.judge(cells, &answer) }
                    return answer
                }
                for baseline in fitted {
                    guard let shift = baseline.shift(of: question) else { continue }
                    if baseline.cutsAtZero {
                        let cut = measured.movedControls(by: shift, cutAtZero: true)
                        treatment.answers[baseline.name] = answer(
                            zip(cut.columnMeans(), question.controlMean).map { $0 - $1 }, cells: cut)
                    } else {
                        var one = answer(shift, cells: nil)
                        measured.judgeControls(movedBy: shift, &one)
                        treatment.answers[baseline.name] = one
                    }
                }
                for model in models {
                    guard let prediction = model.predictions[context] else { continue }
                    treatment.answers[model.name] = answer(
                        prediction.shift, interval: prediction.interval, cells: prediction.cells)
                }
                if measured.comparesCells {
                    treatment.movedControls = controls.count
                    treatment.predictedCells = models.compactMap { $0.predictions[context]?.cells?.rows }
                }
                let other = truths[(place + 1) % truths.count]
                if truths.count > 1 {
                    let cells = trial.test.expression.selectingRows(cellsOfContext[other.context])
                    treatment.answers[PredictionEvaluation.negativeControl] = answer(
                        zip(cells.columnMeans(), question.controlMean).map { $0 - $1 }, cells: cells)
                }
                treatment.answers[PredictionEvaluation.halves] = measured.halves(random: stream.stream("ceiling"))
                found[place] = treatment
            }
        }
        treatments = found.compactMap(\.self)
    }

    /// Every perturbation weighs the same, whatever its doses and cells.
    private static func perturbedMean(_ training: PerturbationScreen) -> [Double]? {
        var cells: [String: [Int]] = [:]
        for (cell, context) in training.contextOfCell.enumerated() where !training.contexts[context].isControl {
            cells[training.contexts[context].perturbation, default: []].append(cell)
        }
        guard !cells.isEmpty else { return nil }
        var sum = [Double](repeating: 0, count: training.genes.count)
        for name in cells.keys.sorted() {
            let mean = training.expression.columnMeans(rows: cells[name] ?? [])
            for gene in sum.indices { sum[gene] += mean[gene] }
        }
        return sum.map { $0 / Double(cells.count) }
    }
}
