import Foundation
import Matrices

/// How the summaries of like worlds scatter, given the settings that each of them was drawn with: numbers of cells and
/// genes and the like, which move every statistic's mean and spread and say nothing of the kind of the world.
///
/// | code | shape | meaning |
/// |---|---|---|
/// | c | S | settings, kept within those of the training and standardised |
/// | x | K | the values of a summary at `places` |
/// | `location` | (1 + S + S(S + 1)/2) × K | m(c): what is expected of x, quadratic in c |
/// | `scale` | (1 + S) × K | ln s(c): how far x usually is from it |
/// | `precision` | K × K | P, the inverse of the shrunk second moments of z = (x − m(c)) / s(c) |
/// | `level` | (1 + S) × 1 | ln l(c): the usual √(zᵀ P z) |
///
/// The distance √(zᵀ P z) / l(c) is that of Mahalanobis (1936), 1 for a usual world of the same settings.
struct SupportGroup: Sendable, Equatable {
    /// Which settings differ from 0, the last aside.
    let pattern: [Bool]
    /// Of the values of a summary that are compared: those that vary and do not only repeat others.
    let places: [Int]
    /// 4 × S: mean, standard deviation, smallest and largest.
    let settings: Matrix<Double>
    let location: Matrix<Double>
    let scale: Matrix<Double>
    let precision: Matrix<Double>
    let level: Matrix<Double>
    /// Of worlds that none of the above has seen, rising.
    var distances = [Double]()

    /// Weight of the identity beside the second moments.
    private static let shrinkage = 0.05
    /// Of the regressions, for each world.
    private static let penalty = 0.01

    /// - Parameters:
    ///   - worlds: N × values of a summary.
    ///   - conditions: N × S, their settings.
    ///   - candidates: Places among the values that may be compared.
    static func fitted(
        pattern: [Bool], worlds: Matrix<Double>, conditions: Matrix<Double>, candidates: [Int]
    ) -> SupportGroup {
        let moments = conditions.columnMoments(ddof: 0)
        let columns = (0..<conditions.columns).map(conditions.column)
        let settings = Matrix(
            rows: 4, columns: conditions.columns,
            values: moments.means + moments.standardDeviations + columns.map { $0.min()! } + columns.map { $0.max()! })
        let places = distinct(worlds, among: candidates)
        let values = worlds.selectingColumns(places)
        let c = (0..<conditions.rows).map { standardised(Array(conditions.row($0)), settings) }
        let (linear, quadratic) = (matrix(c), matrix(c.map(withProducts)))

        let location = regression(of: values, on: quadratic)
        var residuals = values
        let expected = predicted(location, quadratic)
        for place in residuals.values.indices { residuals.values[place] -= expected.values[place] }
        let spreads = residuals.columnMoments(ddof: 0).standardDeviations
        // The logarithm must not make much of residuals near 0, even where the settings say all.
        let magnitudes = mapped(residuals) { log(abs($0) + max(1e-6, 0.1 * spreads[$1])) }
        var scale = regression(of: magnitudes, on: linear)
        let usual = predicted(scale, linear)
        for place in residuals.values.indices { residuals.values[place] /= exp(usual.values[place]) }
        // What is left of a scale makes mean squares 1.
        let left = residuals.columnMoments(ddof: 0)
        let factors = places.indices.map {
            max(1e-6, (left.variances[$0] + left.means[$0] * left.means[$0]).squareRoot())
        }
        for column in places.indices { scale[0, column] += log(factors[column]) }
        let z = mapped(residuals) { $0 / factors[$1] }

        var correlations = Matrix<Double>.product(z, z, transposingFirst: true)
        for place in correlations.values.indices {
            correlations.values[place] *= (1 - shrinkage) / Double(max(1, z.rows))
        }
        for column in places.indices { correlations[column, column] += shrinkage }
        // Not singular: it has the identity's share.
        let precision = CholeskyFactor(correlations)!.inverse
        let norms = (0..<z.rows).map { log(max(1e-6, norm(Array(z.row($0)), precision))) }
        let level = regression(of: Matrix(rows: norms.count, columns: 1, values: norms), on: linear)
        return SupportGroup(
            pattern: pattern, places: places, settings: settings, location: location, scale: scale,
            precision: precision, level: level)
    }

    /// Of a panel's summary from the worlds, and z.
    func distance(of values: [Double], conditions: [Double]) -> (distance: Double, deviations: [Double]) {
        let c = Self.standardised(conditions, settings)
        let linear = Self.matrix([c])
        let expected = Self.predicted(location, Self.matrix([Self.withProducts(c)])).values
        let scales = Self.predicted(scale, linear).values
        let z = places.indices.map { (values[places[$0]] - expected[$0]) / exp(scales[$0]) }
        return (Self.norm(z, precision) / exp(Self.predicted(level, linear).values[0]), z)
    }

    /// √(zᵀ P z)
    private static func norm(_ z: [Double], _ precision: Matrix<Double>) -> Double {
        var sum = 0.0
        for (row, a) in z.enumerated() {
            for (column, b) in z.enumerated() { sum += a * precision[row, column] * b }
        }
        // What is no number stays none.
        return (sum < 0 ? 0 : sum).squareRoot()
    }
}

// Pieces of the fit.
extension SupportGroup {
    static func termCount(settings count: Int) -> Int { 1 + count + count * (count + 1) / 2 }

    /// The statistics of pairs are of order 1: what varies less than 1e-4 does not vary.
    private static func distinct(_ worlds: Matrix<Double>, among candidates: [Int]) -> [Int] {
        let spreads = worlds.columnMoments(ddof: 0).standardDeviations
        let varying = candidates.filter { spreads[$0] > 1e-4 }
        let correlations = worlds.selectingColumns(varying).correlation()
        var kept = [Int]()
        for place in varying.indices {
            // Of a feature and its reverse the sums over all pairs agree.
            if kept.allSatisfy({ abs(correlations[place, $0]) < 0.999 }) { kept.append(place) }
        }
        return kept.map { varying[$0] }
    }

    private static func standardised(_ conditions: [Double], _ settings: Matrix<Double>) -> [Double] {
        conditions.indices.map { column in
            let spread = settings[1, column]
            let bounded = max(settings[2, column], min(settings[3, column], conditions[column]))
            return spread > 1e-6 ? (bounded - settings[0, column]) / spread : 0
        }
    }

    private static func withProducts(_ c: [Double]) -> [Double] {
        c + c.indices.flatMap { i in c[i...].map { c[i] * $0 } }
    }

    private static func matrix(_ rows: [[Double]]) -> Matrix<Double> {
        Matrix(rows: rows.count, columns: rows.first?.count ?? 0, values: rows.flatMap { $0 })
    }

    private static func mapped(_ matrix: Matrix<Double>, _ body: (Double, _ column: Int) -> Double) -> Matrix<Double> {
        Matrix(
            rows: matrix.rows, columns: matrix.columns,
            values: matrix.values.enumerated().map { body($1, $0 % matrix.columns) })
    }

    /// Intercepts, then coefficients: (1 + terms) × targets.
    private static func regression(of targets: Matrix<Double>, on terms: Matrix<Double>) -> Matrix<Double> {
        let fit = RidgeRegression(features: terms, targets: targets, penalty: penalty * Double(terms.rows))!
        return Matrix(
            rows: 1 + terms.columns, columns: targets.columns, values: fit.intercepts + fit.coefficients.values)
    }

    private static func predicted(_ regression: Matrix<Double>, _ terms: Matrix<Double>) -> Matrix<Double> {
        var result = Matrix<Double>(rows: terms.rows, columns: regression.columns)
        for row in 0..<terms.rows {
            for column in 0..<regression.columns {
                var sum = regression[0, column]
                for term in 0..<terms.columns { sum += terms[row, term] * regression[1 + term, column] }
                result[row, column] = sum
            }
        }
        return result
    }
}
