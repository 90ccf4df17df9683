import Foundation
import Screens

extension InterventionFit {
    /// Control cells over which the effects of genes on genes are averaged.
    private static let cellsForEffects = 1000

    /// The model of a finished fit. Throws where cells cannot be read.
    public func model() throws -> InterventionModel {
        precondition(state.isFinished, "a model is made of a finished fit")
        let d = problem.genes.count
        let posterior = complete.whole
        // Kept as Float, the precision of the file, so that a model and its copy from disk predict the same.
        func kept(_ values: some Sequence<Double>) -> [Double] { values.map { Double(Float($0)) } }
        let controls = try problem.cells.read(
            Array(problem.cells.places[..<problem.cells.controlCount].joined().prefix(Self.cellsForEffects)))
        let members = state.members.map { member in
            let p = member.parameters.values
            let mechanisms = MechanismParameters(kept(p[posterior.theta]), posterior.mechanisms.layout)
            return InterventionModel.Member(
                edgeProbabilities: kept(posterior.edgeProbabilities(p)), graph: member.graph.values,
                mechanisms: mechanisms,
                averageEffects: kept(
                    posterior.mechanisms.meanEffects(mechanisms, graph: member.graph.values, cells: controls)),
                map: kept(p[posterior.mapParameters]))
        }
        let (shifts, posteriors) = try measured()
        var known: [String: [String]] = [:]
        for (name, targets) in problem.knownTargets { known[name] = problem.genes.filter(targets.contains) }
        return InterventionModel(
            genes: problem.genes, scaling: problem.cells.scaling, strata: problem.cells.strata,
            isCentredByStratum: problem.cells.isCentredByStratum, scale: problem.scale, options: problem.options,
            seed: seed, contexts: problem.treated.map { problem.contexts[$0] },
            measuredShifts: kept(shifts.indices.map { shifts[$0] * problem.cells.scaling.deviations[$0 % d] }),
            targetPosteriors: kept(posteriors), encoding: problem.encoding, covariates: problem.covariates,
            combinations: problem.combinations, freeDose: problem.freeDose, map: posterior.map, knownTargets: known,
            members: members, outcomes: state.members.map { $0.outcome ?? .stoppedEarly(reason: "no step was made") },
            curves: state.members.map(\.curve), brokenEdges: state.members.map(\.brokenEdges),
            notices: problem.notices)
    }

    /// Of every treatment, one after the other: its mean in control standard deviations, and the posterior probabilities of
    /// its targets, ensemble mean; treatments × genes.
    private func measured() throws -> (shifts: [Double], posteriors: [Double]) {
        let d = problem.genes.count
        let posterior = complete.whole
        let interventions = state.members.map { member in
            posterior.map.forward(
                Array(member.parameters.values[posterior.mapParameters]), inputs: posterior.inputs,
                queries: posterior.queries
            ).0
        }
        var shifts: [Double] = []
        var posteriors: [Double] = []
        for k in problem.treated {
            let setting = try problem.setting(context: k)
            shifts += setting.data.means
            var sum = [Double](repeating: 0, count: d)
            for (member, all) in zip(state.members, interventions) {
                let places = k * d..<(k + 1) * d
                let own = AtomicInterventions(
                    targetLogits: Array(all.targetLogits[places]), locations: Array(all.locations[places]),
                    logScales: Array(all.logScales[places]))
                let found = setting.targetPosterior(
                    posterior.mechanisms, posterior.parameters(ofMechanisms: member.parameters.values),
                    graph: member.graph.values, own)
                for j in 0..<d { sum[j] += found[j] / Double(state.members.count) }
            }
            posteriors += sum
        }
        return (shifts, posteriors)
    }
}
