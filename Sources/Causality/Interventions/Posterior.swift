import Foundation
import Probability

/// The objective of the fit: the log posterior of graph, mechanisms and map, and its gradient.
///
/// All parameters stand in one flat vector: graph logits α, effects W, intercepts b, log σ, and the map's φ.
/// Priors: KL(Bern(σ(α)) ‖ Bern(ρ)) on every edge, KL(Bern(π) ‖ Bern(π₀)) on every gene of every context, Gaussians on W,
/// log σ and φ.
struct Posterior {
    let data: ContextMoments
    let kind: InterventionKind
    let map: InterventionMap
    let inputs: [Double]
    let queries: [InterventionMap.Query]
    /// genes × genes prior probabilities of edges.
    let edgePrior: [Double]
    let effectDeviation: Double
    var targetSparsity: Double
    /// Prior precisions of φ.
    var precisions: [Double]

    init(
        data: ContextMoments, kind: InterventionKind, map: InterventionMap, inputs: [Double],
        queries: [InterventionMap.Query], edgePrior: [Double], effectDeviation: Double, targetSparsity: Double
    ) {
        self.data = data
        self.kind = kind
        self.map = map
        self.inputs = inputs
        self.queries = queries
        self.edgePrior = edgePrior
        self.effectDeviation = effectDeviation
        self.targetSparsity = targetSparsity
        precisions = map.precisions
    }

    /// The same data while the graph is sought: targets are dear, and measured perturbations may do what they like, so that
    /// the graph does not hang on how well features foretell targets.
    func seekingStructure(targetSparsity: Double, encoding: PerturbationEncoding) -> Posterior {
        var result = self
        result.targetSparsity = targetSparsity
        let own = encoding.ownValue * encoding.ownValue / encoding.variance
        guard own > 0 else { return result }
        let layout = map.layout
        for column in encoding.rank..<encoding.size {
            let start = layout.heads.lowerBound + (layout.hidden + column) * layout.outputs
            for i in start..<start + layout.outputs { result.precisions[i] *= min(1, own) }
        }
        return result
    }

    var genes: Int { data.genes }
    var logits: Range<Int> { 0..<genes * genes }
    var effects: Range<Int> { genes * genes..<2 * genes * genes }
    var intercepts: Range<Int> { effects.upperBound..<effects.upperBound + genes }
    var logDeviations: Range<Int> { intercepts.upperBound..<intercepts.upperBound + genes }
    var mapParameters: Range<Int> { logDeviations.upperBound..<count }
    var count: Int { 2 * genes * genes + 2 * genes + map.layout.count }

    /// `graph` holds 0/1, or probabilities where the mechanisms are to be expected over graphs.
    func mechanisms(
        _ parameters: [Double], graph: [Double], expected: Bool = false
    ) -> LinearLikelihood.Mechanisms {
        LinearLikelihood.Mechanisms(
            effects: zip(graph, parameters[effects]).map { $0 * $1 },
            effectVariances: expected ? zip(graph, parameters[effects]).map { $0 * (1 - $0) * $1 * $1 } : [],
            intercepts: Array(parameters[intercepts]), logDeviations: Array(parameters[logDeviations]))
    }

    /// What is known of the graph at one evaluation.
    enum GraphSample {
        /// 0/1, not to be learnt.
        case fixed([Double])
        /// A straight-through sample: 0/1, and ∂A/∂α of its relaxation.
        case sampled([Double], slopes: [Double])
        /// The expectation over graphs with independent edges of probability σ(α).
        case expected
    }

    func edgeProbabilities(_ parameters: [Double]) -> [Double] {
        var probabilities = [Double](repeating: 0, count: genes * genes)
        for e in logits where e / genes != e % genes { probabilities[e] = LinearLikelihood.sigmoid(parameters[e]) }
        return probabilities
    }

    /// The log posterior given the graph and its gradient, which is added to `gradient` times `share`. The prior on edges
    /// is apart.
    func evaluate(
        _ parameters: [Double], graph sample: GraphSample, share: Double = 1, into gradient: inout [Double]
    ) -> Double {
        let d = genes
        let (graph, isExpected) =
            switch sample {
            case .fixed(let graph), .sampled(let graph, _): (graph, false)
            case .expected: (edgeProbabilities(parameters), true)
            }
        let mechanisms = mechanisms(parameters, graph: graph, expected: isExpected)
        let phi = Array(parameters[mapParameters])
        let (interventions, trace) = map.forward(phi, inputs: inputs, queries: queries)
        var byMechanism = mechanisms
        var byIntervention = interventions
        var total = LinearLikelihood(data: data, kind: kind).evaluate(
            mechanisms, interventions, mechanismGradient: &byMechanism, interventionGradient: &byIntervention)
        let prior = log(map.targetProbability / (1 - map.targetProbability))
        let logPrior = -LinearLikelihood.softplus(prior)  // log(1 − π₀)
        for (k, query) in queries.enumerated() where !query.isControl && query.known == nil {
            for j in 0..<d {
                let logit = interventions.targetLogits[k * d + j]
                if logit == -.infinity { continue }
                let p = LinearLikelihood.sigmoid(logit)
                // KL(Bern(p) ‖ Bern(π₀)) = p (logit p − logit π₀) + log(1 − p) − log(1 − π₀)
                total -=
                    targetSparsity * data.weights[k]
                    * (p * (logit - prior) - LinearLikelihood.softplus(logit) - logPrior)
                byIntervention.targetLogits[k * d + j] -=
                    targetSparsity * data.weights[k] * p * (1 - p) * (logit - prior)
            }
        }
        if case .fixed = sample {
        } else {
            total += addVolume(mechanisms, to: &byMechanism)
        }
        var byPhi = [Double](repeating: 0, count: phi.count)
        map.backward(phi, inputs: inputs, queries: queries, trace: trace, outer: byIntervention, into: &byPhi)
        for i in phi.indices {
            total -= 0.5 * precisions[i] * phi[i] * phi[i]
            byPhi[i] -= precisions[i] * phi[i]
            gradient[mapParameters.lowerBound + i] += share * byPhi[i]
        }
        let precision = 1 / (effectDeviation * effectDeviation)
        for e in 0..<d * d where e / d != e % d {
            let weight = parameters[d * d + e]
            let slope = byMechanism.effects[e]
            switch sample {
            case .fixed:
                if graph[e] == 0 { continue }
                gradient[d * d + e] += share * slope
            case .sampled(_, let slopes):
                gradient[d * d + e] += share * slope * graph[e]
                gradient[e] += share * slope * weight * slopes[e]
            case .expected:
                let p = graph[e]
                let byVariance = byMechanism.effectVariances[e]
                gradient[d * d + e] += share * (slope * p + byVariance * 2 * p * (1 - p) * weight)
                gradient[e] += share * p * (1 - p) * (slope * weight + byVariance * (1 - 2 * p) * weight * weight)
            }
            total -= 0.5 * precision * weight * weight
            gradient[d * d + e] -= share * precision * weight
        }
        for j in 0..<d {
            let logDeviation = parameters[logDeviations.lowerBound + j]
            total -= 0.5 * logDeviation * logDeviation
            gradient[intercepts.lowerBound + j] += share * byMechanism.intercepts[j]
            gradient[logDeviations.lowerBound + j] += share * (byMechanism.logDeviations[j] - logDeviation)
        }
        return total
    }

    /// Cells · log |det(I − B)|: what the density of a linear model owes to its cycles; 0 on every acyclic graph. Without it
    /// a graph with cycles would fit better than any without, and the search would start from the wrong end.
    private func addVolume(
        _ mechanisms: LinearLikelihood.Mechanisms, to gradient: inout LinearLikelihood.Mechanisms
    ) -> Double {
        let d = genes
        var cells = data.weightedCells
        if kind == .hard {
            // A hard intervention cuts its target off; only the controls are surely uncut.
            cells = data.contexts.indices.filter { data.contexts[$0].isControl }
                .reduce(0) { $0 + data.counts[$1] * data.weights[$1] }
        }
        var m = mechanisms.effects.map { -$0 }
        for i in 0..<d { m[i * d + i] += 1 }
        guard let (inverse, logDeterminant) = DenseProducts.inverse(m, size: d) else { return 0 }
        // ∂ log |det(I − B)| / ∂B = −(I − B)⁻ᵀ
        for i in 0..<d { for j in 0..<d where i != j { gradient.effects[i * d + j] -= cells * inverse[j * d + i] } }
        return cells * logDeterminant
    }

    /// The log prior of the graph's logits less the augmented Lagrangian of its cycles; gradient added.
    func evaluateGraph(
        _ parameters: [Double], multiplier: Double, penalty: Double, into gradient: inout [Double]
    ) -> (value: Double, cycles: Double) {
        let d = genes
        let probabilities = edgeProbabilities(parameters)
        let (h, byProbability) = Acyclicity.measure(probabilities, genes: d)
        var total = -multiplier * h - 0.5 * penalty * h * h
        for e in 0..<d * d where e / d != e % d {
            let p = probabilities[e]
            let prior = log(edgePrior[e] / (1 - edgePrior[e]))
            total -=
                p * (parameters[e] - prior) - LinearLikelihood.softplus(parameters[e])
                + LinearLikelihood.softplus(prior)
            gradient[e] -= p * (1 - p) * (parameters[e] - prior + (multiplier + penalty * h) * byProbability[e])
        }
        return (total, h)
    }

    /// A straight-through Gumbel–sigmoid sample of the graph: 0/1 edges, and the slope of the relaxed ones.
    func sampleGraph(
        _ parameters: [Double], temperature: Double, _ random: inout RandomStream
    ) -> (graph: [Double], slopes: [Double]) {
        let d = genes
        var graph = [Double](repeating: 0, count: d * d)
        var slopes = graph
        for e in 0..<d * d where e / d != e % d {
            let u = min(max(random.uniform(), 1e-12), 1 - 1e-12)
            let soft = LinearLikelihood.sigmoid((parameters[e] + log(u) - log1p(-u)) / temperature)
            graph[e] = soft > 0.5 ? 1 : 0
            slopes[e] = soft * (1 - soft) / temperature
        }
        return (graph, slopes)
    }
}
