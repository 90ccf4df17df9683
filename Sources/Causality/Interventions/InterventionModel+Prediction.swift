import Foundation
import Matrices
import Probability
import Screens

/// A question to the model: a perturbation at a dose.
public struct PerturbationQuery: Codable, Sendable, Equatable {
    public var perturbation: String
    /// In the unit of the screen; nil where the screen has no doses.
    public var dose: Double?
    /// The name of the dose's level, where doses are comparable by it.
    public var level: String?
    /// In the order of the model's features; nil: those that a measured perturbation had.
    public var features: [Double]?
    /// The single perturbations of a combination; nil for a single one, and for a combination of the screen, whose parts
    /// the model knows.
    public var parts: [String]?
    /// What else tells the cells apart, by column: cell line, time, batch. Empty: the usual mixture.
    public var covariates: [String: String]

    public init(
        perturbation: String, dose: Double? = nil, level: String? = nil, features: [Double]? = nil,
        parts: [String]? = nil, covariates: [String: String] = [:]
    ) {
        self.perturbation = perturbation
        self.dose = dose
        self.level = level
        self.features = features
        self.parts = parts
        self.covariates = covariates
    }
}

extension InterventionModel {
    /// The interventions that one member expects.
    struct Expectation {
        /// In control standard deviations.
        var locations: [Double]
        var scales: [Double]
        var probabilities: [Double]
        var curve: (ec50: Double, slope: Double)?
    }

    /// - Throws: `InterventionError` for an unseen perturbation without features, features of the wrong length, or a dose
    ///   that is missing where the model needs one.
    func expectations(_ query: PerturbationQuery) throws -> [Expectation] {
        var input = try encoding.encoded(query.perturbation, features: query.features)
        let needsDose = map.hill != nil || freeDose != nil
        guard !needsDose || query.dose.map({ $0 >= 0 && $0.isFinite }) == true else {
            throw InterventionError(
                code: "DOSE", element: query.perturbation,
                message: "a dose of 0 or more expected, found \(query.dose.map { "\($0)" } ?? "none")",
                remedy: "give the dose at which to predict, in the unit of the screen")
        }
        if let freeDose { input.append(freeDose.value(query.dose ?? 0) * encoding.variance.squareRoot()) }
        let isNothing = query.dose == 0
        let known = knownTargets[query.perturbation].map { names in genes.map(names.contains) }
        let logDose: Double? =
            isNothing ? -.infinity : (map.hill == nil ? nil : query.dose.map { log($0) })
        return members.map { member in
            let (interventions, trace) = map.forward(
                member.map, inputs: input,
                queries: [.init(input: 0, logDose: logDose, known: known, isControl: false)])
            return Expectation(
                locations: interventions.locations, scales: interventions.logScales.map { exp($0) },
                probabilities: interventions.targetLogits.map(LinearLikelihood.sigmoid),
                curve: map.hillCurves(trace)?.first)
        }
    }

    /// Total effects T = (I − B)⁻¹ of an acyclic graph: T[i, j] is what a unit at i does to j along all paths.
    static func totalEffects(_ effects: [Double], genes d: Int) -> [Double] {
        let ordered = OrderedEffects(matrix: effects, genes: d)
        return (0..<d).flatMap { i in ordered.total(of: (0..<d).map { $0 == i ? 1 : 0 }) }
    }

    /// Mean of x − control mean when `targets` are intervened on, in control standard deviations.
    func meanShift(
        effects: OrderedEffects, intercepts: [Double], expectation: Expectation, targets: [Double]
    ) -> [Double] {
        let d = genes.count
        switch options.intervention {
        case .shift:
            return effects.total(of: (0..<d).map { targets[$0] * expectation.locations[$0] })
        case .hard:
            // Targets are 0/1 here.
            let fixed = targets.map { $0 > 0.5 }
            let moved = effects.total(
                of: (0..<d).map { fixed[$0] ? expectation.locations[$0] : intercepts[$0] }, fixed: fixed)
            return zip(moved, effects.total(of: intercepts)).map { $0 - $1 }
        }
    }

    /// The prediction for one perturbation at one dose.
    ///
    /// Means come from the members' final graphs: exactly where interventions shift, from `draws` draws of the targets
    /// where they are hard. Intervals come from `draws` draws of member, graph and targets; the sampled quantile has a
    /// Monte-Carlo error that falls with their root.
    public func predict(
        _ query: PerturbationQuery, draws: Int = 200, seed: UInt64 = 0
    ) throws -> PredictedPerturbation {
        precondition(draws >= 2, "at least 2 draws, not \(draws)")
        let d = genes.count
        let expectations = try expectations(query)
        let count = Double(members.count)
        var random = RandomStream(seed: seed).stream("prediction").stream(query.perturbation)
            .stream("\(query.dose ?? -1)")
        var shift = [Double](repeating: 0, count: d)
        var direct = shift
        var probability = shift
        var location = shift
        var scale = shift
        var sampled = [[Double]](repeating: [], count: d)
        for (member, expectation) in zip(members, expectations) {
            let final = OrderedEffects(matrix: zip(member.graph, member.effects).map { $0 * $1 }, genes: d)
            let graphs = GraphDraws(member, genes: d)
            let isShift = options.intervention == .shift
            if isShift {
                let mean = meanShift(
                    effects: final, intercepts: member.intercepts, expectation: expectation,
                    targets: expectation.probabilities)
                for j in 0..<d { shift[j] += mean[j] / count }
            }
            let share = max(2, draws / members.count)
            for _ in 0..<share {
                let targets = expectation.probabilities.map { random.bernoulli($0) ? 1.0 : 0.0 }
                let one = meanShift(
                    effects: graphs.draw(&random), intercepts: member.intercepts, expectation: expectation,
                    targets: targets)
                for j in 0..<d { sampled[j].append(one[j]) }
                if !isShift {
                    let mean = meanShift(
                        effects: final, intercepts: member.intercepts, expectation: expectation, targets: targets)
                    for j in 0..<d { shift[j] += mean[j] / (count * Double(share)) }
                }
            }
            for j in 0..<d {
                probability[j] += expectation.probabilities[j] / count
                location[j] += expectation.locations[j] / count
                scale[j] += expectation.scales[j] / count
                direct[j] += expectation.probabilities[j] * expectation.locations[j] / count
            }
        }
        let place = perturbations.firstIndex(of: query.perturbation)
        let isMeasured = place != nil && query.features == nil
        let nearest = nearestMeasured(query)
        let curves = expectations.compactMap(\.curve)
        func unscaled(_ values: [Double]) -> [Double] { zip(values, scaling.deviations).map { $0 * $1 } }
        let shifts = unscaled(shift)
        let bounds = sampled.map { Self.quantiles($0, 0.05, 0.95) }
        return PredictedPerturbation(
            perturbation: query.perturbation, dose: query.dose, genes: genes, controlMean: scaling.means,
            predictedMean: zip(scaling.means, shifts).map { $0 + $1 }, shift: shifts,
            lower: unscaled(bounds.map(\.0)), upper: unscaled(bounds.map(\.1)), targetProbability: probability,
            interventionLocation: unscaled(location),
            interventionScale: options.intervention == .hard ? unscaled(scale) : scale,
            directEffect: unscaled(direct), residual: genes.map { _ in 0 },
            halfEffectiveDose: curves.isEmpty
                ? nil : exp(curves.reduce(0) { $0 + log($1.ec50) } / Double(curves.count)),
            hillSlope: curves.isEmpty ? nil : curves.reduce(0) { $0 + $1.slope } / Double(curves.count),
            isMeasured: isMeasured,
            featureDistance: isMeasured ? (canPredictUnseen ? 0 : nil) : nearest.first?.distance,
            nearestPerturbation: nearest.first?.perturbation,
            distanceName: canPredictUnseen ? encoding.distanceName : nil,
            isOutOfSupport: !isMeasured && (nearest.first?.distance ?? 0) > encoding.supportRadius)
    }

    /// Measured perturbations by rising distance of their features, the perturbation itself left out.
    public func nearestMeasured(_ query: PerturbationQuery) -> [(perturbation: String, distance: Double)] {
        guard canPredictUnseen else { return [] }
        let p = features.count
        let own = perturbations.firstIndex(of: query.perturbation).map {
            Array(encoding.measured[$0 * p..<($0 + 1) * p])
        }
        guard let values = query.features ?? own, values.count == p else { return [] }
        return encoding.nearest(to: values, without: query.features == nil ? query.perturbation : nil)
    }

    /// Cells of a perturbation, drawn from the predictive distribution by ancestral sampling: each cell has its own member,
    /// graph and targets. Values are in the scale of the screen; nothing is clipped at 0.
    public func sampleCells(
        _ query: PerturbationQuery, count: Int, seed: UInt64 = 0
    ) throws -> Matrix<Float> {
        try sampleCells(
            expectations(query), count: count, stream: "cells/\(query.perturbation)/\(query.dose ?? -1)", seed)
    }

    /// Control cells as the model generates them.
    public func sampleControls(count: Int, seed: UInt64 = 0) -> Matrix<Float> {
        let nothing = [Double](repeating: 0, count: genes.count)
        let idle = Expectation(locations: nothing, scales: nothing, probabilities: nothing, curve: nil)
        return sampleCells(members.map { _ in idle }, count: count, stream: "controls", seed)
    }

    private func sampleCells(
        _ expectations: [Expectation], count: Int, stream: String, _ seed: UInt64
    ) -> Matrix<Float> {
        let d = genes.count
        var random = RandomStream(seed: seed).stream(stream)
        let graphs = count == 0 ? [] : members.map { GraphDraws($0, genes: d) }
        var result = Matrix<Float>(rows: count, columns: d)
        for cell in 0..<count {
            let which = random.index(below: members.count)
            let (member, expectation) = (members[which], expectations[which])
            let effects = graphs[which].draw(&random)
            var x = [Double](repeating: 0, count: d)
            for j in effects.order {
                let isTarget = random.bernoulli(expectation.probabilities[j])
                let noise = random.normal()
                if isTarget && options.intervention == .hard {
                    x[j] = expectation.locations[j] + expectation.scales[j] * noise
                    continue
                }
                let mean = effects.value(j, push: member.intercepts[j], from: x)
                let deviation = exp(member.logDeviations[j])
                x[j] =
                    isTarget
                    ? mean + expectation.locations[j] + deviation * expectation.scales[j] * noise
                    : mean + deviation * noise
            }
            for j in 0..<d { result[cell, j] = Float(scaling.means[j] + scaling.deviations[j] * x[j]) }
        }
        return result
    }

    /// Two quantiles, each linear between order statistics (Hyndman & Fan 1996, type 7).
    static func quantiles(_ values: [Double], _ first: Double, _ second: Double) -> (Double, Double) {
        let sorted = values.sorted()
        func quantile(_ q: Double) -> Double {
            let position = q * Double(sorted.count - 1)
            let below = Int(position)
            let above = min(below + 1, sorted.count - 1)
            return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
        }
        return (quantile(first), quantile(second))
    }
}
