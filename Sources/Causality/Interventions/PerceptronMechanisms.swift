import Foundation

/// Mechanisms with one hidden layer: f_j(x) = b_j + Σᵢ Aᵢⱼ Wᵢⱼ xᵢ + Σᵤ vⱼᵤ tanh(cⱼᵤ + Σᵢ Aᵢⱼ Uᵢⱼᵤ xᵢ).
///
/// | paper | code  | shape                   | meaning                                   |
/// |-------|-------|-------------------------|-------------------------------------------|
/// | A ∘ U | first | genes × (genes · units) | the inputs of all units, masked by the graph |
/// | z     | units | cells × (genes · units) | tanh of the hidden layers of all genes       |
///
/// All hidden layers are one product of the cells with A ∘ U.
///
/// Deviation from the paper: a linear part beside the hidden layer, so that linear mechanisms are a special case; what a
/// cell owes to the cycles of a graph that is still being sought is taken at the mean of ∂f/∂x over the cells of the step.
struct PerceptronMechanisms: Mechanisms {
    let layout: MechanismLayout

    func needsCells(_ draw: TargetDraw) -> Bool { true }

    /// A ∘ U
    private func masked(_ parameters: MechanismParameters, _ graph: [Double]) -> [Double] {
        let width = layout.genes * layout.units
        return parameters.inputWeights.indices.map { place in
            let (i, j) = (place / width, place % width / layout.units)
            return i == j ? 0 : graph[i * layout.genes + j] * parameters.inputWeights[place]
        }
    }

    /// tanh of the hidden layers; rows × (genes · units).
    private func units(_ parameters: MechanismParameters, first: [Double], rows: [Double]) -> [Double] {
        let d = layout.genes
        let width = d * layout.units
        let n = rows.count / d
        var result = [Double](repeating: 0, count: n * width)
        for row in 0..<n { for u in 0..<width { result[row * width + u] = parameters.unitBiases[u] } }
        DenseProducts.multiply(rows, first, m: n, n: width, k: d, keep: 1, into: &result)
        for place in result.indices { result[place] = tanh(result[place]) }
        return result
    }

    func logLikelihood(
        _ likelihood: LikelihoodSetting, _ parameters: MechanismParameters, _ graph: GraphWeights,
        _ interventions: AtomicInterventions, volume: Double, _ gradient: inout MechanismGradient,
        _ interventionGradient: inout AtomicInterventions
    ) -> Double {
        precondition(!graph.isExpected, "hidden layers learn from sampled graphs")
        let data = likelihood.data
        let (d, h) = (layout.genes, layout.units)
        let width = d * h
        let n = data.rowCount
        let first = masked(parameters, graph.values)
        let hidden = units(parameters, first: first, rows: data.rows)
        let effects = zip(graph.values, parameters.effects).map { $0 * $1 }
        var residuals = data.rows
        DenseProducts.multiply(data.rows, effects, m: n, n: d, k: d, scale: -1, keep: 1, into: &residuals)
        for row in 0..<n {
            for j in 0..<d {
                var sum = 0.0
                for u in j * h..<(j + 1) * h { sum += parameters.outputWeights[u] * hidden[row * width + u] }
                residuals[row * d + j] -= sum
            }
        }
        var none: [Double] = []
        var total = CellMixture(data: data, kind: likelihood.kind, targets: likelihood.targets).evaluate(
            residuals: &residuals, added: &none, parameters, interventions, &gradient, &interventionGradient)
        // residuals now hold ∂/∂ residual = −∂/∂ mean.
        var byEffects = [Double](repeating: 0, count: d * d)
        DenseProducts.multiply(data.rows, transposed: true, residuals, m: d, n: d, k: n, scale: -1, into: &byEffects)
        var byFirst = [Double](repeating: 0, count: d * width)
        // Derivatives by the mean slopes of the units, which the volume depends on; each cell has an n-th of it.
        var bySlope = [Double](repeating: 0, count: width)
        if volume > 0, n > 0 {
            let slopes = meanSlopes(hidden)
            let jacobian = meanJacobian(parameters, linear: effects, first: first, slopes: slopes)
            let (value, byJacobian) = cycleVolume(jacobian, genes: d, cells: volume)
            total += value
            for i in 0..<d {
                for j in 0..<d where i != j {
                    let g = byJacobian[i * d + j]
                    byEffects[i * d + j] += g
                    for u in j * h..<(j + 1) * h {
                        byFirst[i * width + u] += g * parameters.outputWeights[u] * slopes[u]
                        gradient.parameters.outputWeights[u] += g * first[i * width + u] * slopes[u]
                        bySlope[u] += g * first[i * width + u] * parameters.outputWeights[u] / Double(n)
                    }
                }
            }
        }
        var byArgument = hidden
        for row in 0..<n {
            for j in 0..<d {
                let slope = -residuals[row * d + j]
                for u in j * h..<(j + 1) * h {
                    let value = hidden[row * width + u]
                    gradient.parameters.outputWeights[u] += slope * value
                    // ∂(1 − tanh²)/∂z = −2 tanh (1 − tanh²)
                    let back = (slope * parameters.outputWeights[u] - 2 * bySlope[u] * value) * (1 - value * value)
                    byArgument[row * width + u] = back
                    gradient.parameters.unitBiases[u] += back
                }
            }
        }
        DenseProducts.multiply(
            data.rows, transposed: true, byArgument, m: d, n: width, k: n, keep: 1, into: &byFirst)
        for i in 0..<d {
            for j in 0..<d where i != j {
                let e = i * d + j
                gradient.parameters.effects[e] += byEffects[e] * graph.values[e]
                gradient.edges[e] += byEffects[e] * parameters.effects[e]
                for u in i * width + j * h..<i * width + (j + 1) * h {
                    gradient.parameters.inputWeights[u] += byFirst[u] * graph.values[e]
                    gradient.edges[e] += byFirst[u] * parameters.inputWeights[u]
                }
            }
        }
        return total
    }

    /// Mean over cells of 1 − tanh² of every unit.
    private func meanSlopes(_ hidden: [Double]) -> [Double] {
        let width = layout.genes * layout.units
        let n = hidden.count / width
        var slopes = [Double](repeating: 0, count: width)
        for place in hidden.indices { slopes[place % width] += (1 - hidden[place] * hidden[place]) / Double(n) }
        return slopes
    }

    private func meanJacobian(
        _ parameters: MechanismParameters, linear: [Double], first: [Double], slopes: [Double]
    ) -> [Double] {
        let (d, h) = (layout.genes, layout.units)
        var result = linear
        for i in 0..<d {
            for j in 0..<d where i != j {
                for u in j * h..<(j + 1) * h {
                    result[i * d + j] += first[i * d * h + u] * parameters.outputWeights[u] * slopes[u]
                }
            }
        }
        return result
    }

    /// Units see the parents that the graph has; an edge outside of it is judged as if it were there.
    func meanEffects(_ parameters: MechanismParameters, graph: [Double], cells: [Double]) -> [Double] {
        let hidden = units(parameters, first: masked(parameters, graph), rows: cells)
        let everything = [Double](repeating: 1, count: layout.genes * layout.genes)
        return meanJacobian(
            parameters, linear: parameters.effects, first: masked(parameters, everything), slopes: meanSlopes(hidden))
    }
}
