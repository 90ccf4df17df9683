import Foundation

/// The log-likelihood of cells, given what every mechanism says of every gene of every cell, with targets summed out.
///
/// One draw of targets a context: Σₖ wₖ Σⱼ log[(1 − πⱼ) ∏ₙ p(xₙⱼ) + πⱼ ∏ₙ p̃(xₙⱼ)]; one draw a cell: the sum over cells
/// stands outside of the logarithm. Where a minibatch B stands for n cells its sums count n/|B| times: without bias for
/// draws a cell, for controls and for known targets; with one draw a context the logarithm of the estimated product is
/// biased for targets in doubt, and less so the larger the minibatch.
struct CellMixture {
    let data: ContextData
    let kind: InterventionKind
    let targets: TargetMixture

    private static let halfLogTwoPi = 0.5 * log(2 * Double.pi)

    /// - Parameters:
    ///   - residuals: rows × genes: values less the mechanisms' means, without intercepts; replaced by the derivative.
    ///   - added: rows × genes: variances that the uncertainty of the graph adds to the residuals' squares; empty: none;
    ///     replaced by the derivative.
    func evaluate(
        residuals: inout [Double], added: inout [Double], _ mechanisms: MechanismParameters,
        _ interventions: AtomicInterventions, _ gradient: inout MechanismGradient,
        _ interventionGradient: inout AtomicInterventions
    ) -> Double {
        let d = data.genes
        let precisions = mechanisms.logDeviations.map { exp(-2 * $0) }
        let isShift = kind == .shift
        var total = 0.0
        interventionGradient = AtomicInterventions(zeros: interventions.locations.count)
        var idle = [Double](repeating: 0, count: d)
        var moved = idle
        var shares = idle
        var slopes = idle
        for k in data.contexts.indices {
            let isControl = data.contexts[k].isControl
            let levels = data.levels[k]
            let intercepts = mechanisms.intercepts(levels: levels)
            let rows = data.starts[k]..<data.starts[k + 1]
            if rows.isEmpty { continue }
            let scale = data.counts[k] / Double(rows.count)
            let factor = data.weights[k] * scale
            let group = data.targetDraw == .context ? rows.count : 1
            // log of the intervened noise scale, its precision.
            let logDeviations = (0..<d).map { j in
                interventions.logScales[k * d + j] + (isShift ? mechanisms.logDeviations[j] : 0)
            }
            let movedPrecisions = logDeviations.map { exp(-2 * $0) }
            for j in 0..<d { slopes[j] = 0 }
            for first in stride(from: rows.lowerBound, to: rows.upperBound, by: group) {
                let last = first + group
                for j in 0..<d {
                    idle[j] = 0
                    moved[j] = 0
                }
                for row in first..<last {
                    for j in 0..<d {
                        let place = row * d + j
                        let residual = residuals[place] - intercepts[j]
                        let extra = added.isEmpty ? 0 : added[place]
                        idle[j] -=
                            Self.halfLogTwoPi + mechanisms.logDeviations[j]
                            + 0.5 * precisions[j] * (residual * residual + extra)
                        if isControl { continue }
                        let away = (isShift ? residual : data.rows[place]) - interventions.locations[k * d + j]
                        moved[j] -=
                            Self.halfLogTwoPi + logDeviations[j]
                            + 0.5 * movedPrecisions[j] * (away * away + (isShift ? extra : 0))
                    }
                }
                // A draw a context: the sums count for all cells within the logarithm; a draw a cell: outside of it.
                let (inner, outer) = data.targetDraw == .context ? (scale, data.weights[k]) : (1, factor)
                for j in 0..<d {
                    total += outer * inner * idle[j]
                    shares[j] = 0
                    if isControl { continue }
                    let mixture = targets(
                        logit: interventions.targetLogits[k * d + j], difference: inner * (moved[j] - idle[j]),
                        place: first * d + j)
                    total += outer * mixture.logarithm
                    shares[j] = mixture.share
                    interventionGradient.targetLogits[k * d + j] += outer * mixture.byLogit
                }
                for row in first..<last {
                    for j in 0..<d {
                        let (place, index) = (row * d + j, k * d + j)
                        let residual = residuals[place] - intercepts[j]
                        let extra = added.isEmpty ? 0 : added[place]
                        let (stay, go) = (factor * (1 - shares[j]), factor * shares[j])
                        var slope = -stay * precisions[j] * residual
                        var byVariance = -0.5 * stay * precisions[j]
                        var byDeviation = stay * (precisions[j] * (residual * residual + extra) - 1)
                        if go > 0 {
                            let away = (isShift ? residual : data.rows[place]) - interventions.locations[index]
                            let excess = movedPrecisions[j] * (away * away + (isShift ? extra : 0)) - 1
                            interventionGradient.locations[index] += go * movedPrecisions[j] * away
                            interventionGradient.logScales[index] += go * excess
                            if isShift {
                                slope -= go * movedPrecisions[j] * away
                                byVariance -= 0.5 * go * movedPrecisions[j]
                                byDeviation += go * excess
                            }
                        }
                        residuals[place] = slope
                        if !added.isEmpty { added[place] = byVariance }
                        slopes[j] -= slope
                        gradient.parameters.logDeviations[j] += byDeviation
                    }
                }
            }
            for j in 0..<d { gradient.addIntercept(j, levels: levels, slopes[j]) }
        }
        return total
    }
}
