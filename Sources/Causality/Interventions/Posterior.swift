import Foundation
import Probability

/// The objective of the fit: the log posterior of graph, mechanisms and map, and its gradient.
///
/// All parameters stand in one flat vector: graph logits α, the mechanisms' θ and σ (`MechanismLayout`), and the map's φ.
/// Priors: KL(Bern(σ(α)) ‖ Bern(ρ)) on every edge, KL(Bern(π) ‖ Bern(π₀)) on every gene of every context, Gaussians on θ,
/// log σ and φ.
struct Posterior: Sendable {
    var setting: LikelihoodSetting
    let mechanisms: any Mechanisms
    let map: InterventionMap
    /// Rows of encoded perturbations.
    var inputs: [Double]
    /// One a context of the data.
    var queries: [InterventionMap.Query]
    /// genes × genes prior probabilities of edges.
    let edgePrior: [Double]
    let acyclicity: AcyclicityKind
    var targetSparsity: Double
    /// Prior precisions of φ.
    var precisions: [Double]
    /// Prior precisions of θ and log σ.
    private let mechanismPrecisions: [Double]

    init(
        setting: LikelihoodSetting, mechanisms: any Mechanisms, map: InterventionMap, inputs: [Double],
        queries: [InterventionMap.Query], edgePrior: [Double], options: FitOptions
    ) {
        self.setting = setting
        self.mechanisms = mechanisms
        self.map = map
        self.inputs = inputs
        self.queries = queries
        self.edgePrior = edgePrior
        acyclicity = options.acyclicity
        targetSparsity = options.targetSparsity
        precisions = map.precisions
        mechanismPrecisions = mechanisms.layout.precisions(effectDeviation: options.effectDeviation)
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

    /// The same priors over other data: `places` says which contexts they are of. Perturbations that are not among them are
    /// not encoded.
    func restricted(to places: [Int], data: ContextData) -> Posterior {
        var result = self
        result.setting.data = data
        result.inputs = []
        var rows: [Int: Int] = [:]
        let size = map.layout.size
        result.queries = places.map { place in
            var query = queries[place]
            for part in query.parts.indices {
                let input = query.parts[part].input
                if rows[input] == nil {
                    rows[input] = rows.count
                    result.inputs += inputs[input * size..<(input + 1) * size]
                }
                query.parts[part].input = rows[input] ?? 0
            }
            return query
        }
        return result
    }

    var data: ContextData { setting.data }
    var genes: Int { mechanisms.layout.genes }
    var logits: Range<Int> { 0..<genes * genes }
    var theta: Range<Int> { logits.upperBound..<logits.upperBound + mechanisms.layout.count }
    var mapParameters: Range<Int> { theta.upperBound..<count }
    var count: Int { theta.upperBound + map.layout.count }

    func parameters(ofMechanisms parameters: [Double]) -> MechanismParameters {
        MechanismParameters(Array(parameters[theta]), mechanisms.layout)
    }

    func edgeProbabilities(_ parameters: [Double]) -> [Double] {
        var probabilities = [Double](repeating: 0, count: genes * genes)
        for e in logits where e / genes != e % genes { probabilities[e] = sigmoid(parameters[e]) }
        return probabilities
    }

    /// The log-likelihood alone.
    func logLikelihood(_ parameters: [Double], graph: [Double]) -> Double {
        let (interventions, _) = map.forward(Array(parameters[mapParameters]), inputs: inputs, queries: queries)
        var unused = (MechanismGradient(mechanisms.layout), interventions)
        return mechanisms.logLikelihood(
            setting, self.parameters(ofMechanisms: parameters), .fixed(graph), interventions, volume: 0, &unused.0,
            &unused.1)
    }

    /// The log posterior given the graph and its gradient, which is added to `gradient` times `share`. The prior on edges
    /// is apart.
    func evaluate(
        _ parameters: [Double], graph: GraphWeights, share: Double = 1, into gradient: inout [Double]
    ) -> Double {
        let d = genes
        let phi = Array(parameters[mapParameters])
        let (interventions, trace) = map.forward(phi, inputs: inputs, queries: queries)
        var byMechanism = MechanismGradient(mechanisms.layout)
        var byIntervention = interventions
        var total = mechanisms.logLikelihood(
            setting, self.parameters(ofMechanisms: parameters), graph, interventions,
            volume: graph.slopes == nil ? 0 : cellsWithCycles, &byMechanism, &byIntervention)
        total += addTargetPrior(interventions, to: &byIntervention)
        var byPhi = [Double](repeating: 0, count: phi.count)
        map.backward(phi, inputs: inputs, queries: queries, trace: trace, outer: byIntervention, into: &byPhi)
        for i in phi.indices {
            total -= 0.5 * precisions[i] * phi[i] * phi[i]
            gradient[mapParameters.lowerBound + i] += share * (byPhi[i] - precisions[i] * phi[i])
        }
        let byTheta = byMechanism.parameters.flat
        for (i, slope) in byTheta.enumerated() {
            if graph.slopes == nil, let edge = mechanisms.layout.edge(of: i), graph.values[edge] == 0 { continue }
            let value = parameters[theta.lowerBound + i]
            total -= 0.5 * mechanismPrecisions[i] * value * value
            gradient[theta.lowerBound + i] += share * (slope - mechanismPrecisions[i] * value)
        }
        if let slopes = graph.slopes {
            for e in 0..<d * d where e / d != e % d { gradient[e] += share * byMechanism.edges[e] * slopes[e] }
        }
        return total
    }

    /// Less the KL divergence of targets from their prior.
    private func addTargetPrior(
        _ interventions: AtomicInterventions, to gradient: inout AtomicInterventions
    ) -> Double {
        let d = genes
        let prior = log(map.targetProbability / (1 - map.targetProbability))
        let logPrior = -softplus(prior)  // log(1 − π₀)
        var total = 0.0
        for (k, query) in queries.enumerated() where query.parts.contains(where: { $0.known == nil }) {
            let weight = targetSparsity * data.weights[k]
            for j in 0..<d {
                let logit = interventions.targetLogits[k * d + j]
                if logit == -.infinity { continue }
                let p = sigmoid(logit)
                // KL(Bern(p) ‖ Bern(π₀)) = p (logit p − logit π₀) + log(1 − p) − log(1 − π₀)
                total -= weight * (p * (logit - prior) - softplus(logit) - logPrior)
                gradient.targetLogits[k * d + j] -= weight * p * (1 - p) * (logit - prior)
            }
        }
        return total
    }

    /// Cells whose densities owe something to cycles: a hard intervention cuts its target off, so only the controls are
    /// surely uncut.
    private var cellsWithCycles: Double {
        if setting.kind == .shift { return data.weightedCells }
        return data.contexts.indices.filter { data.contexts[$0].isControl }
            .reduce(0) { $0 + data.counts[$1] * data.weights[$1] }
    }

    /// The log prior of the graph's logits less the augmented Lagrangian of its cycles; gradient added.
    func evaluateGraph(
        _ parameters: [Double], multiplier: Double, penalty: Double, into gradient: inout [Double]
    ) -> (value: Double, cycles: Double) {
        let d = genes
        let probabilities = edgeProbabilities(parameters)
        let (h, byProbability) = Acyclicity.measure(probabilities, genes: d, by: acyclicity)
        var total = -multiplier * h - 0.5 * penalty * h * h
        for e in 0..<d * d where e / d != e % d {
            let p = probabilities[e]
            let prior = log(edgePrior[e] / (1 - edgePrior[e]))
            total -= p * (parameters[e] - prior) - softplus(parameters[e]) + softplus(prior)
            gradient[e] -= p * (1 - p) * (parameters[e] - prior + (multiplier + penalty * h) * byProbability[e])
        }
        return (total, h)
    }

    /// A straight-through Gumbel–sigmoid sample of the graph.
    func sampleGraph(_ parameters: [Double], temperature: Double, _ random: inout RandomStream) -> GraphWeights {
        let d = genes
        var graph = [Double](repeating: 0, count: d * d)
        var slopes = graph
        for e in 0..<d * d where e / d != e % d {
            let soft = sigmoid((parameters[e] + logisticNoise(&random)) / temperature)
            graph[e] = soft > 0.5 ? 1 : 0
            slopes[e] = soft * (1 - soft) / temperature
        }
        return .sampled(graph, slopes: slopes)
    }
}
