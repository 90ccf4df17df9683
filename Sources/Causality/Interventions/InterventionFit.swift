import Foundation
import Graphs
import Probability
import Screens

/// The fit of a generative intervention model, in steps that can be interrupted.
///
/// Adam on the whole log posterior. First graph, mechanisms and map together, with straight-through graph samples under
/// an augmented Lagrangian that drives out cycles; then the graph is thresholded at one half, cycles that are left are
/// broken, and mechanisms and map are refined on it with early stopping on held-out data; then once more with all data.
///
/// Deviation from the paper: the last two phases; full batches.
public struct InterventionFit: Sendable {
    let problem: FitProblem
    let seed: UInt64
    private let training: [Posterior]
    private let structural: [Posterior]
    private let validation: [Posterior?]
    let complete: Posterior
    public private(set) var state: FitState

    /// Rounds of the augmented Lagrangian over the whole structure phase, of at least ten steps each.
    static let rounds = 40
    /// Steps between two validations.
    static let validationSteps = 20

    /// `resuming`: the state of an interrupted fit of the same screen, beliefs, options and seed.
    public init(
        screen: PerturbationScreen, beliefs: EdgeBeliefs? = nil, options: FitOptions = .init(), seed: UInt64 = 0,
        resuming: FitState? = nil
    ) throws {
        let problem = try FitProblem(screen: screen, beliefs: beliefs, options: options)
        self.problem = problem
        self.seed = seed
        let all = Array(problem.contexts.indices)
        let complete = try problem.posterior(contexts: all, cells: problem.cells, unseen: [])
        self.complete = complete
        var training: [Posterior] = []
        var validation: [Posterior?] = []
        var members: [MemberState] = []
        for member in 0..<options.ensembleSize {
            let random = RandomStream(seed: seed).stream("interventions").stream(member)
            var split = random.stream("validation")
            let (kept, held) = try Self.split(problem, &split)
            training.append(kept ?? complete)
            validation.append(held)
            var start = random.stream("start")
            let parameters = Self.startingPoint(complete, &start)
            var state = MemberState(
                parameters: Packed(parameters), firstMoments: Packed(parameters.map { _ in 0 }),
                secondMoments: Packed(parameters.map { _ in 0 }))
            state.stepsAllowed =
                options.structureSteps + options.refinementSteps * (held == nil ? 1 : 2)
            members.append(state)
        }
        self.training = training
        structural = training.map {
            $0.seekingStructure(targetSparsity: options.structureTargetSparsity, encoding: problem.encoding)
        }
        self.validation = validation
        state = FitState(members: members)
        if let resuming {
            guard resuming.members.count == members.count,
                resuming.members.allSatisfy({ $0.parameters.values.count == complete.count })
            else {
                throw InterventionError(
                    code: "RESUME", element: "checkpoint",
                    message: "\(members.count) models of \(complete.count) parameters expected, found "
                        + "\(resuming.members.count) of \(resuming.members.first?.parameters.values.count ?? 0)",
                    remedy: "resume with the screen and the options that the checkpoint was made with, or start anew")
            }
            state = resuming
        }
    }

    /// Goes on by at most that many steps with every member; members run side by side and do not see each other.
    public mutating func advance(by steps: Int, report: @Sendable (FitStep) -> Void = { _ in }) {
        var members = state.members
        members.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let base = buffer
            let fit = self
            withoutActuallyEscaping(report) { report in
                DispatchQueue.concurrentPerform(iterations: base.count) { member in
                    var state = base[member]
                    for _ in 0..<steps where state.phase != .finished {
                        fit.step(member, &state, report)
                    }
                    base[member] = state
                }
            }
        }
        state.members = members
    }

    /// Runs to the end.
    public mutating func finish(report: @Sendable (FitStep) -> Void = { _ in }) {
        while !state.isFinished { advance(by: 200, report: report) }
    }
}

extension InterventionFit {
    /// What a member keeps aside: whole perturbations where features can predict them, else inner doses, else cells.
    private static func split(
        _ problem: FitProblem, _ random: inout RandomStream
    ) throws -> (training: Posterior?, held: Posterior?) {
        let share = problem.options.validationShare
        let treated = problem.contexts.indices.dropFirst()
        guard share > 0 else { return (nil, nil) }
        let names = problem.encoding.perturbations
        var held: Set<Int> = []
        var unseen: Set<String> = []
        if !problem.encoding.features.isEmpty && names.count >= 8 {
            var order = names
            order.shuffle(using: &random)
            unseen = Set(order.prefix(max(1, Int((share * Double(names.count)).rounded()))))
            held = Set(treated.filter { unseen.contains(problem.contexts[$0].perturbation) })
        } else if problem.doseScale != nil || problem.freeDose != nil {
            var inner = treated.filter { k in
                let doses = treated.filter { problem.contexts[$0].perturbation == problem.contexts[k].perturbation }
                    .compactMap { problem.contexts[$0].dose }
                return doses.count > 2 && problem.contexts[k].dose != doses.min()
                    && problem.contexts[k].dose != doses.max()
            }
            inner.shuffle(using: &random)
            held = Set(inner.prefix(Int((share * Double(treated.count)).rounded(.up))))
        }
        if !held.isEmpty {
            let kept = problem.contexts.indices.filter { !held.contains($0) }
            let aside = held.sorted()
            return (
                try problem.posterior(contexts: kept, cells: kept.map { problem.cells[$0] }, unseen: []),
                try problem.posterior(contexts: aside, cells: aside.map { problem.cells[$0] }, unseen: unseen)
            )
        }
        var keptCells: [[Int]] = []
        var heldCells: [[Int]] = []
        for k in problem.contexts.indices {
            var cells = problem.cells[k]
            cells.shuffle(using: &random)
            let count = cells.count >= 10 ? Int((share * Double(cells.count)).rounded()) : 0
            heldCells.append(cells.prefix(count).sorted())
            keptCells.append(cells.dropFirst(count).sorted())
        }
        let aside = problem.contexts.indices.filter { !heldCells[$0].isEmpty }
        if aside.isEmpty { return (nil, nil) }
        return (
            try problem.posterior(contexts: Array(problem.contexts.indices), cells: keptCells, unseen: []),
            try problem.posterior(contexts: aside, cells: aside.map { heldCells[$0] }, unseen: [])
        )
    }

    /// Edges even between in and out for few genes, sparser for many; nearly no effects; nearly no interventions.
    private static func startingPoint(_ posterior: Posterior, _ random: inout RandomStream) -> [Double] {
        var parameters = [Double](repeating: 0, count: posterior.count)
        let d = Double(posterior.genes)
        let open = min(0.5, 10 / d)
        for i in posterior.logits { parameters[i] = Foundation.log(open / (1 - open)) }
        for i in posterior.effects { parameters[i] = 0.01 * random.normal() }
        let layout = posterior.map.layout
        let base = posterior.mapParameters.lowerBound
        for i in layout.encoder {
            parameters[base + i] = random.normal() / max(1, posterior.map.inputVariance).squareRoot()
        }
        for i in layout.heads { parameters[base + i] = 0.01 * random.normal() }
        return parameters
    }

    private func step(_ member: Int, _ state: inout MemberState, _ report: (FitStep) -> Void) {
        switch state.phase {
        case .structure: structureStep(member, &state, report)
        case .refinement, .completion: refinementStep(member, &state, report)
        case .finished: break
        }
    }

    private func structureStep(_ member: Int, _ state: inout MemberState, _ report: (FitStep) -> Void) {
        let posterior = structural[member]
        let options = problem.options
        let cells = posterior.data.weightedCells
        if state.step < options.structureSteps {
            var gradient = [Double](repeating: 0, count: posterior.count)
            var total = 0.0
            switch options.graphGradient {
            case .expected:
                total = posterior.evaluate(state.parameters.values, graph: .expected, into: &gradient)
            case .sampled:
                var random = RandomStream(seed: seed).stream("interventions").stream(member).stream("graphs")
                    .stream(state.step)
                let share = 1 / Double(options.graphSamples)
                for _ in 0..<options.graphSamples {
                    let (graph, slopes) = posterior.sampleGraph(
                        state.parameters.values, temperature: options.graphTemperature, &random)
                    total +=
                        share
                        * posterior.evaluate(
                            state.parameters.values, graph: .sampled(graph, slopes: slopes), share: share,
                            into: &gradient)
                }
            }
            let (prior, cycles) = posterior.evaluateGraph(
                state.parameters.values, multiplier: state.multiplier, penalty: state.penalty, into: &gradient)
            total += prior
            let rate = Self.rate(options.learningRate, state.step, of: options.structureSteps)
            adam(&state, gradient, rate: rate, graphRate: 5 * rate, edges: posterior.logits.count, scale: cells)
            if state.step % max(10, options.structureSteps / Self.rounds) == 0 {
                log(member, &state, total: total, cells: cells, cycles: cycles, validation: nil, report)
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
                let p = LinearLikelihood.sigmoid(state.parameters.values[i * d + j])
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

    private func refinementStep(_ member: Int, _ state: inout MemberState, _ report: (FitStep) -> Void) {
        let options = problem.options
        let isCompletion = state.phase == .completion
        let posterior = isCompletion ? complete : training[member]
        let held = isCompletion ? nil : validation[member]
        let limit = isCompletion ? state.bestStep : options.refinementSteps
        let cells = posterior.data.weightedCells
        var gradient = [Double](repeating: 0, count: posterior.count)
        let total = posterior.evaluate(
            state.parameters.values, graph: .fixed(state.graph.values), into: &gradient)
        if state.step % Self.validationSteps == 0 {
            let score = held.map { Self.score($0, state.parameters.values, graph: state.graph.values) }
            log(member, &state, total: total, cells: cells, cycles: 0, validation: score, report)
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
                graphRate: 0, edges: posterior.logits.count, scale: cells)
            state.step += 1
            state.stepsDone += 1
        }
    }

    /// Mean log-likelihood of held-out data per cell and gene.
    private static func score(_ held: Posterior, _ parameters: [Double], graph: [Double]) -> Double {
        let (interventions, _) = held.map.forward(
            Array(parameters[held.mapParameters]), inputs: held.inputs, queries: held.queries)
        let mechanisms = held.mechanisms(parameters, graph: graph)
        var byMechanism = mechanisms
        var byIntervention = interventions
        let total = LinearLikelihood(data: held.data, kind: held.kind).evaluate(
            mechanisms, interventions, mechanismGradient: &byMechanism, interventionGradient: &byIntervention)
        return total / (held.data.weightedCells * Double(held.genes))
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
        _ member: Int, _ state: inout MemberState, total: Double, cells: Double, cycles: Double, validation: Double?,
        _ report: (FitStep) -> Void
    ) {
        let point = FitCurvePoint(
            phase: state.phase, step: state.step, loss: -total / cells, cycles: cycles, validation: validation)
        state.curve.append(point)
        report(FitStep(member: member, point: point, stepsDone: state.stepsDone, stepsAllowed: state.stepsAllowed))
    }
}
