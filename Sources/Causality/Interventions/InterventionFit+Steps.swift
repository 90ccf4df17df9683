import Foundation
import Probability

/// The steps of one member, phase by phase.
extension InterventionFit {
    /// Rounds of the augmented Lagrangian over the whole structure phase, of at least ten steps each.
    private static let rounds = 40
    /// Steps between two validations.
    static let validationSteps = 20

    func step(_ member: Int, _ state: inout MemberState, _ report: (FitStep) -> Void) throws {
        switch state.phase {
        case .structure: try structureStep(member, &state, report)
        case .refinement, .completion: try refinementStep(member, &state, report)
        case .finished: break
        }
    }

    /// A member's random numbers of one step of a phase.
    private func stream(_ name: String, _ member: Int, _ state: MemberState) -> RandomStream {
        let random = RandomStream(seed: seed).stream("interventions").stream(member).stream(name)
        return (state.phase == .structure ? random : random.stream(state.phase.rawValue)).stream(state.step)
    }

    /// What a step of a member sees of its objective: the cells, and how targets enter.
    private func seen(_ objective: Objective, _ member: Int, _ state: MemberState) throws -> Posterior {
        var posterior = try objective.posterior(stream("cells", member, state))
        if problem.options.targetEstimator == .relaxed {
            posterior.setting.targets = .relaxed(
                samples: problem.options.targetSamples, temperature: problem.options.targetTemperature,
                noise: stream("targets", member, state))
        }
        return posterior
    }

    /// The likelihood and its priors of one step of the structure phase, without the prior on the graph; the gradient is
    /// added.
    func evaluateStructure(
        _ member: Int, _ state: MemberState, into gradient: inout [Double]
    ) throws -> Double {
        let options = problem.options
        let posterior = try seen(structural[member], member, state)
        let parameters = state.parameters.values
        if problem.graphGradient == .expected {
            let graph = GraphWeights.expected(posterior.edgeProbabilities(parameters))
            return posterior.evaluate(parameters, graph: graph, into: &gradient)
        }
        var random = stream("graphs", member, state)
        let share = 1 / Double(options.graphSamples)
        return (0..<options.graphSamples).reduce(0) { total, _ in
            let graph = posterior.sampleGraph(parameters, temperature: options.graphTemperature, &random)
            return total + share * posterior.evaluate(parameters, graph: graph, share: share, into: &gradient)
        }
    }

    private func structureStep(_ member: Int, _ state: inout MemberState, _ report: (FitStep) -> Void) throws {
        let whole = structural[member].whole
        let options = problem.options
        let cells = structural[member].weightedCells
        if state.step < options.structureSteps {
            var gradient = [Double](repeating: 0, count: whole.count)
            var total = try evaluateStructure(member, state, into: &gradient)
            let (prior, cycles) = whole.evaluateGraph(
                state.parameters.values, multiplier: state.multiplier, penalty: state.penalty, into: &gradient)
            total += prior
            let rate = Self.rate(options.learningRate, state.step, of: options.structureSteps)
            adam(&state, gradient, rate: rate, graphRate: 5 * rate, edges: whole.logits.count, scale: cells)
            if state.step % max(10, options.structureSteps / Self.rounds) == 0 {
                log(
                    member, &state, total: total, cells: cells, cycles: cycles,
                    edges: whole.edgeProbabilities(state.parameters.values).reduce(0, +), validation: nil, report)
                // The first fifth is free: effects and interventions find their sizes before cycles are fought.
                if state.step >= options.structureSteps / 5 {
                    if state.penalty == 0 {
                        state.penalty = 1e-3 * cells
                    } else {
                        state.multiplier += state.penalty * cycles
                        if let last = state.lastCycles, cycles > 0.5 * last { state.penalty *= 2 }
                    }
                    state.lastCycles = cycles
                }
            }
            state.step += 1
            state.stepsDone += 1
        }
        if state.step >= options.structureSteps { fixGraph(&state) }
    }

    private func fixGraph(_ state: inout MemberState) {
        let d = problem.genes.count
        var edges: [(source: Int, target: Int, probability: Double)] = []
        for i in 0..<d {
            for j in 0..<d where i != j {
                let p = sigmoid(state.parameters.values[i * d + j])
                if p > 0.5 { edges.append((i, j, p)) }
            }
        }
        let (kept, refused) = Acyclicity.breakCycles(edges, genes: d)
        var graph = [Double](repeating: 0, count: d * d)
        for edge in kept { graph[edge.source * d + edge.target] = 1 }
        state.graph = Packed(graph)
        state.brokenEdges = refused.map {
            BrokenEdge(
                source: problem.genes[$0.source], target: problem.genes[$0.target], probability: $0.probability)
        }
        state.start = state.parameters
        state.phase = .refinement
        restart(&state)
    }

    private func restart(_ state: inout MemberState) {
        state.step = 0
        state.parameters = state.start
        state.firstMoments = Packed(state.firstMoments.values.map { _ in 0 })
        state.secondMoments = state.firstMoments
    }

    private func refinementStep(_ member: Int, _ state: inout MemberState, _ report: (FitStep) -> Void) throws {
        let options = problem.options
        let isCompletion = state.phase == .completion
        let objective = isCompletion ? complete : training[member]
        let held = isCompletion ? nil : validation[member]
        let limit = isCompletion ? state.bestStep : options.refinementSteps
        let cells = objective.weightedCells
        var gradient = [Double](repeating: 0, count: objective.whole.count)
        let total = try seen(objective, member, state).evaluate(
            state.parameters.values, graph: .fixed(state.graph.values), into: &gradient)
        if state.step % Self.validationSteps == 0 {
            let score = held.map { Self.score($0, state.parameters.values, graph: state.graph.values) }
            log(
                member, &state, total: total, cells: cells, cycles: 0, edges: state.graph.values.reduce(0, +),
                validation: score, report)
            if let score {
                if score > (state.bestScore ?? -.infinity) + 1e-5 {
                    state.bestScore = score
                    state.bestStep = state.step
                    state.waits = 0
                } else {
                    state.waits += 1
                }
            }
        }
        if held != nil, state.waits >= options.patience {
            state.outcome = .converged(steps: state.stepsDone)
            state.stepsAllowed += state.bestStep - options.refinementSteps - (limit - state.step)
            state.phase = .completion
            restart(&state)
        } else if state.step >= limit {
            if held != nil {
                state.outcome = .stoppedEarly(reason: "step limit of refinement reached while validation improved")
                state.stepsAllowed += state.bestStep - options.refinementSteps
                state.phase = .completion
                restart(&state)
            } else {
                if state.outcome == nil { state.outcome = .converged(steps: state.stepsDone) }
                state.phase = .finished
                state.start = Packed([])
                state.firstMoments = Packed([])
                state.secondMoments = Packed([])
            }
        } else {
            adam(
                &state, gradient, rate: Self.rate(options.learningRate, state.step, of: options.refinementSteps),
                graphRate: 0, edges: objective.whole.logits.count, scale: cells)
            state.step += 1
            state.stepsDone += 1
        }
    }

    /// Mean log-likelihood of held-out data per cell and gene.
    private static func score(_ held: Posterior, _ parameters: [Double], graph: [Double]) -> Double {
        held.logLikelihood(parameters, graph: graph) / (held.data.weightedCells * Double(held.genes))
    }

    /// Half a cosine from `base` to a tenth of it.
    private static func rate(_ base: Double, _ step: Int, of steps: Int) -> Double {
        base * (0.1 + 0.9 * 0.5 * (1 + cos(Double.pi * Double(step) / Double(max(1, steps)))))
    }

    /// Kingma & Ba 2015, uphill; the gradient is taken per cell.
    private func adam(
        _ state: inout MemberState, _ gradient: [Double], rate: Double, graphRate: Double, edges: Int, scale: Double
    ) {
        let t = Double(state.step + 1)
        let (beta1, beta2) = (0.9, 0.99)
        let correction1 = 1 - pow(beta1, t)
        let correction2 = 1 - pow(beta2, t)
        for i in gradient.indices {
            let slope = gradient[i] / scale
            let first = beta1 * state.firstMoments.values[i] + (1 - beta1) * slope
            let second = beta2 * state.secondMoments.values[i] + (1 - beta2) * slope * slope
            state.firstMoments.values[i] = first
            state.secondMoments.values[i] = second
            state.parameters.values[i] +=
                (i < edges ? graphRate : rate) * (first / correction1) / ((second / correction2).squareRoot() + 1e-8)
        }
    }

    private func log(
        _ member: Int, _ state: inout MemberState, total: Double, cells: Double, cycles: Double, edges: Double,
        validation: Double?, _ report: (FitStep) -> Void
    ) {
        let point = FitCurvePoint(
            phase: state.phase, step: state.step, loss: -total / cells, cycles: cycles, edges: edges,
            validation: validation)
        state.curve.append(point)
        report(FitStep(member: member, point: point, stepsDone: state.stepsDone, stepsAllowed: state.stepsAllowed))
    }
}
