import Foundation

/// How far a prediction of a treatment is off: every metric by its full name, with the peers that have it in words.
///
/// Peers' variants that differ are separate cases: "E-distance" alone names five functions of the field.
public enum PredictionMetric: String, Sendable, Codable, CaseIterable {
    case pearson
    case spearman
    case pearsonOfTopGenes
    case pearsonAboutPerturbedMean
    case cosine
    case cosineOfFolds
    case rootMeanSquareError
    case meanAbsoluteError
    case determination
    case pooledDetermination
    case signAccuracy
    case discrimination
    case discriminationByManhattan
    case centroidAccuracy
    case retrieval
    case energyDistance
    case energyDistanceBiased
    case energyDistanceOfComponents
    case eDistance
    case eDistanceBiased
    case meanDiscrepancy
    case slicedWasserstein
    case wasserstein
    case varianceRatio
    case strength
    case geneOverlap
    case genePrecision
    case geneRecall
    case geneDirection
    case geneFolds
    case genePrecisionCurve
    case geneCurve
    case geneCounts
    case coverage
    case intervalWidth

    /// What a metric looks at.
    public enum Kind: Sendable {
        /// Shifts or means of one treatment, gene by gene.
        case means
        /// Shifts or means of a treatment among those of others.
        case retrieval
        /// The cells of a treatment.
        case cells
        /// The genes that a test tells apart from controls.
        case genes
        /// Intervals that a model gives.
        case intervals
    }

    /// How units, such as perturbations, become one number.
    public enum Pooling: Sendable {
        /// The ratio of sums: a mean where every unit weighs 1.
        case ratio
        /// Correlations over units of the predicted with the true.
        case pearson
        case spearman
    }

    /// Genes of largest true shift that `pearsonOfTopGenes` and `signAccuracy` look at.
    public static let topGenes = 50
    /// Directions, and quantiles along each, of the sliced Wasserstein distance.
    public static let (directions, quantiles) = (200, 200)
    /// Principal components of the E-distance.
    public static let components = 50
    /// The rate of false discoveries at which genes count as told apart.
    public static let falseDiscoveries = 0.05

    public var kind: Kind {
        switch self {
        case .pearson, .spearman, .pearsonOfTopGenes, .pearsonAboutPerturbedMean, .cosine, .cosineOfFolds,
            .rootMeanSquareError, .meanAbsoluteError, .determination, .pooledDetermination, .signAccuracy:
            .means
        case .discrimination, .discriminationByManhattan, .centroidAccuracy, .retrieval: .retrieval
        case .energyDistance, .energyDistanceBiased, .energyDistanceOfComponents, .eDistance, .eDistanceBiased,
            .meanDiscrepancy, .slicedWasserstein, .wasserstein, .varianceRatio, .strength:
            .cells
        case .geneOverlap, .genePrecision, .geneRecall, .geneDirection, .geneFolds, .genePrecisionCurve, .geneCurve,
            .geneCounts:
            .genes
        case .coverage, .intervalWidth: .intervals
        }
    }

    public var pooling: Pooling {
        switch self {
        case .strength: .pearson
        case .geneCounts: .spearman
        default: .ratio
        }
    }

    /// Whether predicted cells are compared, not shifts of means.
    public var comparesCells: Bool { kind == .cells || kind == .genes }

    public var isHigherBetter: Bool {
        switch kind {
        case .means: self != .rootMeanSquareError && self != .meanAbsoluteError
        case .retrieval, .genes: true
        case .cells: self == .strength
        case .intervals: false
        }
    }

    /// What falls as a prediction gets better: an error is its own loss, a similarity is turned round, a ratio of variances
    /// is as bad above 1 as below, and so is a share of held intervals about the one that they promise.
    public func loss(_ value: Double) -> Double {
        switch self {
        case .varianceRatio: value > 0 ? abs(log(value)) : .infinity
        case .coverage: abs(value - Self.promisedCoverage)
        default: isHigherBetter ? -value : value
        }
    }

    /// Whether a single treatment has a value.
    public var isOfOneTreatment: Bool { pooling == .ratio && self != .pooledDetermination }

    /// Whether the loss is that of all units together, not the mean of their losses.
    public var isLossOfAll: Bool { pooling != .ratio || self == .coverage }

    /// The share of true shifts that intervals promise to hold.
    public static let promisedCoverage = 0.9
}
