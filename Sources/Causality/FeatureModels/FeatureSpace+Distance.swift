import Foundation
import Matrices

/// How far a perturbation is from everything that was measured.
public struct FeatureDistance: Codable, Sendable, Equatable {
    public let nearest: String
    /// 1 − Tanimoto similarity of 0/1 features, else the root mean square difference of standardised features.
    public let distance: Double
    /// The share of measured perturbations that are nearer to their nearest other than this one is.
    public let quantile: Double
    /// Features that were the same for all measured perturbations and are different here: nothing is known of them.
    public let novelFeatures: [String]

    /// Farther than 95 % of the measured perturbations are from each other: what is predicted rests on extrapolation.
    public var isFar: Bool { quantile > 0.95 || !novelFeatures.isEmpty }
}

extension FeatureSpace {
    /// Distances of rows of features to the measured perturbations: rows × measured.
    func distances(_ rows: Matrix<Double>) -> Matrix<Double> {
        let n = perturbations.count
        if isBinary {
            let both = Matrix.product(rows, measured, transposingSecond: true)
            let own = (0..<rows.rows).map { rows.row($0).reduce(0) { $0 + $1 * $1 } }
            let theirs = (0..<n).map { i in values[i * features.count..<(i + 1) * features.count].reduce(0, +) }
            var result = both
            for i in 0..<rows.rows {
                for j in 0..<n {
                    // Continuous extension of Tanimoto to counts; two perturbations without any bit are alike.
                    let either = own[i] + theirs[j] - both[i, j]
                    result[i, j] = either > 0 ? 1 - both[i, j] / either : 0
                }
            }
            return result
        }
        let here = products(rows)
        let there = products(measured).squares
        var result = here.withMeasured
        for i in 0..<rows.rows {
            for j in 0..<n {
                let square = here.squares[i] + there[j] - 2 * here.withMeasured[i, j]
                // Differences below the rounding of the products are none.
                let floor = 1e-13 * (here.squares[i] + there[j])
                result[i, j] = square > floor ? (square / Double(informativeCount)).squareRoot() : 0
            }
        }
        return result
    }

    /// Distance of one row of features to each measured perturbation.
    public func distancesToMeasured(_ row: Matrix<Double>) -> [Double] { distances(row).values }

    /// The features of a measured perturbation.
    public func row(_ place: Int) -> [Double] {
        Array(values[place * features.count..<(place + 1) * features.count])
    }

    func distancesToNearestOther() -> [Double] {
        let all = distances(measured)
        let n = perturbations.count
        return (0..<n).map { i in (0..<n).filter { $0 != i }.map { all[i, $0] }.min() ?? 0 }.sorted()
    }

    /// How far each of these perturbations is from the measured ones.
    /// - Parameter rows: perturbations × features.
    public func distances(of names: [String], features rows: Matrix<Double>) throws(FeatureModelError)
        -> [FeatureDistance]
    {
        try check(rows, of: names)
        let all = distances(rows)
        return names.indices.map { i in
            let nearest = perturbations.indices.min { (all[i, $0], $0) < (all[i, $1], $1) } ?? 0
            let nearer = nearestDistances.count { $0 < all[i, nearest] }
            return FeatureDistance(
                nearest: perturbations[nearest], distance: all[i, nearest],
                quantile: Double(nearer) / Double(nearestDistances.count),
                novelFeatures: features.indices.filter { deviations[$0] == 0 && isNew(rows[i, $0], feature: $0) }
                    .map { features[$0] })
        }
    }

    private func isNew(_ value: Double, feature: Int) -> Bool {
        abs(value - means[feature]) > 1e-6 * (abs(means[feature]) + 1e-9)
    }
}
