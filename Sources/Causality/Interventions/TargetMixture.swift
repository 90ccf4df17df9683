import Foundation
import Probability

/// The logarithm of what a gene's cells are worth when nobody knows whether the gene was intervened on: with log-odds ℓ of
/// an intervention and the difference Δ = log p̃ − log p of the two likelihoods, log E exp(I Δ).
///
/// | paper | code        | meaning                                                           |
/// |-------|-------------|-------------------------------------------------------------------|
/// | I     |             | 0 or 1; relaxed: σ((ℓ + logistic noise)/τ)                         |
/// | τ     | temperature |                                                                   |
///
/// `exact` is log[(1 − π) + π e^Δ]. `relaxed` is the paper's estimator: the logarithm of the mean over samples of exp(I Δ)
/// with relaxed I, whose gradient goes through the samples.
enum TargetMixture: Sendable {
    case exact
    case relaxed(samples: Int, temperature: Double, noise: RandomStream)

    struct Value {
        var logarithm: Double
        /// ∂/∂ℓ
        var byLogit: Double
        /// ∂/∂Δ: how sure it is, after seeing the cells, that the gene was intervened on.
        var share: Double
    }

    /// - Parameter place: Which of an evaluation's mixtures this is; each has noise of its own.
    func callAsFunction(logit: Double, difference: Double, place: Int) -> Value {
        switch self {
        case .exact:
            let share = sigmoid(logit + difference)
            return Value(
                logarithm: softplus(logit + difference) - softplus(logit), byLogit: share - sigmoid(logit),
                share: share)
        case .relaxed(let samples, let temperature, let noise):
            if logit == -.infinity { return Value(logarithm: 0, byLogit: 0, share: 0) }
            var random = noise.stream(place)
            let relaxed = (0..<samples).map { _ in
                sigmoid((logit + logisticNoise(&random)) / temperature)
            }
            let largest = relaxed.reduce(-Double.infinity) { max($0, $1 * difference) }
            let terms = relaxed.map { exp($0 * difference - largest) }
            let sum = terms.reduce(0, +)
            var result = Value(logarithm: largest + log(sum / Double(samples)), byLogit: 0, share: 0)
            for (term, target) in zip(terms, relaxed) {
                result.share += term / sum * target
                result.byLogit += term / sum * difference * target * (1 - target) / temperature
            }
            return result
        }
    }
}

func sigmoid(_ x: Double) -> Double { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }

/// log(1 + eˣ)
func softplus(_ x: Double) -> Double { x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)) }

/// A draw from the standard logistic distribution.
func logisticNoise(_ random: inout RandomStream) -> Double {
    let u = min(max(random.uniform(), 1e-12), 1 - 1e-12)
    return log(u) - log1p(-u)
}
