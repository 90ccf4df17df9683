import Screens

/// A simple answer made of the training cells alone: what a model must beat.
public protocol PredictionBaseline: Sendable {
    /// As tables and reports call it.
    var name: String { get }
    /// Whether its cells, controls moved by the shift, are cut off at 0.
    var cutsAtZero: Bool { get }
    /// The shift of every gene against control; nil where the baseline has no answer to the question.
    func shift(of question: BaselineQuestion) -> [Double]?
}

extension PredictionBaseline {
    public var cutsAtZero: Bool { false }
}

/// A treatment that is asked for, and what may be known of its cells: controls of their own kind.
public struct BaselineQuestion: Sendable {
    public var context: Context
    /// Mean of the controls that its cells share, genes.
    public var controlMean: [Double]

    public init(context: Context, controlMean: [Double]) {
        self.context = context
        self.controlMean = controlMean
    }
}

/// All baselines that training cells allow, fitted.
public struct FittedBaselines: Sendable {
    public let all: [any PredictionBaseline]

    public init(_ training: TrainingShifts) {
        var all: [any PredictionBaseline] = [NoChange(genes: training.genes), TrainingMean(training, isPooled: true)]
        if training.hasComparableTreatments { all.append(TrainingMean(training, isPooled: false)) }
        if !training.combinations.isEmpty { all.append(AdditiveShift(training)) }
        if let features = FeatureSpace(training) {
            all.append(KernelRidge(training, features: features, kernel: .linear))
            all.append(KernelRidge(training, features: features, kernel: .similarity))
            all.append(NearestNeighbours(training, features: features))
        }
        if training.hasDoses {
            all += [PooledDoses(training), InterpolatedDose(training), HillCurve(training)] as [any PredictionBaseline]
        }
        if training.hasCovariates {
            all.append(SimilarCells(training, cutsAtZero: false))
            all.append(SimilarCells(training, cutsAtZero: true))
        }
        all.append(OwnShift(training))
        self.all = all
    }
}
