import AnnotatedData
import Concurrency
import FeatureModels
import Foundation
import Graphs
import Interventions
import Matrices
import Mechanisms
import PredictedCells
import Probability
import Responses
import Screens
import ShiftProcesses

/// The fit of a model of a screen, stage by stage.
public struct ScreenModelFit: Sendable {
    let screen: any ScreenCells
    private let beliefs: EdgeBeliefs?
    private let options: ScreenModelOptions
    private let seed: UInt64
    private let workers: Int
    private let moments: TreatmentMoments
    private let scaling: GeneScaling
    let plan: ScreenPlan
    /// Reads the prior means of mechanisms off the cells apart; nil where these means are 0.
    let reader: (any MechanismModel)?
    /// Control cells that nothing but prior means is learnt from.
    private(set) var apart: Set<Int> = []
    private var notices: [Notice] = []

    /// - Parameters:
    ///   - screen: Its values are walked through twice, in blocks.
    ///   - mechanisms: Reads the prior means of mechanisms off control cells that are set apart; nil leaves them 0.
    /// - Throws: `InterventionError` or `ResponseError` for a screen that can't be fitted; what the values throw.
    public init(
        screen: any ScreenCells, beliefs: EdgeBeliefs? = nil, options: ScreenModelOptions = .init(),
        mechanisms: (any MechanismModel)? = nil, seed: UInt64 = 0,
        workers: Int = ProcessInfo.processInfo.activeProcessorCount
    ) throws {
        try options.validate()
        var options = options
        if options.mechanisms == .chosen, screen.genes.count > Self.mostCurved {
            options.mechanisms = .linear
            notices.append(
                Notice(
                    code: "LINEAR_ONLY",
                    message: "mechanisms are straight lines: curves are looked for in panels of at most "
                        + "\(Self.mostCurved) genes"))
        }
        var screen = screen
        let zeroDoses = screen.contexts.indices.filter {
            !screen.contexts[$0].isControl && screen.contexts[$0].dose == 0
        }
        if !zeroDoses.isEmpty {
            for place in zeroDoses { screen.contexts[place].isControl = true }
            notices.append(
                Notice(code: "DOSE_ZERO", message: "\(zeroDoses.count) treatments at dose 0 are taken as controls"))
        }
        try Self.check(screen)
        self.screen = screen
        moments = try Self.moments(screen)
        self.beliefs = options.beliefTrust > 0 ? beliefs : nil
        self.options = options
        self.seed = seed
        self.workers = workers
        scaling = GeneScaling(control: moments.controls(), all: moments.moments())
        plan = try ScreenPlan(screen, options: options)
        reader = mechanisms
        guard mechanisms != nil else { return }
        apart = cellsApart(random)
        notices.append(priorNotice(apart.count))
    }

    var random: RandomStream { RandomStream(seed: seed).stream("screen model") }

    /// Graph, mechanisms and measured perturbations: the long part.
    public func responses(report: (String) -> Void = { _ in }) throws -> ResponsePosterior {
        let d = screen.genes.count
        let isLinear = options.mechanisms == .linear
        var moments = try ScreenMoments(
            design: plan.design, basis: isLinear ? .linear : .additive, cellCount: screen.cellCount,
            keptBytes: isLinear ? 0 : min(Self.keptBytes, Self.keptCells * 4 * (d + plan.levelColumns.columns)),
            stream: random)
        let shifts = scaling.means.map { Float($0) }
        let scales = scaling.deviations.map { Float(1 / $0) }
        var cellsApart: [Float] = []
        try screen.values.forEachBlock { block in
            for first in stride(from: 0, to: block.matrix.rows, by: Self.block) {
                let rows = first..<min(first + Self.block, block.matrix.rows)
                var cells = (rows.count < block.matrix.rows ? block.matrix.selectingRows(Array(rows)) : block.matrix)
                    .dense
                for place in cells.values.indices {
                    cells.values[place] = (cells.values[place] - shifts[place % d]) * scales[place % d]
                }
                var contexts = Array(
                    screen.contextOfCell[block.firstRow + first..<block.firstRow + rows.upperBound])
                let (own, others) = split(contexts.indices, from: block.firstRow + first)
                if !others.isEmpty {
                    cellsApart += cells.selectingRows(others).values
                    cells = cells.selectingRows(own)
                    contexts = own.map { contexts[$0] }
                }
                try moments.add(cells, contexts: contexts, covariates: plan.levelColumns.selectingRows(contexts))
            }
        }
        return try ResponsePosterior(
            moments, priors: priors(), options: options.responses,
            prior: priorMechanisms(Matrix(rows: apart.count, columns: d, values: cellsApart)), stream: random,
            workers: workers, report: report)
    }

    /// Rows of a block of cells: those of the fit, and those that are set apart.
    private func split(_ rows: Range<Int>, from first: Int) -> (own: [Int], apart: [Int]) {
        guard !apart.isEmpty else { return (Array(rows), []) }
        return (rows.filter { !apart.contains(first + $0) }, rows.filter { apart.contains(first + $0) })
    }

    /// Genes beyond which curves take longer than they are worth, unless asked for.
    private static let mostCurved = 200
    /// Cells from which nonlinear mechanisms are learnt, at most, and room for them: more would cost time and tell little.
    private static let keptCells = 50_000
    private static let keptBytes = 128 << 20
    /// Cells laid out at once.
    private static let block = 4096

    private func priors() throws -> ResponsePriors {
        var priors = ResponsePriors.sparse(plan.design)
        priors.learnsTargetRate = options.targetProbability == nil
        func logit(_ p: Double) -> Double { log(p / (1 - p)) }
        if let p = options.edgeProbability { priors.edges.values = priors.edges.values.map { _ in logit(p) } }
        if let p = options.targetProbability {
            priors.targets.values = priors.targets.values.map { $0.isFinite ? logit(p) : $0 }
        }
        guard let beliefs else { return priors }
        return try priors.believing(beliefs, trust: options.beliefTrust)
    }

    /// The model of what the long part has found.
    public func model(
        _ posterior: ResponsePosterior, report: (String) -> Void = { _ in }
    ) throws -> ScreenModel {
        var notices = notices + posterior.notices.map { Notice(code: $0.code, message: $0.message) }
        let names = plan.design.perturbations.map(\.name)
        var inverse: InverseFeatureModel?
        if let table = screen.features, !table.features.isEmpty {
            report("features")
            do {
                inverse = try inverted(table, posterior, notices: &notices)
            } catch let error as FeatureModelError where error.code == "CONSTANT_FEATURES" {
                notices.append(
                    Notice(
                        code: error.code,
                        message: "no feature tells the measured perturbations apart: unseen ones can't be predicted"))
            }
        }
        report("draws")
        let effects = EffectDraws(
            posterior, drawsPerGraph: options.interventionDraws, stream: random.stream("effects"))
        let treated = moments.meanShifts()
        let known = plan.design.perturbations.compactMap { perturbation in
            perturbation.knownTargets.map { (perturbation.name, $0.map { screen.genes[$0] }) }
        }
        var doubts = posterior.search.doubts
        if let inverse, !inverse.isConverged {
            doubts.append("the model of features was still gaining when its steps ended")
        }
        let outcome: FitOutcome =
            doubts.isEmpty
            ? .converged(steps: posterior.search.rounds) : .stoppedEarly(reason: doubts.joined(separator: "; "))
        let model = ScreenModel(
            genes: screen.genes, scaling: scaling, scale: screen.scale, options: options, seed: seed,
            contexts: treated.map { screen.contexts[$0.context] },
            measuredShifts: treated.flatMap { $0.shift.map { Double(Float($0)) } }, parts: names,
            combinations: screen.combinations,
            knownTargets: Dictionary(known, uniquingKeysWith: { first, _ in first }),
            covariates: plan.levels, mechanisms: posterior.members.map(\.mechanisms), effects: effects,
            replacements: posterior.members.map(\.replacements),
            edgeProbabilities: posterior.edges.probabilities,
            targetProbabilities: names.indices.flatMap { k in
                screen.genes.indices.map { Float(posterior.targetProbability(k, $0)) }
            },
            inverse: inverse, paths: nil, calibration: ShiftCalibration(), isNonlinear: posterior.isNonlinear,
            outcomes: posterior.members.map { _ in outcome }, diagnostics: posterior.diagnostics,
            searchScores: posterior.search.scores, notices: notices)
        var whole = try judged(model, posterior, contexts: treated.map(\.context), report: report)
        report("cells")
        do {
            try whole.chooseCells(screen, workers: workers)
        } catch let error as PredictedCellsError {
            whole.notices.append(
                Notice(code: error.code, message: "cells are drawn along the graphs: \(error.message)"))
        }
        return whole
    }

    /// The model with its residual path, and with what it says of treatments that were left out compared with what was
    /// measured of them.
    private func judged(
        _ model: ScreenModel, _ posterior: ResponsePosterior, contexts: [Int], report: (String) -> Void
    ) throws -> ScreenModel {
        var model = model
        guard !contexts.isEmpty else { return model }
        let table: ShiftTable
        let explained: [DrawnShifts]
        do {
            table = try ShiftTable(screen, moments)
            let causal = model
            explained = try concurrentTry(contexts.count, workers: workers) { place in
                try causal.causalShifts(PerturbationQuery(screen.contexts[contexts[place]]))
            }
            if options.residuals {
                report("residual path")
                let explained = explained.flatMap { shifts in
                    zip(shifts.means, scaling.deviations).map { $0 * $1 }
                }
                model.paths = try ShiftPaths(
                    table,
                    explained: Matrix(rows: contexts.count, columns: screen.genes.count, values: explained),
                    workers: workers)
            }
        } catch let error as ShiftProcessError {
            model.notices.append(
                Notice(code: error.code, message: "shifts of like treatments were not compared: \(error.message)"))
            return model
        }
        report("calibration")
        let truths = MeasuredTruths(table, contexts: contexts, scaling: scaling)
        model.calibration = HeldOutTrials(
            model: model, plan: plan, posterior: posterior, truths: truths, workers: workers
        ).calibration()
        let moved = MovedShifts(table, contextNoise: posterior.contextNoise)
        model.diagnostics.append(moved.diagnostic)
        model.notices += moved.notices(model)
        model.calibration.resolution = ShiftResolution.halfWidth(truths.still(explained))
        return model
    }

    private func inverted(
        _ table: FeatureTable, _ posterior: ResponsePosterior, notices: inout [Notice]
    ) throws -> InverseFeatureModel? {
        let names = plan.design.perturbations.map(\.name)
        let rows = Dictionary(
            table.perturbations.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let having = names.indices.filter { rows[names[$0]] != nil }
        let missing = names.filter { rows[$0] == nil }
        if !missing.isEmpty {
            notices.append(
                Notice(
                    code: "FEATURES_MISSING",
                    message: "\(missing.count) of \(names.count) perturbations have no features, from which nothing is "
                        + "learnt of features: \(missing.prefix(5).joined(separator: ", "))"))
        }
        guard having.count > 1 else { return nil }
        let space = try FeatureSpace(
            perturbations: having.map { names[$0] }, features: table.features,
            values: Matrix(
                rows: having.count, columns: table.features.count,
                values: having.flatMap { table.values.row(rows[names[$0]]!).map(Double.init) }))
        let withDoses = having.allSatisfy { k in
            plan.design.contexts.joined().filter { $0.perturbation == k }.allSatisfy { $0.dose != nil }
        }
        let counts = concurrentMap(having.count, workers: workers) {
            EffectCandidates(posterior, perturbation: having[$0]).count
        }
        let length = EffectCandidates.length(counts: counts)
        let measured = concurrentMap(having.count, workers: workers) {
            EffectCandidates(posterior, perturbation: having[$0]).merged(length).measured(
                name: names[having[$0]], scales: scaling.deviations, withDoses: withDoses)
        }
        return try InverseFeatureModel(
            measured, space: space, genes: screen.genes.count, doseCount: withDoses ? 2 : 0)
    }

    private static func moments(_ screen: some ScreenCells) throws -> TreatmentMoments {
        do {
            return try TreatmentMoments(screen)
        } catch let error as ScreenError {
            throw InterventionError(
                code: error.code, element: error.element, message: error.message, remedy: error.remedy)
        }
    }

    private static func check(_ screen: any ScreenCells) throws {
        let controls = screen.controlCells.count
        guard controls >= 2 else {
            throw InterventionError(
                code: "NO_CONTROL", element: "contexts",
                message: "at least 2 control cells expected, found \(controls)",
                remedy: "say which label is the control")
        }
        guard screen.contexts.contains(where: { !$0.isControl }) else {
            throw InterventionError(
                code: "NO_TREATMENT", element: "contexts", message: "treated cells expected, found controls only",
                remedy: "say which column names the perturbation and which label is the control")
        }
    }
}

extension ScreenModel {
    /// Fits from beginning to end; for interruptions and checkpoints use `ScreenModelFit`.
    public static func fit(
        _ screen: any ScreenCells, beliefs: EdgeBeliefs? = nil, options: ScreenModelOptions = .init(),
        seed: UInt64 = 0, workers: Int = ProcessInfo.processInfo.activeProcessorCount
    ) throws -> ScreenModel {
        let fit = try ScreenModelFit(
            screen: screen, beliefs: beliefs, options: options, seed: seed, workers: workers)
        return try fit.model(fit.responses())
    }
}
