import Foundation
import Matrices

/// The regression of one node on its parents: a Gaussian process, in closed form.
///
///     y = f(z) + noise,  f ~ GP(0, k),  noise of row i ~ N(0, σ_n² D_i),  D_i = (1 + e^τ r_i²)/(1 + e^τ),
///     A = K + σ_n² D,  α = A⁻¹ y,  mean(z) = k(z)ᵀ α,  variance(z) = k(z, z) − k(z)ᵀ A⁻¹ k(z).
///
/// r_i are standardised residuals that an earlier regression left (1 where there is none): as in a Student distribution
/// seen as a mixture of Gaussians, rows far off weigh less (Lange, Little & Taylor 1989).
///
/// Source: Rasmussen & Williams 2006, "Gaussian Processes for Machine Learning", equations 2.25, 2.26, 5.8, 5.9 and 5.12.
/// Cost: n³ for n context rows, two thirds of it for A⁻¹, which only gradients, variances and left-out residuals need.
struct KernelRegression: Sendable {
    let parameters: KernelParameters
    let inputs: RegressionInputs
    let targets: [Double]
    /// r_i²
    let squaredResiduals: [Double]
    let kernel: MechanismKernel
    /// A⁻¹ y
    let weights: [Double]
    private var keptFactor: CholeskyFactor?

    /// Added to the noise's variance, in units of the node's: what single precision of the data is worth, with a margin.
    static let leastNoise = 1e-6

    init(_ parameters: KernelParameters, inputs: RegressionInputs, targets: [Double], squaredResiduals: [Double]? = nil)
    {
        let n = inputs.rows
        precondition(targets.count == n && n > 0, "\(targets.count) targets of \(n) rows")
        self.parameters = parameters
        self.inputs = inputs
        self.targets = targets
        self.squaredResiduals = squaredResiduals ?? Array(repeating: 1, count: n)
        kernel = MechanismKernel(parameters)
        let factor = Self.factored(parameters, kernel, inputs, self.squaredResiduals)
        keptFactor = factor
        weights = factor.solve(targets)
    }

    private static func noise(_ parameters: KernelParameters, _ squaredResiduals: [Double]) -> [Double] {
        let (variance, tail) = (exp(parameters.logNoise), exp(parameters.logTail))
        return squaredResiduals.map { leastNoise + variance * (1 + tail * $0) / (1 + tail) }
    }

    /// Of A; made anew where it was not kept.
    var factor: CholeskyFactor { keptFactor ?? Self.factored(parameters, kernel, inputs, squaredResiduals) }

    /// The same with its factor, and without: n² numbers.
    var withFactor: KernelRegression {
        var result = self
        result.keptFactor = factor
        return result
    }

    var withoutFactor: KernelRegression {
        var result = self
        result.keptFactor = nil
        return result
    }

    private static func factored(
        _ parameters: KernelParameters, _ kernel: MechanismKernel, _ inputs: RegressionInputs,
        _ squaredResiduals: [Double]
    ) -> CholeskyFactor {
        let n = inputs.rows
        let noise = noise(parameters, squaredResiduals)
        var covariance = Matrix(rows: n, columns: n, values: kernel.covariances(inputs))
        for row in 0..<n { covariance.values[row * n + row] += noise[row] }
        // Rounding is 1e−16 of the largest eigenvalue: only wild inputs need the second try.
        var added = 0.0
        while true {
            if let factor = CholeskyFactor(covariance) { return factor }
            let more = added == 0 ? 1e-12 * (0..<n).reduce(0) { max($0, covariance.values[$1 * n + $1]) } : 99 * added
            for row in 0..<n { covariance.values[row * n + row] += more }
            added += more
            precondition(added.isFinite, "a covariance that is not finite")
        }
    }

    /// σ_n² D_i, with the least noise.
    var noise: [Double] { Self.noise(parameters, squaredResiduals) }

    /// Means of the mechanism at rows of the parents; `weights` other than α are those of other targets.
    func means(at queries: RegressionInputs, weights other: [Double]? = nil) -> [Double] {
        let weights = other ?? weights
        let covariances = Matrix(rows: queries.rows, columns: inputs.rows, values: kernel.covariances(queries, inputs))
        return covariances.multiplied(by: Matrix(rows: inputs.rows, columns: 1, values: weights)).values
    }

    /// Variances of what is believed of the mechanism at rows of the parents, without the noise.
    func variances(at queries: RegressionInputs) -> [Double] {
        let covariances = Matrix(rows: queries.rows, columns: inputs.rows, values: kernel.covariances(queries, inputs))
        let whitened = factor.whitened(covariances.transposed)
        var explained = [Double](repeating: 0, count: queries.rows)
        for row in 0..<inputs.rows {
            for query in explained.indices { explained[query] += whitened[row, query] * whitened[row, query] }
        }
        return zip(kernel.variances(queries), explained).map { max(0, $0 - $1) }
    }

    /// ln p(y)
    var logEvidence: Double {
        -0.5 * (fit + factor.logDeterminant + Double(targets.count) * log(2 * .pi))
    }

    /// yᵀ A⁻¹ y
    var fit: Double { zip(targets, weights).reduce(0) { $0 + $1.0 * $1.1 } }
}

/// What needs A⁻¹.
struct KernelEvidence: Sendable {
    /// ∂ ln p(y)/∂θ in the order of `KernelParameters.vector`.
    let gradient: [Double]
    /// Of each row, by the regression on all others: y_i − mean = α_i/(A⁻¹)_ii, with its variance 1/(A⁻¹)_ii.
    let leftOut: (residuals: [Double], variances: [Double])

    init(_ regression: KernelRegression) {
        let n = regression.targets.count
        var inverse = regression.factor.inverse
        let weights = regression.weights
        let diagonal = (0..<n).map { inverse.values[$0 * n + $0] }
        leftOut = (zip(weights, diagonal).map { $0 / $1 }, diagonal.map { 1 / $0 })
        // ½ (α αᵀ − A⁻¹), of which pairs off the diagonal count twice.
        inverse.values.withUnsafeMutableBufferPointer { inverse in
            for i in 0..<n {
                for j in 0..<i { inverse[i * n + j] = weights[i] * weights[j] - inverse[i * n + j] }
                inverse[i * n + i] = 0.5 * (weights[i] * weights[i] - inverse[i * n + i])
            }
        }
        var gradient = regression.kernel.slopes(
            regression.inputs, regression.inputs, weights: inverse.values, isTriangle: true)
        regression.addNoiseSlopes((0..<n).map { inverse.values[$0 * n + $0] }, to: &gradient)
        self.gradient = gradient
    }
}

extension KernelRegression {
    /// Adds what the noise's two logarithms gain from weights of the diagonal of A.
    fileprivate func addNoiseSlopes(_ weights: [Double], to slopes: inout [Double]) {
        let (variance, tail) = (exp(parameters.logNoise), exp(parameters.logTail))
        for (weight, square) in zip(weights, squaredResiduals) {
            slopes[3] += weight * variance * (1 + tail * square) / (1 + tail)
            slopes[4] += weight * variance * tail * (square - 1) / ((1 + tail) * (1 + tail))
        }
    }

    /// Σ over queries of weights · ∂mean/∂θ + other weights · ∂variance/∂θ, in the order of `KernelParameters.vector`,
    /// where the weights are made of means and variances; with these.
    ///
    /// With W = A⁻¹ Kᵀ of the queries' covariances K, g and h the weights: ∂/∂K = g αᵀ − 2 diag(h) Wᵀ,
    /// ∂/∂k(z, z) = h, ∂/∂A = −(W g) αᵀ + W diag(h) Wᵀ.
    func predictionSlopes(
        at queries: RegressionInputs,
        _ loss: (_ means: [Double], _ variances: [Double]) -> (means: [Double], variances: [Double])
    ) -> [Double] {
        let (n, count) = (inputs.rows, queries.rows)
        let covariances = Matrix(rows: count, columns: n, values: kernel.covariances(queries, inputs))
        let solved = factor.solve(covariances.transposed)  // n × queries
        let means = covariances.multiplied(by: Matrix(rows: n, columns: 1, values: weights)).values
        var variances = kernel.variances(queries)
        for row in 0..<n { for query in 0..<count { variances[query] -= covariances[query, row] * solved[row, query] } }
        let (g, h) = loss(means, variances.map { max(0, $0) })

        var ofQueries = covariances
        for query in 0..<count {
            for row in 0..<n {
                ofQueries[query, row] = g[query] * weights[row] - 2 * h[query] * solved[row, query]
            }
        }
        var gradient = kernel.slopes(queries, inputs, weights: ofQueries.values, isTriangle: false)
        for (place, slope) in kernel.varianceSlopes(queries, weights: h).enumerated() { gradient[place] += slope }

        var scaled = solved
        for row in 0..<n { for query in 0..<count { scaled[row, query] *= h[query] } }
        var ofContext = Matrix.product(scaled, solved, transposingSecond: true)  // n × n
        let pulled = solved.multiplied(by: Matrix(rows: count, columns: 1, values: g)).values
        ofContext.values.withUnsafeMutableBufferPointer { values in
            for i in 0..<n {
                for j in 0..<i {
                    values[i * n + j] = 2 * values[i * n + j] - pulled[i] * weights[j] - pulled[j] * weights[i]
                }
                values[i * n + i] -= pulled[i] * weights[i]
            }
        }
        for (place, slope) in kernel.slopes(inputs, inputs, weights: ofContext.values, isTriangle: true).enumerated() {
            gradient[place] += slope
        }
        addNoiseSlopes((0..<n).map { ofContext.values[$0 * n + $0] }, to: &gradient)
        return gradient
    }
}
