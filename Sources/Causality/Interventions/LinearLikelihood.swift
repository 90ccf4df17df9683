import Foundation

/// The log-likelihood of a linear generative intervention model with its targets summed out, and its gradient.
///
/// Schneider et al. 2025, "Generative Intervention Models", section 3; our reading of it.
///
/// | paper | code                | shape            | meaning                                                          |
/// |-------|---------------------|------------------|------------------------------------------------------------------|
/// | A ∘ W | effects (B)         | genes × genes    | B[i, j]: effect of gene i on gene j                               |
/// |       | effectVariances (V) | genes × genes    | variance of B[i, j] where the graph is uncertain; empty: none     |
/// | b     | intercepts          | genes            |                                                                  |
/// | σ     | logDeviations       | genes            | log of the noise scale                                           |
/// | π     | targetLogits        | contexts × genes | log-odds that the perturbation intervenes on the gene            |
/// | m     | locations           | contexts × genes | where (hard) or by how much (shift) it is moved                   |
/// | s     | logScales           | contexts × genes | log of the intervened noise scale (hard), of its ratio to σ (shift) |
///
/// One draw of targets a context: Σₖ wₖ Σⱼ log[(1 − πⱼ) ∏ₙ p(xₙⱼ) + πⱼ ∏ₙ p̃(xₙⱼ)]; one draw a cell: the sum over cells
/// stands outside of the logarithm. Controls are never intervened on.
///
/// Where the graph is uncertain the squares are expected ones: E(x − Bᵀx)² = (x − E[B]ᵀx)² + Σᵢ Vᵢⱼ xᵢ². As the logarithm
/// of a mixture is convex in the logarithms of its parts, that bounds the expected log-likelihood from below.
///
/// Deviation from the paper: targets are marginalised exactly instead of sampled by a relaxation; all cells are used at
/// every step (see `ContextMoments`) with weights wₖ where the paper samples contexts.
struct LinearLikelihood {
    struct Mechanisms {
        var effects: [Double]
        var effectVariances: [Double] = []
        var intercepts: [Double]
        var logDeviations: [Double]
    }

    struct AtomicInterventions {
        var targetLogits: [Double]
        var locations: [Double]
        var logScales: [Double]
    }

    let data: ContextMoments
    let kind: InterventionKind

    /// The weighted log-likelihood; derivatives of it are written to `mechanismGradient` and `interventionGradient`.
    func evaluate(
        _ mechanisms: Mechanisms, _ interventions: AtomicInterventions, mechanismGradient: inout Mechanisms,
        interventionGradient: inout AtomicInterventions
    ) -> Double {
        let d = data.genes
        // Residuals of the factor rows (or cells) and of the context means under every mechanism: R = F (I − B).
        var residuals = data.rows
        DenseProducts.multiply(
            data.rows, mechanisms.effects, m: data.contextOfRow.count, n: d, k: d, scale: -1, keep: 1,
            into: &residuals)
        mechanismGradient.intercepts = [Double](repeating: 0, count: d)
        mechanismGradient.logDeviations = [Double](repeating: 0, count: d)
        mechanismGradient.effects = [Double](repeating: 0, count: d * d)
        mechanismGradient.effectVariances = []
        return data.keepsCells
            ? byCell(&residuals, mechanisms, interventions, &mechanismGradient, &interventionGradient)
            : byContext(&residuals, mechanisms, interventions, &mechanismGradient, &interventionGradient)
    }

    /// Of every (context, gene): how sure it is, after seeing its cells, that the gene was intervened on.
    func targetPosterior(_ mechanisms: Mechanisms, _ interventions: AtomicInterventions) -> [Double] {
        var mechanismGradient = mechanisms
        var gradient = interventions
        _ = evaluate(
            mechanisms, interventions, mechanismGradient: &mechanismGradient, interventionGradient: &gradient)
        return gradient.targetLogits.indices.map { index in
            let k = index / data.genes
            let cells = data.keepsCells ? data.counts[k] : 1
            let scale = data.weights[k] * cells
            let prior = Self.sigmoid(interventions.targetLogits[index])
            return data.contexts[k].isControl || scale == 0 ? 0 : prior + gradient.targetLogits[index] / scale
        }
    }

    static func sigmoid(_ x: Double) -> Double { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }

    /// log(1 + eˣ)
    static func softplus(_ x: Double) -> Double { x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)) }

    private static let halfLogTwoPi = 0.5 * log(2 * Double.pi)

    private func byContext(
        _ residuals: inout [Double], _ mechanisms: Mechanisms, _ interventions: AtomicInterventions,
        _ mechanismGradient: inout Mechanisms, _ interventionGradient: inout AtomicInterventions
    ) -> Double {
        let d = data.genes
        let contexts = data.contexts.count
        var meanResiduals = data.means
        DenseProducts.multiply(
            data.means, mechanisms.effects, m: contexts, n: d, k: d, scale: -1, keep: 1, into: &meanResiduals)
        let uncertain = !mechanisms.effectVariances.isEmpty
        // Expected squares that the uncertainty of the graph adds, then their derivatives.
        var added = [Double](repeating: 0, count: contexts * d)
        if uncertain {
            DenseProducts.multiply(
                data.squares, mechanisms.effectVariances, m: contexts, n: d, k: d, into: &added)
        }
        var total = 0.0
        var squares = [Double](repeating: 0, count: d)  // of residuals around their mean
        var raw = [Double](repeating: 0, count: d)  // of values around their mean
        var factors = [Double](repeating: 0, count: d)  // −2 ∂/∂ squares
        for k in 0..<contexts {
            let n = data.counts[k]
            let weight = data.weights[k]
            let isControl = data.contexts[k].isControl
            for j in 0..<d {
                squares[j] = added[k * d + j]
                raw[j] = 0
            }
            for row in data.starts[k]..<data.starts[k + 1] {
                for j in 0..<d {
                    squares[j] += residuals[row * d + j] * residuals[row * d + j]
                    if kind == .hard { raw[j] += data.rows[row * d + j] * data.rows[row * d + j] }
                }
            }
            for j in 0..<d {
                let index = k * d + j
                let precision = exp(-2 * mechanisms.logDeviations[j])
                let mean = meanResiduals[index] - mechanisms.intercepts[j]
                let idle = squares[j] + n * mean * mean
                let logIdle = -n * (Self.halfLogTwoPi + mechanisms.logDeviations[j]) - 0.5 * precision * idle
                var share = 0.0  // posterior probability of an intervention
                var logMixture = logIdle
                var moved = 0.0
                var movedMean = 0.0
                var movedPrecision = 0.0
                if !isControl {
                    let logScale = interventions.logScales[index]
                    let logDeviation = kind == .shift ? mechanisms.logDeviations[j] + logScale : logScale
                    movedPrecision = exp(-2 * logDeviation)
                    movedMean = (kind == .shift ? mean : data.means[index]) - interventions.locations[index]
                    moved = (kind == .shift ? squares[j] : raw[j]) + n * movedMean * movedMean
                    let logMoved = -n * (Self.halfLogTwoPi + logDeviation) - 0.5 * movedPrecision * moved
                    let logit = interventions.targetLogits[index]
                    // log[(1 − π) p + π p̃] with log-odds of π
                    let difference = logit + logMoved - logIdle
                    logMixture = logIdle - Self.softplus(logit) + Self.softplus(difference)
                    share = Self.sigmoid(difference)
                    interventionGradient.targetLogits[index] = weight * (share - Self.sigmoid(logit))
                    interventionGradient.locations[index] = weight * share * n * movedMean * movedPrecision
                    interventionGradient.logScales[index] = weight * share * (movedPrecision * moved - n)
                } else {
                    interventionGradient.targetLogits[index] = 0
                    interventionGradient.locations[index] = 0
                    interventionGradient.logScales[index] = 0
                }
                total += weight * logMixture
                let shifted = kind == .shift ? share : 0
                factors[j] = weight * ((1 - share) * precision + shifted * movedPrecision)
                added[index] = -0.5 * factors[j]
                let meanSlope = -weight * n * ((1 - share) * precision * mean + shifted * movedPrecision * movedMean)
                meanResiduals[index] = meanSlope
                mechanismGradient.intercepts[j] -= meanSlope
                mechanismGradient.logDeviations[j] +=
                    weight * ((1 - share) * (precision * idle - n) + shifted * (movedPrecision * moved - n))
            }
            for row in data.starts[k]..<data.starts[k + 1] {
                for j in 0..<d { residuals[row * d + j] *= factors[j] }
            }
        }
        DenseProducts.multiply(
            data.rows, transposed: true, residuals, m: d, n: d, k: data.contextOfRow.count,
            into: &mechanismGradient.effects)
        DenseProducts.multiply(
            data.means, transposed: true, meanResiduals, m: d, n: d, k: contexts, scale: -1, keep: 1,
            into: &mechanismGradient.effects)
        if uncertain {
            mechanismGradient.effectVariances = DenseProducts.product(
                data.squares, transposed: true, added, m: d, n: d, k: contexts)
        }
        return total
    }

    private func byCell(
        _ residuals: inout [Double], _ mechanisms: Mechanisms, _ interventions: AtomicInterventions,
        _ mechanismGradient: inout Mechanisms, _ interventionGradient: inout AtomicInterventions
    ) -> Double {
        let d = data.genes
        let precisions = mechanisms.logDeviations.map { exp(-2 * $0) }
        let uncertain = !mechanisms.effectVariances.isEmpty
        let cells = data.contextOfRow.count
        let cellSquares = uncertain ? data.rows.map { $0 * $0 } : []
        var added = [Double](repeating: 0, count: cells * d)
        if uncertain {
            DenseProducts.multiply(cellSquares, mechanisms.effectVariances, m: cells, n: d, k: d, into: &added)
        }
        var total = 0.0
        for index in interventionGradient.locations.indices {
            interventionGradient.targetLogits[index] = 0
            interventionGradient.locations[index] = 0
            interventionGradient.logScales[index] = 0
        }
        for k in data.contexts.indices {
            let weight = data.weights[k]
            let isControl = data.contexts[k].isControl
            for row in data.starts[k]..<data.starts[k + 1] {
                for j in 0..<d {
                    let index = k * d + j
                    let residual = residuals[row * d + j] - mechanisms.intercepts[j]
                    let extra = added[row * d + j]
                    let idle = precisions[j] * (residual * residual + extra)
                    let logIdle = -Self.halfLogTwoPi - mechanisms.logDeviations[j] - 0.5 * idle
                    var share = 0.0
                    var logMixture = logIdle
                    var moved = 0.0
                    var movedResidual = 0.0
                    var movedPrecision = 0.0
                    if !isControl {
                        let logScale = interventions.logScales[index]
                        let logDeviation = kind == .shift ? mechanisms.logDeviations[j] + logScale : logScale
                        movedPrecision = exp(-2 * logDeviation)
                        movedResidual =
                            (kind == .shift ? residual : data.rows[row * d + j]) - interventions.locations[index]
                        moved =
                            movedPrecision * (movedResidual * movedResidual + (kind == .shift ? extra : 0))
                        let logit = interventions.targetLogits[index]
                        let difference = logit - Self.halfLogTwoPi - logDeviation - 0.5 * moved - logIdle
                        logMixture = logIdle - Self.softplus(logit) + Self.softplus(difference)
                        share = Self.sigmoid(difference)
                        interventionGradient.targetLogits[index] += weight * (share - Self.sigmoid(logit))
                        interventionGradient.locations[index] += weight * share * movedPrecision * movedResidual
                        interventionGradient.logScales[index] += weight * share * (moved - 1)
                    }
                    total += weight * logMixture
                    let shifted = kind == .shift ? share : 0
                    let slope =
                        -weight * ((1 - share) * precisions[j] * residual + shifted * movedPrecision * movedResidual)
                    residuals[row * d + j] = slope
                    added[row * d + j] =
                        -0.5 * weight * ((1 - share) * precisions[j] + shifted * movedPrecision)
                    mechanismGradient.intercepts[j] -= slope
                    mechanismGradient.logDeviations[j] += weight * ((1 - share) * (idle - 1) + shifted * (moved - 1))
                }
            }
        }
        DenseProducts.multiply(
            data.rows, transposed: true, residuals, m: d, n: d, k: data.contextOfRow.count, scale: -1,
            into: &mechanismGradient.effects)
        if uncertain {
            mechanismGradient.effectVariances = DenseProducts.product(
                cellSquares, transposed: true, added, m: d, n: d, k: cells)
        }
        return total
    }
}
