import Foundation
import Probability
import Screens

/// The objectives that a problem poses: over all cells, over some, over minibatches.
extension FitProblem {
    var mechanisms: any Mechanisms {
        let layout = MechanismLayout(options, genes: genes.count, covariates: covariates)
        return options.mechanisms == .mlp ? PerceptronMechanisms(layout: layout) : LinearMechanisms(layout: layout)
    }

    var needsCells: Bool { mechanisms.needsCells(options.targetDraw) }
    var isBatched: Bool { options.batchCells > 0 && needsCells }
    /// Of hidden layers nobody knows the expectation over graphs.
    var graphGradient: GraphGradient { options.mechanisms == .mlp ? .sampled : options.graphGradient }

    var map: InterventionMap {
        InterventionMap(
            layout: .init(
                size: encoding.size + (freeDose == nil ? 0 : 1) + covariates.size, hidden: options.hiddenUnits,
                genes: genes.count),
            kind: options.intervention, hill: doseScale, targetProbability: targetProbability,
            locationDeviation: options.locationDeviation, inputVariance: encoding.variance)
    }

    /// What the map reads of a perturbation at the dose and with the covariates of a context; `unseen` hides the
    /// perturbation's own column.
    private func input(_ perturbation: String, _ context: Context, unseen: Bool) throws -> [Double] {
        var row = try encoding.encoded(perturbation, features: nil)
        if unseen, encoding.ownValue > 0 {
            for i in encoding.rank..<encoding.size { row[i] = 0 }
        }
        let scale = encoding.variance.squareRoot()
        if let freeDose { row.append(freeDose.value(context.dose ?? 0) * scale) }
        return row + covariates.inputs(context.covariates, scale: scale)
    }

    /// A context as a likelihood sees it.
    private func entry(_ k: Int, _ places: [FitCells.Place], count: Int? = nil, weight: Double) throws
        -> ContextData.Entry
    {
        ContextData.Entry(
            context: contexts[k], levels: covariates.places(of: contexts[k].covariates), cells: try cells.read(places),
            count: count, weight: weight)
    }

    private func data(_ entries: [ContextData.Entry]) -> ContextData {
        ContextData(entries, genes: genes.count, targetDraw: options.targetDraw, keepsCells: needsCells)
    }

    /// All cells of one context.
    func setting(context k: Int) throws -> LikelihoodSetting {
        LikelihoodSetting(data: data([try entry(k, cells.places[k], weight: 1)]), kind: options.intervention)
    }

    /// Weights of contexts with these cells: controls count for no more than their share.
    private func weights(_ chosen: [Int], _ places: [[FitCells.Place]]) -> [Double] {
        var controls = 0
        var treated = 0
        for (k, members) in zip(chosen, places) {
            if contexts[k].isControl { controls += members.count } else { treated += members.count }
        }
        let controlWeight = ContextData.controlWeight(
            controls: controls, treated: treated, share: options.controlShare)
        return chosen.map { contexts[$0].isControl ? controlWeight : 1 }
    }

    /// The log posterior over some of the cells.
    /// - Parameter unseen: Perturbations that are to be told by their features alone.
    func objective(
        contexts chosen: [Int], places: [[FitCells.Place]], unseen: Set<String> = [], isBatched: Bool = false
    ) throws -> Objective {
        let weights = weights(chosen, places)
        var inputs: [Double] = []
        var rows: [[Double]: Int] = [:]
        let queries = try chosen.map { k -> InterventionMap.Query in
            let context = contexts[k]
            if context.isControl { return .control }
            let names = combinations[context.perturbation] ?? [context.perturbation]
            let parts = try names.map { name -> InterventionMap.Part in
                let row = try input(name, context, unseen: unseen.contains(name))
                if rows[row] == nil {
                    rows[row] = rows.count
                    inputs += row
                }
                return .init(input: rows[row] ?? 0, known: knownTargets[name].map { genes.map($0.contains) })
            }
            return .init(parts: parts, logDose: doseScale == nil ? nil : context.dose.map { log($0) })
        }
        let entries = isBatched ? [] : try zip(chosen, zip(places, weights)).map { try entry($0, $1.0, weight: $1.1) }
        let posterior = Posterior(
            setting: LikelihoodSetting(data: data(entries), kind: options.intervention), mechanisms: mechanisms,
            map: map, inputs: inputs, queries: queries, edgePrior: edgePrior, options: options)
        let counts = places.map { Double($0.count) }
        let weighted = zip(counts, weights).reduce(0) { $0 + $1.0 * $1.1 }
        guard isBatched else { return Objective(whole: posterior, weightedCells: weighted, drawn: nil) }
        return Objective(whole: posterior, weightedCells: weighted) { whole, random in
            try minibatch(of: whole, chosen, places, shares: zip(counts, weights).map { $0 * $1 }, &random)
        }
    }

    /// Contexts drawn in proportion to the cells that they count for, and some cells of each: an estimate without bias of
    /// the sum over all contexts.
    private func minibatch(
        of whole: Posterior, _ chosen: [Int], _ places: [[FitCells.Place]], shares: [Double],
        _ random: inout RandomStream
    ) throws -> Posterior {
        let total = shares.reduce(0, +)
        var entries: [ContextData.Entry] = []
        var drawn: [Int] = []
        for _ in 0..<options.batchContexts {
            let which = random.index(weights: shares)
            let n = places[which].count
            let some = random.choice(min(options.batchCells, n), of: n).sorted().map { places[which][$0] }
            entries.append(
                try entry(
                    chosen[which], some, count: n, weight: total / (Double(options.batchContexts) * Double(n))))
            drawn.append(which)
        }
        return whole.restricted(to: drawn, data: data(entries))
    }
}

/// A log posterior to climb: the whole of it, or minibatches of it.
struct Objective: Sendable {
    /// Without cells where minibatches are drawn.
    var whole: Posterior
    /// Cells in all, each with its weight.
    let weightedCells: Double
    /// A minibatch of the whole; nil: every step sees all cells.
    let drawn: (@Sendable (Posterior, inout RandomStream) throws -> Posterior)?

    /// What a step sees; `stream` is its own.
    func posterior(_ stream: RandomStream) throws -> Posterior {
        var random = stream
        return try drawn?(whole, &random) ?? whole
    }
}
