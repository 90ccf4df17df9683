import Baselines
import Foundation
import Matrices
import Probability
import Screens
import Shifts

/// What models and baselines say of the treatments of one trial, and what was measured of them.
struct TrialAnswers: Sendable {
    struct Treatment: Sendable {
        var context: Context
        var truth: [Double]
        /// Shifts, by predictor.
        var answers: [String: [Double]]
        /// Metrics of cells, by predictor.
        var cells: [String: [PredictionMetric: Double]]
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

    /// - Parameter frame: nil compares no cells.
    init(_ trial: PredictionTrial, models: [ModelAnswers], frame: CellFrame?, random: RandomStream) {
        fold = trial.fold
        controls = trial.controls
        self.models = models.map(\.name)
        let fitted = FittedBaselines(
            TrainingShifts(trial.training, combinations: trial.test.combinations)
        ).all
        baselines = fitted.map(\.name)
        let cellsOfContext = trial.test.cellsOfContext
        let truths = trial.test.meanShifts()
        let controlsOfStratum = trial.training.controlsOfStratum
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
                var treatment = Treatment(
                    context: context, truth: truth.shift, answers: [:], cells: [:],
                    ceiling: ShiftCeiling(
                        treated: trial.test.expression.selectingRows(cells),
                        controls: trial.test.expression.selectingRows(trial.test.controls(sharedBy: cells)),
                        random: stream.stream("halves")))
                let compared = frame.map { frame in
                    ComparedCells(
                        measured: trial.test.expression.selectingRows(cells),
                        controls: trial.training.expression.selectingRows(controls), frame: frame, random: stream)
                }
                for baseline in fitted {
                    guard var shift = baseline.shift(of: question) else { continue }
                    if baseline.cutsAtZero {
                        let cut = Self.cut(trial.training.expression.selectingRows(controls), shift)
                        shift = zip(cut.columnMeans(), question.controlMean).map { $0 - $1 }
                        treatment.cells[baseline.name] = compared??.scores(of: cut)
                    } else {
                        treatment.cells[baseline.name] = compared??.scores(ofControlsMovedBy: shift)
                    }
                    treatment.answers[baseline.name] = shift
                }
                for model in models {
                    guard let prediction = model.predictions[context] else { continue }
                    treatment.answers[model.name] = prediction.shift
                    treatment.cells[model.name] = prediction.cells.flatMap { compared??.scores(of: $0) }
                }
                if compared != nil {
                    treatment.movedControls = controls.count
                    treatment.predictedCells = models.compactMap { $0.predictions[context]?.cells?.rows }
                }
                found[place] = treatment
            }
        }
        treatments = found.compactMap(\.self)
    }

    /// Control cells moved by a shift and cut off at 0.
    private static func cut(_ controls: Matrix<Float>, _ shift: [Double]) -> Matrix<Float> {
        var cells = controls
        for row in 0..<cells.rows {
            for gene in shift.indices { cells[row, gene] = Float(max(0, Double(cells[row, gene]) + shift[gene])) }
        }
        return cells
    }
}

/// The measured cells of a treatment and the controls that baselines move.
private struct ComparedCells {
    private let measured: CellPopulation
    private let controls: CellPopulation?
    private let frame: CellFrame
    private let random: RandomStream

    /// nil where there are fewer than two measured cells.
    init?(measured: Matrix<Float>, controls: Matrix<Float>, frame: CellFrame, random: RandomStream) {
        guard measured.rows >= 2 else { return nil }
        self.measured = CellPopulation(measured, frame: frame, random: random.stream("measured"))
        self.controls =
            controls.rows >= 2 ? CellPopulation(controls, frame: frame, random: random.stream("controls")) : nil
        self.frame = frame
        self.random = random
    }

    func scores(ofControlsMovedBy shift: [Double]) -> [PredictionMetric: Double]? {
        controls?.translated(by: shift).scores(against: measured)
    }

    func scores(of cells: Matrix<Float>) -> [PredictionMetric: Double]? {
        guard cells.rows >= 2 else { return nil }
        return CellPopulation(cells, frame: frame, random: random.stream("predicted")).scores(against: measured)
    }
}
