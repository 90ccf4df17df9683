import Foundation
import Matrices
import Screens

/// From what is known of a perturbation to the numbers that the map of interventions reads.
///
/// Features are standardised over the measured perturbations (0/1 features by one common deviation, so that rare bits do
/// not shout) and, where there are more features than perturbations, rotated into the span of the measured ones: under
/// the isotropic Gaussian prior on the map that loses nothing. Behind them stands one column for each measured
/// perturbation, which carries what its features do not say; it is 0 for every unseen one.
struct PerturbationEncoding: Codable, Sendable, Equatable {
    let features: [String]
    let perturbations: [String]
    /// Measured perturbations × features, as given; on disk among the tensors.
    var measured: [Double] = []
    let means: [Double]
    let deviations: [Double]
    /// features × rank, row-major; nil where features enter as they are; on disk among the tensors.
    var projection: [Double]?
    let isProjected: Bool
    /// Whether all features are 0 or 1.
    let isBinary: Bool
    /// The 95 % quantile of the measured perturbations' distances to their nearest other: beyond it nothing measured
    /// supports a prediction.
    private(set) var supportRadius = 0.0
    let rank: Int
    /// Value of a perturbation's own column; 0 leaves these columns out.
    let ownValue: Double
    /// Total variance of the encoded features, the scale of the map's prior.
    let variance: Double

    private enum CodingKeys: String, CodingKey {
        case features, perturbations, means, deviations, isProjected, isBinary, supportRadius, rank,
            ownValue, variance
    }

    var size: Int { rank + (ownValue > 0 ? perturbations.count : 0) }

    /// `table` nil: only the identity of measured perturbations is known.
    init(perturbations: [String], table: FeatureTable?, individuality: Double) throws {
        self.perturbations = perturbations
        guard let table, !table.features.isEmpty else {
            features = []
            measured = []
            means = []
            deviations = []
            projection = nil
            isProjected = false
            isBinary = false
            rank = 0
            variance = Double(max(1, perturbations.count))
            ownValue = variance.squareRoot()
            return
        }
        let p = table.features.count
        let n = perturbations.count
        var rows: [String: Int] = [:]
        for (row, name) in table.perturbations.enumerated() where rows[name] == nil { rows[name] = row }
        var values: [Double] = []
        for name in perturbations {
            guard let row = rows[name] else {
                throw InterventionError(
                    code: "NO_FEATURES", element: name,
                    message: "a feature row for every perturbation expected, none found for \(name)",
                    remedy: "add it to the perturbation table, leave the perturbation out, or give no features at all")
            }
            values += table.values.row(row).map(Double.init)
        }
        if let bad = values.firstIndex(where: { !$0.isFinite }) {
            throw InterventionError(
                code: "NONFINITE", element: "\(perturbations[bad / p]), \(table.features[bad % p])",
                message: "finite features expected, found \(values[bad])", remedy: "fill in or drop missing features")
        }
        var means = [Double](repeating: 0, count: p)
        var variances = [Double](repeating: 0, count: p)
        for f in 0..<p {
            means[f] = (0..<n).reduce(0) { $0 + values[$1 * p + f] } / Double(n)
            variances[f] =
                (0..<n).reduce(0) { $0 + (values[$1 * p + f] - means[f]) * (values[$1 * p + f] - means[f]) }
                / Double(n)
        }
        let binary = (0..<p).filter { f in
            variances[f] > 0 && (0..<n).allSatisfy { values[$0 * p + f] == 0 || values[$0 * p + f] == 1 }
        }
        let common = binary.isEmpty ? 1 : binary.reduce(0) { $0 + variances[$1] } / Double(binary.count)
        for f in binary { variances[f] = common }
        features = table.features
        isBinary = values.allSatisfy { $0 == 0 || $0 == 1 }
        self.means = means
        deviations = variances.map { $0 > 1e-12 ? $0.squareRoot() : .infinity }
        variance = Double(max(1, deviations.count { $0.isFinite }))
        ownValue = individuality * variance.squareRoot()
        if p > n {
            let z = Self.standardised(values, means: means, deviations: deviations)
            let gram = DenseProducts.product(z, z, secondTransposed: true, m: n, n: n, k: p)
            let eigen = SymmetricEigen(Matrix(rows: n, columns: n, values: gram))
            let eigenvalues = eigen.eigenvalues
            let kept = (0..<n).filter { eigenvalues[$0] > 1e-9 * (eigenvalues.last ?? 0) }
            var axes = [Double](repeating: 0, count: n * kept.count)
            for (column, e) in kept.enumerated() {
                for i in 0..<n {
                    axes[i * kept.count + column] = eigen.eigenvectors[i, e] / eigenvalues[e].squareRoot()
                }
            }
            // In the precision of the file.
            projection = DenseProducts.product(z, transposed: true, axes, m: p, n: kept.count, k: n)
                .map { Double(Float($0)) }
            isProjected = true
            rank = kept.count
        } else {
            projection = nil
            isProjected = false
            rank = p
        }
        measured = values
        supportRadius = radiusOfSupport()
    }

    private static func standardised(_ values: [Double], means: [Double], deviations: [Double]) -> [Double] {
        let p = means.count
        return values.indices.map { (values[$0] - means[$0 % p]) / deviations[$0 % p] }
    }

    /// The encoded features, without the perturbations' own columns.
    func encodedFeatures(_ values: [Double]) -> [Double] {
        precondition(values.count == features.count, "\(features.count) features expected, \(values.count) given")
        let z = Self.standardised(values, means: means, deviations: deviations)
        guard let projection else { return z }
        return DenseProducts.product(z, projection, m: 1, n: rank, k: features.count)
    }

    /// What the map reads of a perturbation: `features` nil stands for those given at the fit.
    func encoded(_ perturbation: String, features values: [Double]?) throws -> [Double] {
        let place = perturbations.firstIndex(of: perturbation)
        guard let values = try values ?? featuresOfMeasured(perturbation) else {
            throw InterventionError(
                code: "UNSEEN_WITHOUT_FEATURES", element: perturbation,
                message: features.isEmpty
                    ? "one of the \(perturbations.count) measured perturbations expected: the model knows no features"
                    : "\(features.count) features expected for the unseen perturbation, none given",
                remedy: features.isEmpty
                    ? "fit again with a table of perturbation features, or ask for a measured perturbation"
                    : "give the features that the model was fitted with")
        }
        guard values.count == features.count, values.allSatisfy(\.isFinite) else {
            throw InterventionError(
                code: "FEATURES", element: perturbation,
                message: "\(features.count) finite features expected, found \(values.count { $0.isFinite })",
                remedy: "give the features that the model was fitted with")
        }
        var result = features.isEmpty ? [] : encodedFeatures(values)
        if ownValue > 0 { result += perturbations.indices.map { $0 == place ? ownValue : 0 } }
        return result
    }

    private func featuresOfMeasured(_ perturbation: String) throws -> [Double]? {
        guard let place = perturbations.firstIndex(of: perturbation) else { return nil }
        return Array(measured[place * features.count..<(place + 1) * features.count])
    }
}

/// How far perturbations are from each other by their features.
extension PerturbationEncoding {
    var distanceName: String { isBinary ? "1 − Tanimoto similarity" : "Euclidean, standardised features" }

    func distance(_ a: [Double], _ b: [Double]) -> Double {
        if isBinary {
            var both = 0.0
            var either = 0.0
            for (x, y) in zip(a, b) {
                both += min(x, y)
                either += max(x, y)
            }
            return either > 0 ? 1 - both / either : 0
        }
        var sum = 0.0
        for f in a.indices {
            let difference = (a[f] - b[f]) / deviations[f]
            sum += difference * difference
        }
        return sum.squareRoot()
    }

    /// Measured perturbations by rising distance; `without` is left out.
    func nearest(to values: [Double], without: String? = nil) -> [(perturbation: String, distance: Double)] {
        let p = features.count
        return perturbations.enumerated().filter { $0.element != without }
            .map { ($0.element, distance(values, Array(measured[$0.offset * p..<($0.offset + 1) * p]))) }
            .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
    }

    fileprivate func radiusOfSupport() -> Double {
        let p = features.count
        guard p > 0, perturbations.count > 1 else { return 0 }
        let nearestOthers = perturbations.indices.map { i in
            nearest(to: Array(measured[i * p..<(i + 1) * p]), without: perturbations[i]).first?.distance ?? 0
        }.sorted()
        return nearestOthers[min(nearestOthers.count - 1, Int(0.95 * Double(nearestOthers.count)))]
    }
}
