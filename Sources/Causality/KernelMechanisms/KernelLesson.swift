import Foundation
import Matrices

/// A regression whose answer is known: what a `KernelReader` learns from.
public struct KernelLesson: Sendable {
    let data: RegressionData
    let queries: RegressionInputs
    /// The mechanism at the queries.
    let truth: [Double]

    /// - Parameters:
    ///   - parents: Context rows × parents, one parent at least.
    ///   - targets: The node in these rows.
    ///   - queries: Rows × parents, of which `truth` is the mechanism.
    public init(parents: Matrix<Float>, targets: [Float], queries: Matrix<Float>, truth: [Float]) {
        precondition(parents.columns > 0 && queries.columns == parents.columns, "a lesson of a root")
        precondition(queries.rows == truth.count, "\(queries.rows) queries, \(truth.count) truths")
        data = RegressionData(inputs: RegressionInputs(parents), targets: targets.map { Double($0) })
        self.queries = RegressionInputs(queries)
        self.truth = truth.map { Double($0) }
    }

    /// Whether all its numbers are: worlds of unbounded mechanisms can leave single precision.
    public var isFinite: Bool {
        (data.inputs.values + data.targets + queries.values + truth).allSatisfy(\.isFinite)
    }

    struct Score {
        let loss: Double
        /// Root mean squared error of the means.
        let error: Double
        /// ∂loss/∂θ
        let gradient: [Double]
    }

    /// The weight of an error in standardised units beside that of a unit of log density.
    private static let errorWeight = 10.0
    /// Of the Student distribution by which truths are scored: a few far from what was expected must not rule.
    private static let freedom = 8.0
    /// Truths are single numbers in single precision.
    private static let leastVariance = 1e-6

    /// 10 RMSE − mean ln p(truth), p a Student density around the mean of the regression with its variance: the first is
    /// what is asked for, the second makes every regression count by what can be known of it, and deviations honest.
    func score(_ regression: KernelRegression) -> Score {
        var (loss, error) = (0.0, 0.0)
        let gradient = regression.predictionSlopes(at: queries) { means, variances in
            let count = Double(truth.count)
            let offsets = zip(means, truth).map { $0 - $1 }
            error = (offsets.reduce(0.0) { $0 + $1 * $1 } / count + 1e-8).squareRoot()
            loss = Self.errorWeight * error
            var (ofMeans, ofVariances) = (offsets, variances)
            for (place, offset) in offsets.enumerated() {
                let variance = variances[place] + Self.leastVariance
                let ratio = offset * offset / (Self.freedom * variance)
                loss += 0.5 * (log(variance) + (Self.freedom + 1) * log1p(ratio)) / count
                let slope = 0.5 * (Self.freedom + 1) / (1 + ratio) / count
                ofMeans[place] =
                    Self.errorWeight * offset / (count * error) + slope * 2 * offset / (Self.freedom * variance)
                ofVariances[place] = 0.5 / (variance * count) - slope * ratio / variance
            }
            return (ofMeans, ofVariances)
        }
        return Score(loss: loss, error: error, gradient: gradient)
    }

    /// |mean − truth| in deviations.
    func offsets(of means: [Double], _ variances: [Double]) -> [Double] {
        zip(zip(means, truth), variances).map { abs($0.0 - $0.1) / ($1 + Self.leastVariance).squareRoot() }
    }

    func error(of means: [Double]) -> Double {
        (zip(means, truth).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(truth.count)).squareRoot()
    }

    /// Means at the queries by least squares.
    var leastSquares: [Double] {
        func rows(_ inputs: RegressionInputs) -> Matrix<Double> {
            Matrix(rows: inputs.parents, columns: inputs.rows, values: inputs.values).transposed
        }
        let targets = Matrix(rows: data.targets.count, columns: 1, values: data.targets)
        // Of the size of rounding: parents that copy one another share their slope.
        let line = RidgeRegression(
            features: rows(data.inputs), targets: targets, penalty: 1e-9 * Double(data.targets.count))!
        return line.predict(rows(queries)).values
    }
}
