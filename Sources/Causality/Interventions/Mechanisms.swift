import Foundation

/// What a fit asks of the mechanisms f_j of all genes, whatever their form.
protocol Mechanisms: Sendable {
    var layout: MechanismLayout { get }

    /// Whether the likelihood needs the cells themselves.
    func needsCells(_ draw: TargetDraw) -> Bool

    /// The weighted log-likelihood of the data, targets summed out; derivatives are added to `gradient`, and written to
    /// `interventionGradient`.
    ///
    /// - Parameter volume: Cells whose log-densities are to count log |det(I − ∂f/∂x)|: what they owe to the cycles of a
    ///   graph that is still being sought, 0 on every acyclic one. Without it a graph with cycles would fit better than any
    ///   without, and the search would start from the wrong end.
    func logLikelihood(
        _ likelihood: LikelihoodSetting, _ parameters: MechanismParameters, _ graph: GraphWeights,
        _ interventions: AtomicInterventions, volume: Double, _ gradient: inout MechanismGradient,
        _ interventionGradient: inout AtomicInterventions
    ) -> Double

    /// genes × genes: mean of ∂f_j/∂x_i over cells (cells × genes), without regard to the graph.
    func meanEffects(_ parameters: MechanismParameters, graph: [Double], cells: [Double]) -> [Double]
}

/// Data and how they are looked at.
struct LikelihoodSetting {
    var data: ContextData
    var kind: InterventionKind
    var targets: TargetMixture = .exact

    /// Of every (context, gene): how sure it is, after seeing its cells, that the gene was intervened on.
    func targetPosterior(
        _ mechanisms: some Mechanisms, _ parameters: MechanismParameters, graph: [Double],
        _ interventions: AtomicInterventions
    ) -> [Double] {
        var setting = self
        setting.targets = .exact
        var unused = MechanismGradient(mechanisms.layout)
        var gradient = interventions
        _ = mechanisms.logLikelihood(
            setting, parameters, .fixed(graph), interventions, volume: 0, &unused, &gradient)
        return gradient.targetLogits.indices.map { index in
            let k = index / data.genes
            let scale = data.weights[k] * (data.targetDraw == .cell ? data.counts[k] : 1)
            let prior = sigmoid(interventions.targetLogits[index])
            return data.contexts[k].isControl || scale == 0 ? 0 : prior + gradient.targetLogits[index] / scale
        }
    }
}

/// cells · log |det(I − B)| and its derivative by B, which is 0 where I − B is singular.
func cycleVolume(_ effects: [Double], genes d: Int, cells: Double) -> (value: Double, byEffects: [Double]) {
    var m = effects.map { -$0 }
    for i in 0..<d { m[i * d + i] += 1 }
    var slopes = [Double](repeating: 0, count: d * d)
    guard cells > 0, let (inverse, logDeterminant) = DenseProducts.inverse(m, size: d) else { return (0, slopes) }
    // ∂ log |det(I − B)| / ∂B = −(I − B)⁻ᵀ
    for i in 0..<d { for j in 0..<d where i != j { slopes[i * d + j] = -cells * inverse[j * d + i] } }
    return (cells * logDeterminant, slopes)
}
