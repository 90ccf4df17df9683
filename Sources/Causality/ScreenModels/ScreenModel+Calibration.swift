import Concurrency
import FeatureModels
import Foundation
import Interventions
import Matrices
import Probability
import Responses
import Screens

extension ScreenModel {
    /// Predicts measured treatments as if they had not been measured, and learns from the errors how wide intervals must
    /// be: treatments of a perturbation that the model of features has not seen, and single doses left out.
    mutating func calibrate(
        _ screen: PerturbationScreen, plan: ScreenPlan, posterior: ResponsePosterior, workers: Int
    ) {
        let truths = MeasuredTruths(screen, scaling: scaling)
        let simulation = ShiftSimulation(self)
        calibration.learn(
            .perturbation, from: unseenPerturbationTrials(truths, simulation, plan: plan, workers: workers))
        calibration.learn(
            .dose, from: unseenDoseTrials(truths, simulation, plan: plan, posterior: posterior, workers: workers))
        calibration.learn(.measured, from: [])
    }

    /// At most so many perturbations are predicted from features alone.
    private static let mostLeftOut = 100

    private func unseenPerturbationTrials(
        _ truths: MeasuredTruths, _ simulation: ShiftSimulation, plan: ScreenPlan, workers: Int
    ) -> [ShiftCalibration.Trial] {
        guard let inverse else { return [] }
        let count = inverse.measured.count
        let step = max(1, (count + Self.mostLeftOut - 1) / Self.mostLeftOut)
        let chosen = Array(stride(from: 0, to: count, by: step))
        guard
            let posteriors = try? inverse.heldOutPosteriors(
                chosen, options: search, stream: RandomStream(seed: seed).stream("calibration"), workers: workers)
        else { return [] }
        let draws = mechanisms.count * options.interventionDraws
        return posteriors.flatMap { posterior -> [ShiftCalibration.Trial] in
            guard let part = parts.firstIndex(of: posterior.name) else { return [] }
            let effects = posterior.effects(count: draws, scales: scaling.deviations)
            let contexts = plan.design.contexts.indices.filter {
                plan.design.contexts[$0].count == 1 && plan.design.contexts[$0][0].perturbation == part
            }
            return concurrentMap(contexts.count, workers: workers) { place in
                trials(
                    truths, simulation, context: contexts[place], effects,
                    dose: plan.design.contexts[contexts[place]][0].dose)
            }.flatMap { $0 }
        }
    }

    /// At most so many treatments are predicted from the other doses.
    private static let mostDosesLeftOut = 200

    private func unseenDoseTrials(
        _ truths: MeasuredTruths, _ simulation: ShiftSimulation, plan: ScreenPlan, posterior: ResponsePosterior,
        workers: Int
    ) -> [ShiftCalibration.Trial] {
        let members = posterior.members
        let able = plan.design.contexts.indices.filter { context in
            guard let only = plan.design.contexts[context].first, plan.design.contexts[context].count == 1,
                only.dose != nil
            else { return false }
            return members[0].responses[only.perturbation].contexts.count > 2
        }
        let step = max(1, (able.count + Self.mostDosesLeftOut - 1) / Self.mostDosesLeftOut)
        let chosen = stride(from: 0, to: able.count, by: step).map { able[$0] }
        let count = options.interventionDraws
        return concurrentMap(chosen.count, workers: workers) { place -> [ShiftCalibration.Trial] in
            let only = plan.design.contexts[chosen[place]][0]
            var own = RandomStream(seed: seed).stream("doses left out").stream(chosen[place])
            let grids = members.map { member in
                posterior.grid(of: member.responses[only.perturbation].leavingOut(context: chosen[place]))
            }
            let effects = (0..<members.count * count).map { draw in
                let graph = draw % members.count
                return grids[graph].draw(targets: members[graph].responses[only.perturbation].targets, &own)
            }
            return trials(truths, simulation, context: chosen[place], effects, dose: only.dose)
        }.flatMap { $0 }
    }

    /// One for each gene.
    private func trials(
        _ truths: MeasuredTruths, _ simulation: ShiftSimulation, context: Int, _ effects: [PerturbationResponse.Effect],
        dose: Double?
    ) -> [ShiftCalibration.Trial] {
        guard let truth = truths.shifts[context], let deviations = truths.deviations[context] else { return [] }
        let drawn = effects.enumerated().map { row, effect in
            DrawnIntervention(graph: row % mechanisms.count, shifts: effect.shifts(genes: genes.count, dose: dose))
        }
        let shares = DrawnShifts(simulation.shifts(of: drawn))
        return genes.indices.map { gene in
            ShiftCalibration.Trial(
                error: truth[gene] - shares.means[gene], halfWidth: shares.halfWidths[gene],
                deviation: deviations[gene])
        }
    }
}

/// Measured shifts of a screen's treatments with their sampling errors, in control standard deviations.
struct MeasuredTruths: Sendable {
    /// By context.
    var shifts: [Int: [Double]] = [:]
    var deviations: [Int: [Double]] = [:]

    init(_ screen: PerturbationScreen, scaling: GeneScaling) {
        let cells = screen.cellsOfContext
        let controls = screen.controlCells
        let strata = screen.controlsOfStratum
        let control = screen.expression.columnMoments(rows: controls)
        for found in screen.meanShifts() {
            let own = cells[found.context]
            // One cell has no variance of its own: that of the controls stands for it.
            let moments = own.count > 1 ? screen.expression.columnMoments(rows: own) : control
            let stratum = screen.controlStrata.map { $0[own[0]] } ?? 0
            let controlCount = Double(max(1, strata[stratum]?.count ?? controls.count))
            shifts[found.context] = found.shift.indices.map { found.shift[$0] / scaling.deviations[$0] }
            deviations[found.context] = found.shift.indices.map { gene in
                let variance = moments.variances[gene] / Double(own.count) + control.variances[gene] / controlCount
                return variance.squareRoot() / scaling.deviations[gene]
            }
        }
    }
}
