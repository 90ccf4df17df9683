import Screens
import Shifts

/// How well treatments that a model never saw are predicted, beside the baselines.
public struct PredictionEvaluation: Codable, Sendable, Equatable {
    /// One metric of one answer for one treatment: the mean over the divisions of controls.
    public struct Score: Codable, Sendable, Equatable {
        public let perturbation: String
        public let dose: Double?
        public let level: String?
        public let covariates: [String: String]
        /// A model or a baseline.
        public let predictor: String
        public let metric: PredictionMetric
        /// `shared` or `disjoint`.
        public let variant: String
        public let value: Double
    }

    /// One metric of one predictor: the mean over units of the means over their treatments, with the 95 % interval.
    public struct Mean: Codable, Sendable, Equatable {
        public let metric: PredictionMetric
        public let variant: String
        public let predictor: String
        public let value: Double
        public let lower: Double
        public let upper: Double
    }

    /// A model against one baseline, where both have answers.
    public struct Comparison: Codable, Sendable, Equatable {
        public let metric: PredictionMetric
        public let variant: String
        public let model: String
        public let baseline: String
        public let modelValue: Double
        public let baselineValue: Double
        /// Positive: the model is better; with its 95 % interval by a paired bootstrap over units.
        public let gain: Double
        public let lower: Double
        public let upper: Double
        public let verdict: PredictionVerdict
    }

    /// Models in the order given; the mean of the training perturbations where there are none.
    public let models: [String]
    public let baselines: [String]
    /// Answers that tell what a metric can see: the cells of another treatment, and half of the treatment's own.
    public let references: [String]
    /// Perturbations of which the models saw no cell.
    public let heldOut: [String]
    public let scores: [Score]
    public let means: [Mean]
    public let comparisons: [Comparison]
    /// By variant.
    public let ceilings: [String: ShiftCeiling]
    public let notes: [String]

    /// The measured cells of another treatment as a prediction: a metric that does not tell them from the treatment's own is
    /// blind to it, and a model that is not better knows the screen, not the treatment.
    public static let negativeControl = "negative control: cells of another treatment"
    /// Half of the treatment's cells as a prediction of the other half: the noise ceiling of every metric.
    public static let halves = "noise ceiling: half of the cells for the other"

    public func mean(_ metric: PredictionMetric, of predictor: String, variant: String) -> Double? {
        means.first { $0.metric == metric && $0.predictor == predictor && $0.variant == variant }?.value
    }
}
