import Foundation
import Matrices

/// What is known of the measured perturbations, and how alike others are to them.
///
/// Features are centred over the measured perturbations and divided by one deviation common to all where that describes
/// them well enough, else by their own: features of one kind (embeddings, bits of a fingerprint) keep their weights, so
/// that rare bits and idle axes do not shout, while descriptors of different units become comparable. Features that are
/// the same for all measured perturbations say nothing and are left out.
///
/// The models of this room read nothing but inner products, so any number of features costs no more than one for each
/// measured perturbation.
public struct FeatureSpace: Codable, Sendable, Equatable {
    public let perturbations: [String]
    public let features: [String]
    /// Measured perturbations × features, row-major, in single precision; on disk among the arrays.
    public internal(set) var values: [Double] = []
    public let means: [Double]
    /// 0 for a feature that does not vary.
    public let deviations: [Double]
    /// Whether all features are 0 or 1.
    public let isBinary: Bool
    /// Distances of the measured perturbations to their nearest other, rising.
    public internal(set) var nearestDistances: [Double] = []

    private enum CodingKeys: String, CodingKey {
        case perturbations, features, means, deviations, isBinary, nearestDistances
    }

    /// How many features vary.
    public var informativeCount: Int { deviations.count { $0 > 0 } }
    /// Features that are the same for all measured perturbations.
    public var constantFeatures: [String] { zip(features, deviations).filter { $0.1 == 0 }.map(\.0) }

    /// - Parameter values: perturbations × features.
    /// - Throws: `FeatureModelError` for fewer than two perturbations, names that repeat, numbers that are not finite, or
    ///   no feature that varies.
    public init(perturbations: [String], features: [String], values: Matrix<Double>) throws(FeatureModelError) {
        let n = perturbations.count
        let p = features.count
        guard n > 1 else {
            throw FeatureModelError(
                code: "NO_PERTURBATIONS", element: perturbations.first,
                message: "at least two measured perturbations expected, found \(n)",
                remedy: "measure more perturbations, or predict without features")
        }
        guard p > 0 else {
            throw FeatureModelError(
                code: "NO_FEATURES", message: "at least one feature expected, found none",
                remedy: "give a table of features, or predict without them")
        }
        guard values.rows == n, values.columns == p else {
            throw FeatureModelError(
                code: "COUNT", message: "\(n) × \(p) features expected, found \(values.rows) × \(values.columns)",
                remedy: "give one row for each perturbation and one column for each feature")
        }
        if let twice = Dictionary(grouping: perturbations, by: \.self).filter({ $0.value.count > 1 }).keys.min() {
            throw FeatureModelError(
                code: "DUPLICATE", element: twice, message: "each perturbation once expected, found \(twice) twice",
                remedy: "merge the rows of that perturbation, or rename one")
        }
        if let bad = values.values.firstIndex(where: { !Float($0).isFinite }) {
            throw FeatureModelError(
                code: "NONFINITE", element: "\(perturbations[bad / p]), \(features[bad % p])",
                message: "finite features expected, found \(values.values[bad])",
                remedy: "fill in or drop missing features")
        }
        self.perturbations = perturbations
        self.features = features
        // In the precision of the file.
        let values = Matrix(rows: n, columns: p, values: values.values.map { Double(Float($0)) })
        self.values = values.values
        isBinary = values.values.allSatisfy { $0 == 0 || $0 == 1 }
        let moments = values.columnMoments(ddof: 0)
        means = moments.means
        // Relative to the size of the feature: rounding is no variation.
        let varying = (0..<p).map { moments.variances[$0] > 1e-16 * (moments.means[$0] * moments.means[$0] + 1e-30) }
        let variances = (0..<p).filter { varying[$0] }.map { moments.variances[$0] }
        guard !variances.isEmpty else {
            throw FeatureModelError(
                code: "CONSTANT_FEATURES", message: "a feature that varies expected, found \(p) that are constant",
                remedy: "give features that tell the perturbations apart, or predict without features")
        }
        let common = variances.reduce(0, +) / Double(variances.count)
        let isCommon = isBinary || Self.isOneDeviationEnough(variances, rows: n)
        deviations = (0..<p).map { varying[$0] ? (isCommon ? common : moments.variances[$0]).squareRoot() : 0 }
        nearestDistances = distancesToNearestOther()
    }

    /// Bayesian information criterion of normal features: does one deviation for all describe them better than one each?
    static func isOneDeviationEnough(_ variances: [Double], rows: Int) -> Bool {
        let p = Double(variances.count)
        let common = variances.reduce(0, +) / p
        let gain = 0.5 * Double(rows) * (p * log(common) - variances.reduce(0) { $0 + log($1) })
        return gain < 0.5 * (p - 1) * log(Double(rows))
    }

    /// Standardised; features that did not vary become 0. Rows × features.
    func standardised(_ rows: Matrix<Double>) -> Matrix<Double> {
        let p = features.count
        var result = rows
        for i in 0..<rows.rows {
            for f in 0..<p {
                result[i, f] = deviations[f] > 0 ? (rows[i, f] - means[f]) / deviations[f] : 0
            }
        }
        return result
    }

    var measured: Matrix<Double> { Matrix(rows: perturbations.count, columns: features.count, values: values) }

    /// Inner products of standardised features with those of the measured perturbations, and squared lengths.
    struct Products: Sendable {
        /// Rows × measured perturbations.
        var withMeasured: Matrix<Double>
        /// Squared length of each row.
        var squares: [Double]
    }

    /// Row by row, so that the products of one perturbation have the same bytes whichever others are asked for.
    func products(_ rows: Matrix<Double>) -> Products {
        let z = standardised(rows)
        let others = standardised(measured)
        let values = (0..<z.rows).flatMap { i in
            Matrix.product(
                Matrix(rows: 1, columns: z.columns, values: Array(z.row(i))), others, transposingSecond: true
            ).values
        }
        return Products(
            withMeasured: Matrix(rows: z.rows, columns: perturbations.count, values: values),
            squares: (0..<z.rows).map { z.row($0).reduce(0) { $0 + $1 * $1 } })
    }

    /// The measured perturbations in as few coordinates as have the inner products of their standardised features:
    /// n × min(n, p).
    var coordinates: Matrix<Double> {
        let z = standardised(measured)
        guard z.columns > z.rows else { return z }
        let eigen = SymmetricEigen(products(measured).withMeasured)
        var result = eigen.eigenvectors
        for place in result.values.indices {
            result.values[place] *= max(0, eigen.eigenvalues[place % z.rows]).squareRoot()
        }
        return result
    }

    /// Throws unless these are features of as many perturbations.
    func check(_ rows: Matrix<Double>, of names: [String]) throws(FeatureModelError) {
        guard rows.columns == features.count, rows.rows == names.count else {
            throw FeatureModelError(
                code: "COUNT", element: names.first,
                message: "\(features.count) features of each of \(names.count) perturbations expected, found "
                    + "\(rows.rows) × \(rows.columns)",
                remedy: "give the features that the model was fitted with")
        }
        if let bad = rows.values.firstIndex(where: { !$0.isFinite }) {
            throw FeatureModelError(
                code: "NONFINITE", element: "\(names[bad / features.count]), \(features[bad % features.count])",
                message: "finite features expected, found \(rows.values[bad])",
                remedy: "fill in missing features")
        }
    }
}
