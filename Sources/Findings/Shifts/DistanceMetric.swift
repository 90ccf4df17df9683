/// How far two populations of cells are apart: the metrics by their names, each with the words that tell its variant.
///
/// "E-distance" names five functions in the field. The ones built on squared distances (scPerturb: Peidli et al. 2024)
/// compare means only; those built on distances (Székely & Rizzo 2013) compare distributions.
public enum DistanceMetric: String, Sendable, Codable, CaseIterable {
    case eDistance = "e-distance"
    case eDistanceBiased = "e-distance-biased"
    case energyDistance = "energy-distance"
    case energyDistanceBiased = "energy-distance-biased"
    case meanDiscrepancy = "mmd"
    case meanDiscrepancyBiased = "mmd-biased"
    case meanPairwise = "mean-pairwise"
    case wasserstein
    case meanShift = "mean-shift"
    case meanCosine = "mean-cosine"
    case meanPearson = "mean-pearson"

    /// The metric's full name.
    public var metric: String {
        switch self {
        case .eDistance, .eDistanceBiased: "E-distance"
        case .energyDistance, .energyDistanceBiased: "energy distance"
        case .meanDiscrepancy, .meanDiscrepancyBiased: "maximum mean discrepancy"
        case .meanPairwise: "mean pairwise distance"
        case .wasserstein: "Wasserstein distance"
        case .meanShift: "mean shift"
        case .meanCosine: "cosine distance of means"
        case .meanPearson: "Pearson distance of means"
        }
    }

    /// Which of the several quantities that bear this name.
    /// - Parameters:
    ///   - space: what the coordinates are, such as `50 principal components`.
    ///   - bandwidth: σ of the Gaussian kernel, where one is used.
    func variant(space: String, bandwidth: Double?) -> String {
        let kernel = "squared, kernel exp(−|x − y|²/2σ²), σ = \(bandwidth ?? .nan) (median distance)"
        let form =
            switch self {
            case .eDistance: "squared Euclidean, corrected (n − 1)"
            case .eDistanceBiased: "squared Euclidean, biased (n²)"
            case .energyDistance: "Euclidean, corrected (n − 1)"
            case .energyDistanceBiased: "Euclidean, biased (n²)"
            case .meanDiscrepancy: "\(kernel), corrected (n − 1)"
            case .meanDiscrepancyBiased: "\(kernel), biased (n²)"
            case .meanPairwise: "squared Euclidean, group to reference"
            case .wasserstein: "1-dimensional, order 1, mean over dimensions"
            case .meanShift: "Euclidean norm"
            case .meanCosine: "1 − cosine"
            case .meanPearson: "1 − correlation over dimensions"
            }
        return "\(form), \(space)"
    }

    /// What pairs of cells are summed up by.
    enum Basis: Equatable {
        /// Sums over cells are enough.
        case sums
        /// Sums over pairs of cells.
        case pairs(isKernel: Bool)
        /// Each dimension in order.
        case orders
    }

    var basis: Basis {
        switch self {
        case .energyDistance, .energyDistanceBiased: .pairs(isKernel: false)
        case .meanDiscrepancy, .meanDiscrepancyBiased: .pairs(isKernel: true)
        case .wasserstein: .orders
        default: .sums
        }
    }
}
