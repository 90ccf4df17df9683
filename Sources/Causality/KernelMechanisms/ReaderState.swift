import Foundation
import Matrices

/// A regression on its way from one round of a `KernelReader` to the next.
struct ReaderState: Sendable {
    let data: RegressionData
    let regression: KernelRegression
    /// Nil after the last round.
    let features: KernelFeatures?
    /// By which the next regression weighs its rows.
    private let squaredResiduals: [Double]

    /// Rows further off than that many deviations count as that far.
    private static let farthest = 6.0

    /// Before the first round: what least squares suggest.
    init(_ data: RegressionData) {
        self.init(data, KernelRegression(Self.start(data), inputs: data.inputs, targets: data.targets), isLast: false)
    }

    private init(_ data: RegressionData, _ regression: KernelRegression, isLast: Bool) {
        self.data = data
        self.regression = regression
        guard !isLast else {
            features = nil
            squaredResiduals = []
            return
        }
        let evidence = KernelEvidence(regression)
        features = KernelFeatures(regression, evidence)
        squaredResiduals = zip(evidence.leftOut.residuals, evidence.leftOut.variances).map { residual, variance in
            min(residual * residual / variance, Self.farthest * Self.farthest)
        }
    }

    private static func start(_ data: RegressionData) -> KernelParameters {
        let (n, k) = (data.inputs.rows, data.inputs.parents)
        let z = Matrix(rows: k, columns: n, values: data.inputs.values).transposed
        let y = Matrix(rows: n, columns: 1, values: data.targets)
        let linear = RidgeRegression(features: z, targets: y, penalty: 0.1)!
        let fitted = linear.predict(z).values
        let left = zip(data.targets, fitted).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(n)
        let slopes = linear.coefficients.values.reduce(0.0) { $0 + $1 * $1 } / Double(k)
        return KernelParameters(
            logLinear: log(slopes + 0.02), logAdditive: log(0.3 * left + 1e-4), logJoint: log(left + 1e-4),
            logNoise: log(0.5 * left + 1e-5), logTail: -3,
            logJointLengths: Array(repeating: 0.7 + 0.25 * log(Double(k)), count: k),
            logAdditiveLengths: Array(repeating: 0.3, count: k))
    }

    /// The numbers of a move that belong to this regression, number `item` of those in hand.
    func move(
        _ node: UnsafeBufferPointer<Float>, _ parents: UnsafeBufferPointer<Float>, _ item: Int,
        parents places: Range<Int>
    ) -> [Double] {
        let fixed = KernelParameters.nodeCount
        return node[item * fixed..<(item + 1) * fixed].map { Double($0) } + places.map { Double(parents[2 * $0]) }
            + places.map { Double(parents[2 * $0 + 1]) }
    }

    func moved(_ move: [Double], isLast: Bool = false) -> ReaderState {
        let bounds = KernelParameters.bounds(parents: data.inputs.parents)
        let point = zip(zip(regression.parameters.vector, move), bounds).map { pair, bounds in
            min(max(pair.0 + pair.1, bounds.lowerBound), bounds.upperBound)
        }
        return ReaderState(
            data,
            KernelRegression(
                KernelParameters(vector: point), inputs: data.inputs, targets: data.targets,
                squaredResiduals: squaredResiduals), isLast: isLast)
    }

    /// Of the slopes at the point that the move leads to, those of the move: where a bound holds it, only what leads back.
    func slopes(_ gradient: [Double], of move: [Double]) -> [Double] {
        let bounds = KernelParameters.bounds(parents: data.inputs.parents)
        return move.indices.map { place in
            let point = regression.parameters.vector[place] + move[place]
            if point < bounds[place].lowerBound { return min(gradient[place], 0) }
            if point > bounds[place].upperBound { return max(gradient[place], 0) }
            return gradient[place]
        }
    }
}
