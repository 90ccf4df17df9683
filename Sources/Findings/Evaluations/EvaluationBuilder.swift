import Baselines
import Matrices
import Probability
import Screens
import Shifts

/// Collects trials, fold by fold and division by division, and judges them together.
public struct EvaluationBuilder: Sendable {
    private var trials: [TrialAnswers] = []
    private var trained: Set<String> = []
    private let frame: CellFrame?
    private let random: RandomStream

    /// With fewer perturbations than this their treatments are resampled instead.
    static let fewestPerturbations = 5

    /// - Parameter cells: measured cells of the task, which fix how cells are compared; nil compares shifts only.
    public init(comparing cells: Matrix<Float>?, seed: UInt64) {
        random = RandomStream(seed: seed).stream("evaluation")
        frame = cells.flatMap { $0.rows >= 2 ? $0 : nil }.map { [random] in
            CellFrame($0, random: random.stream("frame"))
        }
    }

    /// Fits the baselines to the trial and takes down all answers.
    /// - Parameter comparesCells: Cells are compared once: their metrics subtract no controls from the truth.
    public mutating func add(_ trial: PredictionTrial, models: [ModelAnswers] = [], comparesCells: Bool = true) {
        trials.append(
            TrialAnswers(
                trial, models: models, frame: comparesCells ? frame : nil,
                random: random.stream("fold").stream(trial.fold)))
        trained.formUnion(trial.training.perturbations)
    }

    public func evaluation() -> PredictionEvaluation {
        var scores: [PredictionEvaluation.Score] = []
        var means: [PredictionEvaluation.Mean] = []
        var comparisons: [PredictionEvaluation.Comparison] = []
        var ceilings: [String: ShiftCeiling] = [:]
        var notes: [String] = []
        var names: [String] = []
        for trial in trials { names += trial.models.filter { !names.contains($0) } }
        var baselines: [String] = []
        for trial in trials { baselines += trial.baselines.filter { !baselines.contains($0) } }
        let models = names.isEmpty ? baselines.filter { $0 == Self.reference } : names
        for variant in ["shared", "disjoint"] {
            var own = trials.filter { $0.controls.name == variant }
            // Baselines are seen on the very trials on which models are.
            if own.contains(where: { !$0.models.isEmpty }) { own = own.filter { !$0.models.isEmpty } }
            guard !own.isEmpty else { continue }
            let table = VariantScores(own)
            scores += table.scores(variant: variant)
            ceilings[variant] = ShiftCeiling.mean(own.flatMap { $0.treatments.map(\.ceiling) })
            let standing = Standing(table, variant: variant, random: random.stream("bootstrap"))
            let predictors = models + baselines.filter { !models.contains($0) }
            means += standing.means(of: predictors + Self.references)
            for model in models {
                comparisons += standing.comparisons(of: model, with: baselines.filter { $0 != model })
            }
            notes.append(Self.note(variant, own, standing))
            let ranking = Ranking(means.filter { $0.variant == variant })
            notes += ([ranking.note(among: predictors)] + models.map(ranking.blindness)).compactMap(\.self)
                .map { "\(variant): \($0)" }
        }
        if let note = Self.cellNote(trials.flatMap(\.treatments)) { notes.append(note) }
        let seen = trials.reduce(into: [Int: Set<String>]()) { seen, trial in
            seen[trial.fold, default: []].formUnion(trial.treatments.map(\.context.perturbation))
        }
        let tested = seen.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        return PredictionEvaluation(
            models: models, baselines: baselines, references: Self.references,
            heldOut: tested.subtracting(names.isEmpty ? [] : trained).sorted(),
            scores: scores, means: means, comparisons: comparisons, ceilings: ceilings, notes: notes)
    }

    private static let references = [PredictionEvaluation.negativeControl, PredictionEvaluation.halves]

    /// What baselines are compared with where there is no model.
    private static let reference = "mean of training perturbations"

    /// Unbiased distances take cells for independent draws. Those of a prediction are moved to a mean that is exact, which
    /// makes them nearer to the truth than draws, by more the fewer they are: only equal numbers compare.
    private static func cellNote(_ treatments: [TrialAnswers.Treatment]) -> String? {
        let pairs = treatments.flatMap { one in one.predictedCells.map { (predicted: $0, moved: one.movedControls) } }
        guard pairs.contains(where: { 10 * abs($0.predicted - $0.moved) > $0.moved }) else { return nil }
        func range(_ counts: [Int]) -> String {
            let (least, most) = (counts.min() ?? 0, counts.max() ?? 0)
            return least == most ? "\(least)" : "\(least) to \(most)"
        }
        return
            "energy distance, E-distance and MMD favour few cells, for predicted ones have an exact mean, unlike draws: models "
            + "gave \(range(pairs.map(\.predicted))) cells, baselines moved \(range(pairs.map(\.moved))); "
            + "predict.cells: null gives as many"
    }

    private static func note(_ variant: String, _ trials: [TrialAnswers], _ standing: Standing) -> String {
        let divisions = Set(trials.map(\.controls)).count
        let controls =
            variant == "shared"
            ? "shared: shifts of predictions and of the truth are taken against the same controls, whose noise flatters "
                + "every prediction"
            : "disjoint: shifts of predictions and of the truth are taken against disjoint halves of the controls, the mean "
                + "of \(divisions) division\(divisions == 1 ? "" : "s")"
        return controls + "; intervals: 2000 paired resamplings of \(standing.unitCount) "
            + (standing.resamplesTreatments ? "treatments" : "perturbations")
            + (standing.unitCount < UnitBootstrap.fewestUnits ? ", too few for a verdict" : "")
    }
}
