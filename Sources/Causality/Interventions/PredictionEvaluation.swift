import Foundation
import Graphs
import Probability
import Screens

/// How well treatments of cells that the model never saw are predicted, beside the baselines.
public struct PredictionEvaluation: Codable, Sendable, Equatable {
    /// Which control cells make the model's and the truth's shifts.
    public enum Controls: String, Codable, Sendable {
        /// One half for the model and the baselines, the other for the truth: no noise in common.
        case disjoint
        /// All for both, as papers do; the common noise flatters every prediction.
        case shared
    }

    public enum Verdict: String, Codable, Sendable {
        case beats, ties, loses
    }

    /// One metric of one answer for one treatment.
    public struct Score: Codable, Sendable, Equatable {
        public let perturbation: String
        public let dose: Double?
        /// `model` or the name of a baseline.
        public let predictor: String
        public let metric: String
        public let value: Double
    }

    /// The model against one baseline, over perturbations.
    public struct Comparison: Codable, Sendable, Equatable {
        public let metric: String
        public let baseline: String
        public let model: Double
        public let baselineValue: Double
        /// 95 % interval of the gain (positive: the model is better) by a paired bootstrap over perturbations, or over
        /// their treatments where they are few.
        public let gain: Double
        public let lower: Double
        public let upper: Double
        public let verdict: Verdict
    }

    public let controls: Controls
    /// Perturbations of which the model saw no cell.
    public let heldOut: [String]
    public let scores: [Score]
    public let comparisons: [Comparison]
    /// How many top genes the sign is scored on.
    public let topGenes: Int
    public let notes: [String]

    /// Mean over perturbations of the mean over their treatments; nil where that predictor gave no answer.
    public func mean(_ metric: String, of predictor: String) -> Double? {
        let values = Self.perPerturbation(scores.filter { $0.metric == metric && $0.predictor == predictor })
        return values.isEmpty ? nil : Self.mean(of: values)
    }

    /// Summed in the order of the keys: that of a dictionary differs from run to run, and with it the last digit.
    static func mean(of values: [String: Double]) -> Double {
        values.keys.sorted().reduce(0) { $0 + (values[$1] ?? 0) } / Double(values.count)
    }

    static func perPerturbation(_ scores: [Score]) -> [String: Double] { means(scores, by: \.perturbation) }

    static func means(_ scores: [Score], by key: (Score) -> String) -> [String: Double] {
        Dictionary(grouping: scores, by: key).mapValues { $0.reduce(0) { $0 + $1.value } / Double($0.count) }
    }

    /// With fewer perturbations than this their treatments are resampled instead.
    static let fewestPerturbations = 5
    /// With fewer units to resample than this no verdict is given.
    static let fewestUnits = 3
}

extension InterventionModel {
    /// Fits without `heldOut` and predicts them.
    ///
    /// Pearson correlation of shifts over genes (a constant prediction counts 0), root mean square error, and sign accuracy
    /// on the `topGenes` genes that truly moved most (a zero counts one half).
    ///
    /// - Returns: The evaluation and the model that was judged, which knows nothing of `heldOut`.
    public static func evaluate(
        _ screen: PerturbationScreen, heldOut: [String], beliefs: EdgeBeliefs? = nil, options: FitOptions = .init(),
        seed: UInt64 = 0, controls: PredictionEvaluation.Controls = .disjoint, topGenes: Int = 10,
        report: @Sendable (FitStep) -> Void = { _ in }
    ) throws -> (evaluation: PredictionEvaluation, model: InterventionModel) {
        let held = Set(heldOut)
        for name in heldOut where !screen.contexts.contains(where: { $0.perturbation == name && !$0.isControl }) {
            throw InterventionError(
                code: "UNKNOWN_PERTURBATION", element: name,
                message: "a perturbation of the screen expected as held out, found \(name)",
                remedy: "name perturbations of the screen")
        }
        guard let features = screen.features, !features.features.isEmpty else {
            throw InterventionError(
                code: "NO_FEATURES", element: "features",
                message: "features of perturbations expected for predicting unseen ones, none found",
                remedy: "give a table of perturbation features")
        }
        var random = RandomStream(seed: seed).stream("evaluation")
        var controlCells = screen.contextOfCell.indices.filter { screen.contexts[screen.contextOfCell[$0]].isControl }
        controlCells.shuffle(using: &random)
        let half = controlCells.count / 2
        let truthControls = controls == .shared ? controlCells : Array(controlCells.prefix(half))
        let modelControls = controls == .shared ? controlCells : Array(controlCells.dropFirst(half))
        func cells(_ controls: [Int], heldOut isHeld: Bool) -> [Int] {
            let seen = Set(controls)
            return screen.contextOfCell.indices.filter { cell in
                let context = screen.contexts[screen.contextOfCell[cell]]
                return context.isControl ? seen.contains(cell) : held.contains(context.perturbation) == isHeld
            }
        }
        let model = try fit(
            screen.subset(cells: cells(modelControls, heldOut: false)), beliefs: beliefs, options: options, seed: seed,
            report: report)
        let evaluation = try model.evaluate(
            on: screen.subset(cells: cells(truthControls, heldOut: true)), controls: controls, topGenes: topGenes,
            seed: seed)
        return (evaluation, model)
    }

    /// Predicts every treatment of a screen that was not used to fit this model, and takes the true shifts against that
    /// screen's own controls.
    ///
    /// Treatments that the model has seen (in other cells) are judged beside what their training cells showed, too.
    /// - Parameter controls: Whether the controls of `test` are other cells than those of the fit; for the record.
    public func evaluate(
        on test: PerturbationScreen, controls: PredictionEvaluation.Controls = .disjoint, topGenes: Int = 10,
        seed: UInt64 = 0
    ) throws -> PredictionEvaluation {
        precondition(test.genes == genes, "a model of \(genes.count) genes is judged on the same genes")
        let d = genes.count
        let baselines = PredictionBaselines(genes: d, contexts: contexts, shifts: measuredShifts, encoding: encoding)
        func mean(_ cells: [Int]) -> [Double] {
            var sum = [Double](repeating: 0, count: d)
            for cell in cells { for j in 0..<d { sum[j] += Double(test.expression[cell, j]) } }
            return sum.map { $0 / Double(max(1, cells.count)) }
        }
        let control = mean(test.controlCells)
        var scores: [PredictionEvaluation.Score] = []
        var unseen: Set<String> = []
        var judged: Set<String> = []
        for (context, cells) in zip(test.contexts, test.cellsOfContext) where !context.isControl && !cells.isEmpty {
            guard let query = query(for: context, features: test.features) else { continue }
            judged.insert(context.perturbation)
            if query.features != nil { unseen.insert(context.perturbation) }
            let truth = zip(mean(cells), control).map { $0 - $1 }
            var answers: [(String, [Double])] = [("model", try predict(query, draws: 2).shift)]
            for baseline in PredictionBaseline.allCases {
                if let answer = baselines.predict(baseline, query) { answers.append((baseline.rawValue, answer)) }
            }
            for (name, answer) in answers {
                for (metric, value) in Self.metrics(answer, truth, topGenes: topGenes) {
                    scores.append(
                        .init(
                            perturbation: context.perturbation, dose: context.dose, predictor: name, metric: metric,
                            value: value))
                }
            }
        }
        return PredictionEvaluation(
            controls: controls, heldOut: unseen.sorted(), scores: scores,
            comparisons: Self.compare(scores, RandomStream(seed: seed).stream("bootstrap")),
            topGenes: min(topGenes, d),
            notes: [
                controls == .disjoint
                    ? "shifts of the model and of the truth are taken against disjoint halves of the controls"
                    : "shifts of the model and of the truth share their controls, whose noise flatters every prediction",
                Self.resamplesTreatments(scores)
                    ? "intervals: 2000 paired resamplings of the treatments of \(judged.count) perturbations, too few to be "
                        + "resampled themselves; fewer than \(PredictionEvaluation.fewestUnits) treatments count as a tie"
                    : "intervals: 2000 paired resamplings of \(judged.count) perturbations",
            ])
    }

    /// What each baseline, made of the treatments of the fit, says of a question: shifts of all genes, in the scale of the
    /// screen. Baselines that do not apply are left out.
    public func baselineShifts(_ queries: [PerturbationQuery]) -> [[PredictionBaseline: [Double]]] {
        let baselines = PredictionBaselines(
            genes: genes.count, contexts: contexts, shifts: measuredShifts, encoding: encoding)
        return queries.map { query in
            PredictionBaseline.allCases.reduce(into: [:]) { $0[$1] = baselines.predict($1, query) }
        }
    }

    /// The question for a treatment: measured ones by name, others by their features; nil where neither is known.
    public func query(for context: Context, features table: FeatureTable?) -> PerturbationQuery? {
        if perturbations.contains(context.perturbation) {
            return PerturbationQuery(perturbation: context.perturbation, dose: context.dose)
        }
        guard canPredictUnseen, let table, let row = table.perturbations.firstIndex(of: context.perturbation) else {
            return nil
        }
        return PerturbationQuery(
            perturbation: context.perturbation, dose: context.dose, features: table.values.row(row).map(Double.init))
    }

    static func metrics(_ answer: [Double], _ truth: [Double], topGenes: Int) -> [(String, Double)] {
        let n = Double(truth.count)
        let (a, b) = (answer.reduce(0, +) / n, truth.reduce(0, +) / n)
        var (ab, aa, bb, error) = (0.0, 0.0, 0.0, 0.0)
        for (x, y) in zip(answer, truth) {
            ab += (x - a) * (y - b)
            aa += (x - a) * (x - a)
            bb += (y - b) * (y - b)
            error += (x - y) * (x - y)
        }
        let top = truth.indices.sorted { (abs(truth[$0]), $1) > (abs(truth[$1]), $0) }.prefix(topGenes)
        let right = top.reduce(0.0) { $0 + (answer[$1] == 0 ? 0.5 : (answer[$1] > 0) == (truth[$1] > 0) ? 1 : 0) }
        return [
            ("Pearson correlation of shifts", aa > 1e-20 && bb > 1e-20 ? ab / (aa * bb).squareRoot() : 0),
            ("root mean square error of shifts", (error / n).squareRoot()),
            ("sign accuracy of top genes", right / Double(max(1, top.count))),
        ]
    }

    private static func resamplesTreatments(_ scores: [PredictionEvaluation.Score]) -> Bool {
        Set(scores.map(\.perturbation)).count < PredictionEvaluation.fewestPerturbations
    }

    private static func compare(
        _ scores: [PredictionEvaluation.Score], _ stream: RandomStream
    ) -> [PredictionEvaluation.Comparison] {
        var result: [PredictionEvaluation.Comparison] = []
        let byTreatment = resamplesTreatments(scores)
        let grouped = Dictionary(grouping: scores) { "\($0.metric)\u{0}\($0.predictor)" }
            .mapValues { scores in
                PredictionEvaluation.means(scores) {
                    byTreatment ? "\($0.perturbation)\u{0}\($0.dose ?? -1)" : $0.perturbation
                }
            }
        for (metric, _) in metrics([0, 1], [0, 1], topGenes: 1) {
            guard let model = grouped["\(metric)\u{0}model"] else { continue }
            let lowerIsBetter = metric.hasPrefix("root")
            for baseline in PredictionBaseline.allCases {
                guard let other = grouped["\(metric)\u{0}\(baseline.rawValue)"] else { continue }
                let names = model.keys.sorted()
                let gains = names.map { ((model[$0] ?? 0) - (other[$0] ?? 0)) * (lowerIsBetter ? -1 : 1) }
                var random = stream.stream(metric).stream(baseline.rawValue)
                let resampled = (0..<2000).map { _ in
                    gains.indices.reduce(0) { sum, _ in sum + gains[random.index(below: gains.count)] }
                        / Double(gains.count)
                }
                let (lower, upper) = quantiles(resampled, 0.025, 0.975)
                result.append(
                    .init(
                        metric: metric, baseline: baseline.rawValue,
                        model: PredictionEvaluation.mean(of: model),
                        baselineValue: PredictionEvaluation.mean(of: other),
                        gain: gains.reduce(0, +) / Double(gains.count), lower: lower, upper: upper,
                        verdict: gains.count < PredictionEvaluation.fewestUnits
                            ? .ties : lower > 0 ? .beats : upper < 0 ? .loses : .ties))
            }
        }
        return result
    }
}
