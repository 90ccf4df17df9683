import Foundation

/// How far a prediction of a treatment is off: every metric by its full name.
///
/// The first eight compare shifts of means, gene by gene; the others compare predicted cells with measured ones.
public enum PredictionMetric: String, Sendable, Codable, CaseIterable {
    case pearson
    case pearsonOfTopGenes
    case rootMeanSquareError
    case determination
    case pooledDetermination
    case signAccuracy
    case cosine
    case discrimination
    case energyDistance
    case eDistance
    case meanDiscrepancy
    case slicedWasserstein
    case wasserstein
    case varianceRatio

    /// Genes of largest true shift that `pearsonOfTopGenes` and `signAccuracy` look at.
    public static let topGenes = 50
    /// Directions, and quantiles along each, of the sliced Wasserstein distance.
    public static let (directions, quantiles) = (200, 200)
    /// Principal components of the E-distance.
    public static let components = 50

    /// The metric's full name, as tables show it.
    public var name: String {
        switch self {
        case .pearson: "Pearson correlation of shifts, all genes"
        case .pearsonOfTopGenes: "Pearson correlation of shifts, \(Self.topGenes) genes of largest true shift"
        case .rootMeanSquareError: "root mean square error of shifts"
        case .determination: "R² of shifts about their mean over genes"
        case .pooledDetermination: "R² of shifts about no change, pooled over treatments"
        case .signAccuracy: "sign accuracy, \(Self.topGenes) genes of largest true shift"
        case .cosine: "cosine similarity of shifts, all genes"
        case .discrimination: "discrimination: share of other true shifts that are farther (cosine)"
        case .energyDistance: "energy distance: Euclidean, unbiased, all genes"
        case .eDistance: "E-distance: squared Euclidean, unbiased, \(Self.components) principal components"
        case .meanDiscrepancy: "maximum mean discrepancy: squared, Gaussian kernel, unbiased, all genes"
        case .slicedWasserstein: "sliced Wasserstein distance: order 2, \(Self.directions) directions"
        case .wasserstein: "Wasserstein distance: order 1, mean over genes"
        case .varianceRatio: "variance ratio: predicted by true, median over genes"
        }
    }

    /// Whether predicted cells are compared, not shifts of means.
    public var comparesCells: Bool {
        switch self {
        case .energyDistance, .eDistance, .meanDiscrepancy, .slicedWasserstein, .wasserstein, .varianceRatio: true
        default: false
        }
    }

    public var isHigherBetter: Bool {
        switch self {
        case .pearson, .pearsonOfTopGenes, .determination, .pooledDetermination, .signAccuracy, .cosine,
            .discrimination:
            true
        default: false
        }
    }

    /// What falls as a prediction gets better: an error is its own loss, a similarity is turned round, and a ratio of
    /// variances is as bad above 1 as below.
    public func loss(_ value: Double) -> Double {
        if self == .varianceRatio { return value > 0 ? abs(log(value)) : .infinity }
        return isHigherBetter ? -value : value
    }
}
