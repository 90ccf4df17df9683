import Foundation
import Matrices

/// How alike the responses to two treatments are expected to be: a mean course over the covariates, what features explain
/// beyond it, and what is the perturbation's own.
///
/// | symbol | code | shape | meaning |
/// |---|---|---|---|
/// | m², o², σ² | `logParameters[0...2]` | | variances of the mean course, of a perturbation's own course, of noise |
/// | s², l², λ | | | variance of what features explain (radial or Tanimoto; linear), length of the radial part |
/// | ℓ_c | | covariates | length of each covariate |
/// | k(i, j) | | | exp(−½ Σ_c Δ_c²/ℓ_c²) (m² + s² t_ij + l² x_iᵀx_j/p + o² [same perturbation]) + σ² ν_i [i = j] |
/// | t_ij | | | Tanimoto similarity of 0/1 features, else exp(−½ abs(x_i − x_j)²/(p λ²)) |
struct ResponseKernel: Sendable {
    enum FeatureForm: String, Codable, Sendable {
        case none, tanimoto, radial
    }

    let form: FeatureForm
    let covariateCount: Int
    var logParameters: [Double]

    private static let priorDeviation = 1.0

    init(form: FeatureForm, covariateCount: Int) {
        self.form = form
        self.covariateCount = covariateCount
        logParameters = Self.centre(form, covariateCount)
    }

    private static func centre(_ form: FeatureForm, _ covariates: Int) -> [Double] {
        let features: [Double] =
            switch form {
            case .none: []
            case .tanimoto: [log(0.3)]
            // Standardised features of two perturbations differ by √2 on the root mean square.
            case .radial: [log(0.3), log(0.3), log(1.5)]
            }
        return [log(0.5), log(0.5), log(0.3)] + features + Array(repeating: log(1.5), count: covariates)
    }

    var noise: Double { exp(2 * logParameters[2]) + 1e-6 }
    private var covariateStart: Int { logParameters.count - covariateCount }

    /// Everything about a pair of treatments that does not change with the parameters.
    struct Pair {
        var isSame: Bool
        /// Tanimoto similarity, or squared distance a feature.
        var likeness: Double
        /// x_iᵀx_j/p
        var product: Double
        /// Squared differences of the covariates.
        var covariates: ArraySlice<Double>
    }

    /// How much two treatments of one perturbation go together.
    func course(_ pair: Pair) -> Double {
        var exponent = 0.0
        for (c, square) in pair.covariates.enumerated() {
            exponent -= 0.5 * square * exp(-2 * logParameters[covariateStart + c])
        }
        return exp(exponent)
    }

    /// Without noise. `gradient` += `weight` times its derivatives.
    func value(_ pair: Pair, weight: Double = 0, into gradient: UnsafeMutablePointer<Double>? = nil) -> Double {
        let course = course(pair)
        let mean = exp(2 * logParameters[0])
        let own = pair.isSame ? exp(2 * logParameters[1]) : 0
        var sum = mean + own
        var explained = 0.0
        var linear = 0.0
        switch form {
        case .none: break
        case .tanimoto: explained = exp(2 * logParameters[3]) * pair.likeness
        case .radial:
            explained = exp(2 * logParameters[3] - 0.5 * pair.likeness * exp(-2 * logParameters[5]))
            linear = exp(2 * logParameters[4]) * pair.product
        }
        sum += explained + linear
        if let gradient {
            let scale = 2 * weight * course
            gradient[0] += scale * mean
            gradient[1] += scale * own
            if form != .none { gradient[3] += scale * explained }
            if form == .radial {
                gradient[4] += scale * linear
                gradient[5] += weight * course * explained * pair.likeness * exp(-2 * logParameters[5])
            }
            for (c, square) in pair.covariates.enumerated() {
                gradient[covariateStart + c] +=
                    weight * course * sum * square * exp(-2 * logParameters[covariateStart + c])
            }
        }
        return course * sum
    }

    /// −ln prior of the parameters, and its gradient.
    var penalty: (value: Double, gradient: [Double]) {
        let differences = zip(logParameters, Self.centre(form, covariateCount)).map { $0 - $1 }
        let variance = Self.priorDeviation * Self.priorDeviation
        return (0.5 * differences.reduce(0) { $0 + $1 * $1 } / variance, differences.map { $0 / variance })
    }
}
