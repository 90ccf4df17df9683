import Concurrency
import FeatureModels
import Foundation
import Interventions
import Matrices
import Probability
import Responses
import Screens
import ShiftProcesses

/// Predicts measured treatments of a screen as if some of its treatments had not been measured.
struct HeldOutTrials {
    let model: ScreenModel
    let plan: ScreenPlan
    let posterior: ResponsePosterior
    let truths: MeasuredTruths
    let workers: Int

    /// At most so many perturbations are predicted from features alone.
    private static let mostPerturbations = 100
    /// At most so many treatments are predicted from others of the same perturbation.
    private static let mostTreatments = 200

    func calibration() -> ShiftCalibration {
        var result = ShiftCalibration()
        for kind in [ShiftCalibration.Kind.dose, .stratum, .combination, .perturbation] {
            let left = kind.process.map { kind in
                model.paths.map { (residual: $0.residual.heldOut(kind), direct: $0.direct.heldOut(kind)) }
            }
            let shifts = kind == .perturbation ? unseenPerturbations() : leftOut(kind)
            let trials = trials(shifts, left ?? nil)
            var asked: [Int] = []
            for trial in trials where trial.treatment != asked.last { asked.append(trial.treatment) }
            result.learn(kind, from: trials, noise: truths.noise(asked))
        }
        return result
    }

    /// Joins what the causal model and the paths say.
    private func trials(
        _ shifts: [Int: DrawnShifts], _ left: (residual: HeldOutShifts, direct: HeldOutShifts)?
    ) -> [ShiftCalibration.Trial] {
        var paths: [Int: (residual: ShiftPrediction, direct: ShiftPrediction)] = [:]
        if let left {
            for (place, treatment) in left.direct.treatments.enumerated() {
                guard let context = truths.contexts[place: treatment] else { continue }
                paths[context] = (left.residual.predictions[place], left.direct.predictions[place])
            }
        }
        // Where the model has no causal answer the direct path stands alone, and is judged alone.
        let asked = shifts.isEmpty ? Array(paths.keys).sorted() : Array(shifts.keys).sorted()
        return asked.flatMap { context -> [ShiftCalibration.Trial] in
            guard let truth = truths.shifts[context], let noise = truths.deviations[context] else { return [] }
            let own = shifts[context] ?? DrawnShifts(nothingOf: model.genes.count)
            let answer = paths[context].map { ShiftPaths.Answer(residual: $0.residual, direct: $0.direct) }
            return model.genes.indices.map { gene in
                ShiftCalibration.Trial(
                    treatment: context,
                    blend: own.blend(gene, answer: answer, deviation: model.scaling.deviations[gene]),
                    measured: truth[gene], deviation: noise[gene])
            }
        }
    }

    /// Mean shifts, by context, of perturbations told from their features alone.
    private func unseenPerturbations() -> [Int: DrawnShifts] {
        guard let inverse = model.inverse else { return [:] }
        let count = inverse.measured.count
        let step = max(1, (count + Self.mostPerturbations - 1) / Self.mostPerturbations)
        let chosen = Array(stride(from: 0, to: count, by: step))
        guard
            let posteriors = try? inverse.heldOutPosteriors(
                chosen, options: model.search, stream: RandomStream(seed: model.seed).stream("calibration"),
                workers: workers)
        else { return [:] }
        let draws = model.mechanisms.count * model.options.interventionDraws
        let jobs = posteriors.flatMap { posterior -> [(context: Int, effects: [PerturbationResponse.Effect])] in
            guard let part = model.parts.firstIndex(of: posterior.name) else { return [] }
            let effects = posterior.effects(count: draws, scales: model.scaling.deviations)
            return plan.design.contexts.indices.filter {
                plan.design.contexts[$0].count == 1 && plan.design.contexts[$0][0].perturbation == part
            }.map { ($0, effects) }
        }
        let shifts = concurrentMap(jobs.count, workers: workers) { place in
            drawn(jobs[place].context, [jobs[place].effects])
        }
        return Dictionary(uniqueKeysWithValues: zip(jobs.map(\.context), shifts))
    }

    /// Mean shifts, by context, from what is left when treatments of a kind are taken out.
    private func leftOut(_ kind: ShiftCalibration.Kind) -> [Int: DrawnShifts] {
        let members = posterior.members
        let contexts = plan.contexts
        let able = plan.design.contexts.indices.filter { context in
            let parts = plan.design.contexts[context]
            guard !parts.isEmpty, truths.shifts[context] != nil else { return false }
            let left = taken(with: context, kind)
            let rest = parts.map { part in
                members[0].responses[part.perturbation].contexts.count { !left.contains($0) }
            }
            switch kind {
            case .measured, .perturbation: return false
            // Two other doses at least, else nothing is known of the curve.
            case .dose: return parts.count == 1 && parts[0].dose != nil && rest[0] > 1
            case .stratum: return !contexts[context].covariates.isEmpty && rest.allSatisfy { $0 > 0 }
            // Of unknown parts the causal model says nothing, as when it is asked.
            case .combination: return parts.count > 1 && (model.answersUnknownParts || rest.allSatisfy { $0 > 0 })
            }
        }
        let step = max(1, (able.count + Self.mostTreatments - 1) / Self.mostTreatments)
        let chosen = stride(from: 0, to: able.count, by: step).map { able[$0] }
        let count = model.options.interventionDraws
        let shifts = concurrentMap(chosen.count, workers: workers) { place -> DrawnShifts in
            let context = chosen[place]
            let left = taken(with: context, kind)
            var own = RandomStream(seed: model.seed).stream("left out").stream(kind.rawValue).stream(context)
            let effects = plan.design.contexts[context].map { part in
                guard members[0].responses[part.perturbation].contexts.contains(where: { !left.contains($0) }) else {
                    let nothing = PerturbationResponse.Effect(targets: [], effects: [])
                    return Array(repeating: nothing, count: members.count * count)
                }
                let grids = members.map { member in
                    posterior.grid(of: member.responses[part.perturbation].leavingOut(contexts: left))
                }
                return (0..<members.count * count).map { draw in
                    let graph = draw % members.count
                    return grids[graph].draw(targets: members[graph].responses[part.perturbation].targets, &own)
                }
            }
            return drawn(context, effects)
        }
        return Dictionary(uniqueKeysWithValues: zip(chosen, shifts))
    }

    /// The contexts that are left out together with one.
    private func taken(with context: Int, _ kind: ShiftCalibration.Kind) -> Set<Int> {
        let contexts = plan.contexts
        let own = contexts[context]
        return Set(
            contexts.indices.filter {
                switch kind {
                case .dose: contexts[$0].perturbation == own.perturbation && contexts[$0].dose == own.dose
                case .stratum: contexts[$0].covariates == own.covariates
                case .combination: contexts[$0].perturbation == own.perturbation
                case .measured, .perturbation: $0 == context
                }
            })
    }

    /// - Parameter effects: parts × draws.
    private func drawn(_ context: Int, _ effects: [[PerturbationResponse.Effect]]) -> DrawnShifts {
        let d = model.genes.count
        let treatments = plan.design.contexts[context]
        let drawn = effects[0].indices.map { row in
            var shifts = [Float](repeating: 0, count: d)
            for (part, treatment) in zip(effects, treatments) {
                for (gene, shift) in part[row].shifts(genes: d, dose: treatment.dose).enumerated() {
                    shifts[gene] += shift
                }
            }
            return DrawnIntervention(graph: row % model.mechanisms.count, shifts: shifts)
        }
        return DrawnShifts(model.shifts(of: drawn))
    }
}

extension ShiftCalibration.Kind {
    /// The same in the room of processes.
    fileprivate var process: HeldOutShifts.Kind? {
        switch self {
        case .measured: nil
        case .dose: .dose
        case .stratum: .stratum
        case .combination: .combination
        case .perturbation: .perturbation
        }
    }
}

/// Measured shifts of a screen's treatments with their sampling errors, in control standard deviations.
struct MeasuredTruths: Sendable {
    /// The treatments in the order of a table of shifts: places among the screen's contexts.
    let contexts: [Int]
    /// By context.
    var shifts: [Int: [Double]] = [:]
    var deviations: [Int: [Double]] = [:]
    private let table: ShiftTable

    init(_ table: ShiftTable, contexts: [Int], scaling: GeneScaling) {
        self.contexts = contexts
        self.table = table
        for (place, context) in contexts.enumerated() {
            shifts[context] = (0..<table.genes).map { table.shifts[place, $0] / scaling.deviations[$0] }
            deviations[context] = (0..<table.genes).map {
                table.samplingVariance(treatment: place, gene: $0).squareRoot() / scaling.deviations[$0]
            }
        }
    }
}

extension MeasuredTruths {
    /// Treatments and genes that the causal model holds still.
    /// - Parameter explained: What it says of each treatment, in the order of the table.
    func still(_ explained: [DrawnShifts]) -> [ShiftResolution.Stillness] {
        zip(contexts, explained).flatMap { context, own -> [ShiftResolution.Stillness] in
            guard let measured = shifts[context], let noise = deviations[context] else { return [] }
            return measured.indices.filter { own.halfWidths[$0] < ShiftCalibration.still }.map { gene in
                ShiftResolution.Stillness(
                    treatment: context, gene: gene, error: measured[gene] - own.means[gene], deviation: noise[gene])
            }
        }
    }

    /// Covariance of the sampling errors of treatments, in units of a gene's variance.
    func noise(_ asked: [Int]) -> Matrix<Double> {
        let rows = Dictionary(uniqueKeysWithValues: contexts.enumerated().map { ($1, $0) })
        return table.noise(asked.compactMap { rows[$0] })
    }
}

extension [Int] {
    fileprivate subscript(place place: Int) -> Int? { indices.contains(place) ? self[place] : nil }
}
