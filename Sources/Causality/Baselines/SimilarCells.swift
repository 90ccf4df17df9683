import Foundation
import Matrices
import Screens

/// What the same perturbation does in other kinds of cells, each weighing as its controls resemble those of the cells
/// asked for: exp(50 r) with r the correlation of mean controls over genes, so that a correlation higher by 0.02 weighs
/// e times as much.
public struct SimilarCells: PredictionBaseline {
    public let name: String
    public let cutsAtZero: Bool
    private let training: TrainingShifts

    private static let sharpness = 50.0

    public init(_ training: TrainingShifts, cutsAtZero: Bool) {
        self.training = training
        self.cutsAtZero = cutsAtZero
        name = "mean of other cells, weighed by similarity of controls" + (cutsAtZero ? ", cut at 0" : "")
    }

    public func shift(of question: BaselineQuestion) -> [Double]? {
        let context = question.context
        let others = training.contexts.indices.filter { place in
            let other = training.contexts[place]
            return other.perturbation == context.perturbation && other.covariates != context.covariates
                && (context.level == nil ? other.dose == context.dose : other.level == context.level)
        }
        guard !others.isEmpty, training.doses(of: context).isEmpty else { return nil }
        let correlations = others.map {
            let r = pearsonCorrelation(training.controlMeans[$0], question.controlMean)
            return r.isNaN ? 0 : r
        }
        let largest = correlations.max() ?? 0
        return training.mean(others, weights: correlations.map { exp(Self.sharpness * ($0 - largest)) })
    }
}
