import Foundation

/// The log-likelihood of contexts of which moments alone are kept, one draw of targets a context, targets summed out:
/// Σₖ wₖ Σⱼ log[(1 − πⱼ) ∏ₙ p(xₙⱼ) + πⱼ ∏ₙ p̃(xₙⱼ)]. Controls are never intervened on.
struct MomentMixture {
    let data: ContextData
    let kind: InterventionKind
    let targets: TargetMixture

    private static let halfLogTwoPi = 0.5 * log(2 * Double.pi)

    /// - Parameters:
    ///   - residuals: rows × genes: the scatters' factors less what mechanisms say of them; replaced by −∂/∂.
    ///   - means: contexts × genes: the same of the means, without intercepts; replaced by ∂/∂.
    ///   - added: contexts × genes: what the uncertainty of the graph adds to sums of squares; empty: nothing; replaced by
    ///     ∂/∂.
    func evaluate(
        residuals: inout [Double], means: inout [Double], added: inout [Double], _ mechanisms: MechanismParameters,
        _ interventions: AtomicInterventions, _ gradient: inout MechanismGradient,
        _ interventionGradient: inout AtomicInterventions
    ) -> Double {
        let d = data.genes
        let isShift = kind == .shift
        var total = 0.0
        interventionGradient = AtomicInterventions(zeros: interventions.locations.count)
        var squares = [Double](repeating: 0, count: d)  // of residuals around their mean
        var raw = [Double](repeating: 0, count: d)  // of values around their mean
        var factors = [Double](repeating: 0, count: d)  // −2 ∂/∂ squares
        for k in data.contexts.indices {
            let n = data.counts[k]
            let weight = data.weights[k]
            let isControl = data.contexts[k].isControl
            let intercepts = mechanisms.intercepts(levels: data.levels[k])
            for j in 0..<d {
                squares[j] = added.isEmpty ? 0 : added[k * d + j]
                raw[j] = 0
            }
            for row in data.starts[k]..<data.starts[k + 1] {
                for j in 0..<d {
                    squares[j] += residuals[row * d + j] * residuals[row * d + j]
                    if !isShift { raw[j] += data.rows[row * d + j] * data.rows[row * d + j] }
                }
            }
            for j in 0..<d {
                let index = k * d + j
                let precision = exp(-2 * mechanisms.logDeviations[j])
                let mean = means[index] - intercepts[j]
                let idle = squares[j] + n * mean * mean
                let logIdle = -n * (Self.halfLogTwoPi + mechanisms.logDeviations[j]) - 0.5 * precision * idle
                total += weight * logIdle
                var share = 0.0
                var moved = 0.0
                var movedMean = 0.0
                var movedPrecision = 0.0
                if !isControl {
                    let logDeviation = interventions.logScales[index] + (isShift ? mechanisms.logDeviations[j] : 0)
                    movedPrecision = exp(-2 * logDeviation)
                    movedMean = (isShift ? mean : data.means[index]) - interventions.locations[index]
                    moved = (isShift ? squares[j] : raw[j]) + n * movedMean * movedMean
                    let logMoved = -n * (Self.halfLogTwoPi + logDeviation) - 0.5 * movedPrecision * moved
                    let mixture = targets(
                        logit: interventions.targetLogits[index], difference: logMoved - logIdle, place: index)
                    total += weight * mixture.logarithm
                    share = mixture.share
                    interventionGradient.targetLogits[index] = weight * mixture.byLogit
                    interventionGradient.locations[index] = weight * share * n * movedMean * movedPrecision
                    interventionGradient.logScales[index] = weight * share * (movedPrecision * moved - n)
                }
                let shifted = isShift ? share : 0
                factors[j] = weight * ((1 - share) * precision + shifted * movedPrecision)
                if !added.isEmpty { added[index] = -0.5 * factors[j] }
                means[index] = -weight * n * ((1 - share) * precision * mean + shifted * movedPrecision * movedMean)
                gradient.addIntercept(j, levels: data.levels[k], -means[index])
                gradient.parameters.logDeviations[j] +=
                    weight * ((1 - share) * (precision * idle - n) + shifted * (movedPrecision * moved - n))
            }
            for row in data.starts[k]..<data.starts[k + 1] {
                for j in 0..<d { residuals[row * d + j] *= factors[j] }
            }
        }
        return total
    }
}
