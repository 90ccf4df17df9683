import Foundation
import Graphs
import Probability
import Screens

/// How well perturbations that the model never saw are predicted, beside the baselines.
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

    /// One metric of one answer for one held-out treatment.
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
        /// 95 % interval of the gain (positive: the model is better) by a paired bootstrap over perturbations.
        public let gain: Double
        public let lower: Double
        public let upper: Double
        public let verdict: Verdict
    }

    public let controls: Controls
    public let heldOut: [String]
    public let scores: [Score]
    public let comparisons: [Comparison]
    /// How many top genes the sign is scored on.
    public let topGenes: Int
    public let notes: [String]

    /// Mean over perturbations of the mean over their treatments; nil where that predictor gave no answer.
    public func mean(_ metric: String, of predictor: String) -> Double? {
        let values = Self.perPerturbation(scores.filter { $0.metric == metric && $0.predictor == predictor })
        return values.isEmpty ? nil : values.values.reduce(0, +) / Double(values.count)
    }

    static func perPerturbation(_ scores: [Score]) -> [String: Double] {
        Dictionary(grouping: scores, by: \.perturbation).mapValues { $0.reduce(0) { $0 + $1.value } / Double($0.count) }
    }
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
        let d = screen.genes.count
        var random = RandomStream(seed: seed).stream("evaluation")
        var controlCells = screen.contextOfCell.indices.filter { screen.contexts[screen.contextOfCell[$0]].isControl }
        controlCells.shuffle(using: &random)
        let half = controlCells.count / 2
        let truthControls = controls == .shared ? controlCells : Array(controlCells.prefix(half))
        let modelControls = controls == .shared ? controlCells : Array(controlCells.dropFirst(half))
        let seenControls = Set(modelControls)
        let kept = screen.contextOfCell.indices.filter { cell in
            let context = screen.contexts[screen.contextOfCell[cell]]
            return context.isControl ? seenControls.contains(cell) : !held.contains(context.perturbation)
        }
        let model = try fit(
            screen.choosing(cells: kept), beliefs: beliefs, options: options, seed: seed, report: report)
        let baselines = PredictionBaselines(
            genes: d, contexts: model.contexts, shifts: model.measuredShifts, encoding: model.encoding)

        func mean(_ cells: [Int]) -> [Double] {
            var sum = [Double](repeating: 0, count: d)
            for cell in cells { for j in 0..<d { sum[j] += Double(screen.expression[cell, j]) } }
            return sum.map { $0 / Double(max(1, cells.count)) }
        }
        let control = mean(truthControls)
        var scores: [PredictionEvaluation.Score] = []
        for (k, context) in screen.contexts.enumerated() where held.contains(context.perturbation) && !context.isControl {
            let cells = screen.contextOfCell.indices.filter { screen.contextOfCell[$0] == k }
            guard !cells.isEmpty, let row = features.perturbations.firstIndex(of: context.perturbation) else { continue }
            let truth = zip(mean(cells), control).map { $0 - $1 }
            let query = PerturbationQuery(
                perturbation: context.perturbation, dose: context.dose,
                features: features.values.row(row).map(Double.init))
            var answers: [(String, [Double])] = [("model", try model.predict(query, draws: 2).shift)]
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
        let evaluation = PredictionEvaluation(
            controls: controls, heldOut: heldOut, scores: scores,
            comparisons: compare(scores, RandomStream(seed: seed).stream("bootstrap")),
            topGenes: min(topGenes, d),
            notes: [
                controls == .disjoint
                    ? "shifts of the model and of the truth are taken against disjoint halves of the controls"
                    : "shifts of the model and of the truth share their controls, whose noise flatters every prediction",
                "intervals: 2000 paired resamplings of \(held.count) perturbations",
            ])
        return (evaluation, model)
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

    private static func compare(
        _ scores: [PredictionEvaluation.Score], _ stream: RandomStream
    ) -> [PredictionEvaluation.Comparison] {
        var result: [PredictionEvaluation.Comparison] = []
        let grouped = Dictionary(grouping: scores) { "\($0.metric)\u{0}\($0.predictor)" }
            .mapValues { PredictionEvaluation.perPerturbation($0) }
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
                let lower = quantile(resampled, 0.025)
                let upper = quantile(resampled, 0.975)
                result.append(
                    .init(
                        metric: metric, baseline: baseline.rawValue,
                        model: model.values.reduce(0, +) / Double(model.count),
                        baselineValue: other.values.reduce(0, +) / Double(other.count),
                        gain: gains.reduce(0, +) / Double(gains.count), lower: lower, upper: upper,
                        verdict: lower > 0 ? .beats : (upper < 0 ? .loses : .ties)))
            }
        }
        return result
    }
}

extension PerturbationScreen {
    /// The screen of some of its cells; treatments without cells stay behind.
    fileprivate func choosing(cells: [Int]) -> PerturbationScreen {
        var values: [Float] = []
        values.reserveCapacity(cells.count * genes.count)
        for cell in cells { values += expression.row(cell) }
        return PerturbationScreen(
            genes: genes, expression: .init(rows: cells.count, columns: genes.count, values: values), scale: scale,
            contexts: contexts, contextOfCell: cells.map { contextOfCell[$0] }, features: features,
            knownTargets: knownTargets, notices: notices)
    }
}
