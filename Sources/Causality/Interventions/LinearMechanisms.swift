import Foundation

/// Linear mechanisms: f_j(x) = b_j + Σᵢ Aᵢⱼ Wᵢⱼ xᵢ.
///
/// Schneider et al. 2025, "Generative Intervention Models", section 3; our reading of it.
///
/// | paper | code    | shape         | meaning                                             |
/// |-------|---------|---------------|-----------------------------------------------------|
/// | A ∘ W | B       | genes × genes | B[i, j]: effect of gene i on gene j                  |
/// |       | V       | genes × genes | variance of B[i, j] where the graph is uncertain     |
///
/// Where the graph is uncertain the squares are expected ones: E(x − Bᵀx)² = (x − E[B]ᵀx)² + Σᵢ Vᵢⱼ xᵢ². As the logarithm
/// of a mixture is convex in the logarithms of its parts, that bounds the expected log-likelihood from below.
///
/// Deviation from the paper: targets are marginalised exactly unless asked otherwise; with one draw of targets a context
/// all cells are used at every step (see `ContextData`) with weights wₖ where the paper samples contexts.
struct LinearMechanisms: Mechanisms {
    let layout: MechanismLayout

    func needsCells(_ draw: TargetDraw) -> Bool { draw == .cell }

    func logLikelihood(
        _ likelihood: LikelihoodSetting, _ parameters: MechanismParameters, _ graph: GraphWeights,
        _ interventions: AtomicInterventions, volume: Double, _ gradient: inout MechanismGradient,
        _ interventionGradient: inout AtomicInterventions
    ) -> Double {
        let data = likelihood.data
        let d = layout.genes
        let effects = zip(graph.values, parameters.effects).map { $0 * $1 }
        let variances =
            graph.isExpected ? zip(graph.values, parameters.effects).map { $0 * (1 - $0) * $1 * $1 } : []
        // Residuals of the factor rows (or cells) under every mechanism: R = F (I − B).
        var residuals = data.rows
        DenseProducts.multiply(
            data.rows, effects, m: data.rowCount, n: d, k: d, scale: -1, keep: 1, into: &residuals)
        var byEffects = [Double](repeating: 0, count: d * d)
        var byVariances: [Double] = []
        var total: Double
        if data.keepsCells {
            let squares = variances.isEmpty ? [] : data.rows.map { $0 * $0 }
            var added =
                variances.isEmpty ? [] : DenseProducts.product(squares, variances, m: data.rowCount, n: d, k: d)
            total = CellMixture(data: data, kind: likelihood.kind, targets: likelihood.targets).evaluate(
                residuals: &residuals, added: &added, parameters, interventions, &gradient, &interventionGradient)
            DenseProducts.multiply(
                data.rows, transposed: true, residuals, m: d, n: d, k: data.rowCount, scale: -1, into: &byEffects)
            if !variances.isEmpty {
                byVariances = DenseProducts.product(squares, transposed: true, added, m: d, n: d, k: data.rowCount)
            }
        } else {
            let contexts = data.contexts.count
            var means = data.means
            DenseProducts.multiply(
                data.means, effects, m: contexts, n: d, k: d, scale: -1, keep: 1, into: &means)
            var added =
                variances.isEmpty ? [] : DenseProducts.product(data.squares, variances, m: contexts, n: d, k: d)
            total = MomentMixture(data: data, kind: likelihood.kind, targets: likelihood.targets).evaluate(
                residuals: &residuals, means: &means, added: &added, parameters, interventions, &gradient,
                &interventionGradient)
            DenseProducts.multiply(
                data.rows, transposed: true, residuals, m: d, n: d, k: data.rowCount, into: &byEffects)
            DenseProducts.multiply(
                data.means, transposed: true, means, m: d, n: d, k: contexts, scale: -1, keep: 1, into: &byEffects)
            if !variances.isEmpty {
                byVariances = DenseProducts.product(data.squares, transposed: true, added, m: d, n: d, k: contexts)
            }
        }
        if volume > 0 {
            let (value, slopes) = cycleVolume(effects, genes: d, cells: volume)
            total += value
            for e in slopes.indices { byEffects[e] += slopes[e] }
        }
        for e in 0..<d * d where e / d != e % d {
            let (a, w) = (graph.values[e], parameters.effects[e])
            gradient.parameters.effects[e] += byEffects[e] * a
            gradient.edges[e] += byEffects[e] * w
            if !byVariances.isEmpty {
                gradient.parameters.effects[e] += byVariances[e] * 2 * a * (1 - a) * w
                gradient.edges[e] += byVariances[e] * (1 - 2 * a) * w * w
            }
        }
        return total
    }

    func meanEffects(_ parameters: MechanismParameters, graph: [Double], cells: [Double]) -> [Double] {
        parameters.effects
    }
}
