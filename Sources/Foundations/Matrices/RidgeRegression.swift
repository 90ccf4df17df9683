// Hoerl and Kennard (1970), Ridge regression, Technometrics 12, equation 2.1, with an intercept that is not penalised.

/// Linear regression with a penalty on squared coefficients: minimises ‖Y − 1bᵀ − XW‖² + λ‖W‖².
public struct RidgeRegression: Sendable, Equatable {
    /// features × targets, W.
    public let coefficients: Matrix<Double>
    /// One a target, b.
    public let intercepts: [Double]

    /// - Parameters:
    ///   - features: n × p, X.
    ///   - targets: n × k, Y.
    ///   - penalty: λ > 0, in the units of X'X.
    ///   - withIntercept: Fits b; otherwise b = 0.
    /// - Returns: nil where λ is so small that the normal equations are singular.
    public init?(features: Matrix<Double>, targets: Matrix<Double>, penalty: Double, withIntercept: Bool = true) {
        precondition(features.rows == targets.rows, "\(features.rows) rows of features, \(targets.rows) of targets")
        precondition(features.rows > 0 && penalty >= 0, "\(features.rows) rows, penalty \(penalty)")
        let zeros = { (count: Int) in [Double](repeating: 0, count: count) }
        let featureMeans = withIntercept ? features.columnMeans() : zeros(features.columns)
        let targetMeans = withIntercept ? targets.columnMeans() : zeros(targets.columns)
        let x = features.subtracting(featureMeans)
        let y = targets.subtracting(targetMeans)
        // The smaller of the two equivalent systems: (X'X + λ) W = X'Y, or W = X' (XX' + λ)⁻¹ Y.
        if x.columns <= x.rows {
            guard let factor = CholeskyFactor(Matrix.product(x, x, transposingFirst: true).addingToDiagonal(penalty))
            else {
                return nil
            }
            coefficients = factor.solve(Matrix.product(x, y, transposingFirst: true))
        } else {
            guard let factor = CholeskyFactor(Matrix.product(x, x, transposingSecond: true).addingToDiagonal(penalty))
            else {
                return nil
            }
            coefficients = Matrix.product(x, factor.solve(y), transposingFirst: true)
        }
        let shift = Matrix(rows: 1, columns: featureMeans.count, values: featureMeans).multiplied(by: coefficients)
        intercepts = zip(targetMeans, shift.values).map { $0 - $1 }
    }

    /// n × k for features of n × p.
    public func predict(_ features: Matrix<Double>) -> Matrix<Double> {
        features.multiplied(by: coefficients).subtracting(intercepts.map { -$0 })
    }
}

extension Matrix<Double> {
    /// Each row minus `offsets`.
    fileprivate func subtracting(_ offsets: [Double]) -> Matrix {
        var result = self
        for row in 0..<rows {
            for column in 0..<columns { result.values[row * columns + column] -= offsets[column] }
        }
        return result
    }

    fileprivate func addingToDiagonal(_ value: Double) -> Matrix {
        var result = self
        for index in 0..<rows { result[index, index] += value }
        return result
    }
}
