import FeatureModels
import Foundation
import Interventions
import Matrices
import Probability
import Responses

/// What a perturbation does on one graph, in one draw.
struct DrawnIntervention: Sendable {
    /// The graph's place among the draws.
    var graph: Int
    /// Of each gene, in control standard deviations.
    var shifts: [Float]
    var replacements: [CausalMechanisms.Replacement] = []
    var logHalfDose: Double?
    var logSteepness: Double?
}

extension ScreenModel {
    /// The single perturbations of which a query is made.
    func partNames(of query: PerturbationQuery) -> [String] {
        query.parts ?? combinations[query.perturbation] ?? [query.perturbation]
    }

    private func isMeasured(_ part: String) -> Bool { parts.contains(part) }

    /// - Throws: `InterventionError` for an unseen perturbation without features, features of the wrong length, or a dose
    ///   that is missing where the model needs one.
    func interventions(_ query: PerturbationQuery) throws -> [DrawnIntervention] {
        let count = mechanisms.count * options.interventionDraws
        let d = genes.count
        var drawn = (0..<count).map {
            DrawnIntervention(graph: $0 % mechanisms.count, shifts: [Float](repeating: 0, count: d))
        }
        if query.dose == 0 { return drawn }
        let names = partNames(of: query)
        for name in names {
            let place = query.features == nil || names.count > 1 ? parts.firstIndex(of: name) : nil
            // Of an unknown part of a combination the causal model says nothing.
            if place == nil, names.count > 1, answersUnknownParts { continue }
            let draws =
                try place.map { effects.effects[$0] }
                ?? unseenEffects(name, features: names.count == 1 ? query.features : nil, count: count)
            if draws.contains(where: { $0.logHalfDose != nil }), !(query.dose.map { $0 > 0 && $0.isFinite } ?? false) {
                throw InterventionError(
                    code: "DOSE", element: query.perturbation,
                    message: "a dose of 0 or more expected, found \(query.dose.map { "\($0)" } ?? "none")",
                    remedy: "give the dose at which to predict, in the unit of the screen")
            }
            for (row, effect) in draws.enumerated() {
                for (gene, shift) in effect.shifts(genes: d, dose: query.dose).enumerated() where shift != 0 {
                    drawn[row].shifts[gene] += shift
                }
                if let place { drawn[row].replacements += replacements[drawn[row].graph][place] }
                if names.count == 1 {
                    drawn[row].logHalfDose = effect.logHalfDose
                    drawn[row].logSteepness = effect.logSteepness
                }
            }
        }
        return drawn
    }

    public func interventionDraws(_ query: PerturbationQuery) throws -> [InterventionDraw] {
        try interventions(query).map { drawn in
            let moved = drawn.shifts.enumerated().filter { $1 != 0 }
            return InterventionDraw(
                graph: drawn.graph,
                shifts: Dictionary(
                    uniqueKeysWithValues: moved.map { ($0, Double($1) * scaling.deviations[$0]) }),
                settings: Dictionary(
                    drawn.replacements.map {
                        ($0.gene, scaling.means[$0.gene] + Double($0.mean) * scaling.deviations[$0.gene])
                    }, uniquingKeysWith: { $1 }))
        }
    }

    /// Effects that would give the features of an unseen perturbation, one for each draw.
    private func unseenEffects(
        _ name: String, features values: [Double]?, count: Int
    ) throws -> [PerturbationResponse.Effect] {
        guard let inverse else {
            throw InterventionError(
                code: "UNSEEN_WITHOUT_FEATURES", element: name,
                message:
                    "one of the \(perturbations.count) measured perturbations expected: the model knows no features",
                remedy: "fit again with a table of perturbation features, or ask for a measured perturbation")
        }
        guard let values else {
            throw InterventionError(
                code: "UNSEEN_WITHOUT_FEATURES", element: name,
                message: "\(features.count) features expected for the unseen perturbation, none given",
                remedy: "give the features that the model was fitted with")
        }
        try checkFeatures(values, of: name)
        let posterior = try inverse.posteriors(
            of: [name], features: Matrix(rows: 1, columns: values.count, values: values), options: search,
            stream: RandomStream(seed: seed).stream("unseen"), workers: 1)[0]
        return posterior.effects(count: count, scales: scaling.deviations)
    }

    func checkFeatures(_ values: [Double], of name: String) throws {
        guard values.count == features.count, values.allSatisfy(\.isFinite) else {
            throw InterventionError(
                code: "FEATURES", element: name,
                message: "\(features.count) finite features expected, found \(values.count { $0.isFinite })",
                remedy: "give the features that the model was fitted with")
        }
    }

    var search: EffectSearchOptions {
        var search = EffectSearchOptions()
        search.particles = options.particles
        return search
    }
}

extension EffectPosterior {
    /// Particles spread over so many draws by their weights; effects divided by `scales`.
    func effects(count: Int, scales: [Double]) -> [PerturbationResponse.Effect] {
        var sums: [Double] = []
        var total = 0.0
        for weight in weights {
            total += weight
            sums.append(total)
        }
        var particle = 0
        return (0..<count).map { draw in
            let share = (Double(draw) + 0.5) / Double(count) * total
            while particle < particleCount - 1 && sums[particle] < share { particle += 1 }
            let range = particle * capacity..<particle * capacity + targetCounts[particle]
            let found = range.map { (gene: Int(targets[$0]), effect: effects[$0]) }.sorted { $0.gene < $1.gene }
            let dose = doseParameters(of: particle)
            return PerturbationResponse.Effect(
                targets: found.map(\.gene), effects: found.map { $0.effect / scales[$0.gene] },
                logHalfDose: dose.first, logSteepness: dose.count > 1 ? dose[1] : nil)
        }
    }
}
