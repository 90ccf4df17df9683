import Foundation
import Graphs
import Probability
import Screens

/// The fit of a generative intervention model, in steps that can be interrupted.
///
/// Adam on the whole log posterior. First graph, mechanisms and map together, with the expectation over graphs or
/// straight-through graph samples, under an augmented Lagrangian that drives out cycles; then the graph is thresholded at
/// one half, cycles that are left are broken, and mechanisms and map are refined on it with early stopping on held-out
/// data; then once more with all data.
///
/// Deviation from the paper: the last two phases; full batches unless minibatches are asked for.
public struct InterventionFit: Sendable {
    let problem: FitProblem
    let seed: UInt64
    let training: [Objective]
    let structural: [Objective]
    let validation: [Posterior?]
    let complete: Objective
    public private(set) var state: FitState

    /// - Parameters:
    ///   - cells: Where the cells of the screen's contexts are read from; nil: the screen's own matrix.
    ///   - resuming: The state of an interrupted fit of the same screen, beliefs, options and seed.
    public init(
        screen: PerturbationScreen, cells: (any ContextCells)? = nil, beliefs: EdgeBeliefs? = nil,
        options: FitOptions = .init(), seed: UInt64 = 0, resuming: FitState? = nil
    ) throws {
        let problem = try FitProblem(screen: screen, cells: cells, beliefs: beliefs, options: options)
        self.problem = problem
        self.seed = seed
        let complete = try problem.objective(
            contexts: Array(problem.contexts.indices), places: problem.cells.places, isBatched: problem.isBatched)
        self.complete = complete
        var training: [Objective] = []
        var validation: [Posterior?] = []
        var members: [MemberState] = []
        for member in 0..<options.ensembleSize {
            let random = RandomStream(seed: seed).stream("interventions").stream(member)
            var split = random.stream("validation")
            let (kept, held) = try Self.split(problem, &split)
            training.append(kept ?? complete)
            validation.append(held)
            var start = random.stream("start")
            let parameters = Self.startingPoint(complete.whole, &start)
            var state = MemberState(
                parameters: Packed(parameters), firstMoments: Packed(parameters.map { _ in 0 }),
                secondMoments: Packed(parameters.map { _ in 0 }))
            state.stepsAllowed =
                options.structureSteps + options.refinementSteps * (held == nil ? 1 : 2)
            members.append(state)
        }
        self.training = training
        structural = training.map { objective in
            var result = objective
            result.whole = objective.whole.seekingStructure(
                targetSparsity: options.structureTargetSparsity, encoding: problem.encoding)
            return result
        }
        self.validation = validation
        state = FitState(members: members)
        if let resuming {
            guard resuming.members.count == members.count,
                resuming.members.allSatisfy({ $0.parameters.values.count == complete.whole.count })
            else {
                throw InterventionError(
                    code: "RESUME", element: "checkpoint",
                    message: "\(members.count) models of \(complete.whole.count) parameters expected, found "
                        + "\(resuming.members.count) of \(resuming.members.first?.parameters.values.count ?? 0)",
                    remedy: "resume with the screen and the options that the checkpoint was made with, or start anew")
            }
            state = resuming
        }
    }

    /// Goes on by at most that many steps with every member; members run side by side and do not see each other.
    ///
    /// Throws where cells cannot be read; the state is then that before the call.
    public mutating func advance(by steps: Int, report: @Sendable (FitStep) -> Void = { _ in }) throws {
        var members = state.members
        var failures = [(any Error)?](repeating: nil, count: members.count)
        members.withUnsafeMutableBufferPointer { buffer in
            failures.withUnsafeMutableBufferPointer { failures in
                nonisolated(unsafe) let base = buffer
                nonisolated(unsafe) let failures = failures
                let fit = self
                withoutActuallyEscaping(report) { report in
                    DispatchQueue.concurrentPerform(iterations: base.count) { member in
                        var state = base[member]
                        do {
                            for _ in 0..<steps where state.phase != .finished {
                                try fit.step(member, &state, report)
                            }
                            base[member] = state
                        } catch { failures[member] = error }
                    }
                }
            }
        }
        if let failure = failures.compactMap(\.self).first { throw failure }
        state.members = members
    }

    /// Runs to the end.
    public mutating func finish(report: @Sendable (FitStep) -> Void = { _ in }) throws {
        while !state.isFinished { try advance(by: 200, report: report) }
    }
}

extension InterventionFit {
    /// What a member keeps aside: whole perturbations where features can predict them, else inner doses, else cells.
    private static func split(
        _ problem: FitProblem, _ random: inout RandomStream
    ) throws -> (training: Objective?, held: Posterior?) {
        let share = problem.options.validationShare
        let treated = problem.treated
        guard share > 0 else { return (nil, nil) }
        var names: [String] = []
        for k in treated where !names.contains(problem.contexts[k].perturbation) {
            names.append(problem.contexts[k].perturbation)
        }
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
                try problem.objective(
                    contexts: kept, places: kept.map { problem.cells.places[$0] }, isBatched: problem.isBatched),
                try problem.objective(
                    contexts: aside, places: aside.map { problem.cells.places[$0] }, unseen: unseen
                ).whole
            )
        }
        var keptCells: [[FitCells.Place]] = []
        var heldCells: [[FitCells.Place]] = []
        for k in problem.contexts.indices {
            var order = Array(problem.cells.places[k].indices)
            order.shuffle(using: &random)
            let count = order.count >= 10 ? Int((share * Double(order.count)).rounded()) : 0
            heldCells.append(order.prefix(count).sorted().map { problem.cells.places[k][$0] })
            keptCells.append(order.dropFirst(count).sorted().map { problem.cells.places[k][$0] })
        }
        let aside = problem.contexts.indices.filter { !heldCells[$0].isEmpty }
        if aside.isEmpty { return (nil, nil) }
        return (
            try problem.objective(
                contexts: Array(problem.contexts.indices), places: keptCells, isBatched: problem.isBatched),
            try problem.objective(contexts: aside, places: aside.map { heldCells[$0] }).whole
        )
    }

    /// Edges even between in and out for few genes, sparser for many; nearly no effects; nearly no interventions; hidden
    /// units that bend at different places.
    private static func startingPoint(_ posterior: Posterior, _ random: inout RandomStream) -> [Double] {
        var parameters = [Double](repeating: 0, count: posterior.count)
        let d = Double(posterior.genes)
        let open = min(0.5, 10 / d)
        for i in posterior.logits { parameters[i] = log(open / (1 - open)) }
        let mechanisms = posterior.mechanisms.layout
        let theta = posterior.theta.lowerBound
        for i in mechanisms.effects { parameters[theta + i] = 0.01 * random.normal() }
        let layout = posterior.map.layout
        let base = posterior.mapParameters.lowerBound
        for i in layout.encoder {
            parameters[base + i] = random.normal() / max(1, posterior.map.inputVariance).squareRoot()
        }
        for i in layout.heads { parameters[base + i] = 0.01 * random.normal() }
        for i in mechanisms.inputWeights { parameters[theta + i] = 0.7 * random.normal() }
        for i in mechanisms.unitBiases { parameters[theta + i] = random.normal() }
        for i in mechanisms.outputWeights { parameters[theta + i] = 0.01 * random.normal() }
        return parameters
    }
}
