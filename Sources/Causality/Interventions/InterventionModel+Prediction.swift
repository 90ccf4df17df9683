import Foundation
import Matrices
import Probability
import Screens

extension InterventionModel {
    /// The interventions that one member expects.
    struct Expectation {
        /// In control standard deviations.
        var locations: [Double]
        var scales: [Double]
        var probabilities: [Double]
        var curve: (ec50: Double, slope: Double)?
    }

    /// - Throws: `InterventionError` for an unseen perturbation without features, features of the wrong length, a part of a
    ///   combination that was not measured, or a dose that is missing where the model needs one.
    func expectations(_ query: PerturbationQuery) throws -> [Expectation] {
        let needsDose = map.hill != nil || freeDose != nil
        guard !needsDose || query.dose.map({ $0 >= 0 && $0.isFinite }) == true else {
            throw InterventionError(
                code: "DOSE", element: query.perturbation,
                message: "a dose of 0 or more expected, found \(query.dose.map { "\($0)" } ?? "none")",
                remedy: "give the dose at which to predict, in the unit of the screen")
        }
        let names = parts(of: query)
        var inputs: [Double] = []
        var parts: [InterventionMap.Part] = []
        for name in names {
            inputs += try input(name, query, isPart: names.count > 1)
            parts.append(
                .init(input: parts.count, known: knownTargets[name].map { names in genes.map(names.contains) }))
        }
        let logDose: Double? =
            query.dose == 0 ? -.infinity : (map.hill == nil ? nil : query.dose.map { log($0) })
        return members.map { member in
            let (interventions, trace) = map.forward(
                member.map, inputs: inputs, queries: [.init(parts: parts, logDose: logDose)])
            return Expectation(
                locations: interventions.locations, scales: interventions.logScales.map { exp($0) },
                probabilities: interventions.targetLogits.map(sigmoid),
                curve: parts.count == 1 ? map.hillCurves(trace)?.first : nil)
        }
    }

    /// The single perturbations of a query: more than one where it is a combination.
    func parts(of query: PerturbationQuery) -> [String] {
        if let parts = query.parts, !parts.isEmpty { return parts }
        if query.features == nil, let parts = combinations[query.perturbation] { return parts }
        return [query.perturbation]
    }

    private func input(_ name: String, _ query: PerturbationQuery, isPart: Bool) throws -> [Double] {
        guard !isPart || encoding.perturbations.contains(name) else {
            throw InterventionError(
                code: "UNSEEN_PART", element: name,
                message: "one of the \(encoding.perturbations.count) known perturbations expected as a part of "
                    + "\(query.perturbation), found \(name)",
                remedy: "combine perturbations that were measured, alone or with others")
        }
        let scale = encoding.variance.squareRoot()
        return try encoding.encoded(name, features: isPart ? nil : query.features)
            + (freeDose.map { [$0.value(query.dose ?? 0) * scale] } ?? [])
            + covariates.inputs(query.covariates, scale: scale)
    }

    /// Total effects T = (I − B)⁻¹ of an acyclic graph: T[i, j] is what a unit at i does to j along all paths.
    static func totalEffects(_ effects: [Double], genes d: Int) -> [Double] {
        let ordered = OrderedEffects(matrix: effects, genes: d)
        return (0..<d).flatMap { i in ordered.total(of: (0..<d).map { $0 == i ? 1 : 0 }) }
    }

    /// A member's mechanisms on a graph, its final one or one that was drawn.
    func drawn(_ member: Member, _ effects: OrderedEffects, _ covariates: [String: String]) -> DrawnMechanisms {
        DrawnMechanisms(
            effects, member.mechanisms, levels: self.covariates.places(of: covariates), kind: options.intervention)
    }

    /// Mean of the controls with the query's covariates where they were measured, else of all.
    func controlMean(_ covariates: [String: String]) -> [Double] {
        strata.first { stratum in
            !stratum.covariates.isEmpty && stratum.covariates.allSatisfy { covariates[$0.key] == $0.value }
        }?.means ?? scaling.means
    }

    /// Noise draws, each with its opposite, behind one mean shift where mechanisms are not linear.
    static let noiseDraws = 8

    /// The prediction for one perturbation at one dose.
    ///
    /// Means come from the members' final graphs: exactly where interventions shift linear mechanisms, else from `draws`
    /// draws of the targets, and of the cells' noise where mechanisms are not linear. Intervals come from `draws` draws of
    /// member, graph and targets; the sampled quantile has a Monte-Carlo error that falls with their root.
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
        let isExact = options.intervention == .shift && options.mechanisms == .linear
        for (member, expectation) in zip(members, expectations) {
            let final = drawn(member, member.finalEffects, query.covariates)
            let graphs = GraphDraws(member, genes: d)
            if isExact {
                let mean = final.meanShift(expectation, targets: expectation.probabilities, noise: [])
                for j in 0..<d { shift[j] += mean[j] / count }
            }
            let share = max(2, draws / members.count)
            for _ in 0..<share {
                let targets = expectation.probabilities.map { random.bernoulli($0) ? 1.0 : 0.0 }
                let graph = drawn(member, graphs.draw(&random), query.covariates)
                let noise = final.noise(Self.noiseDraws, &random)
                let one = graph.meanShift(expectation, targets: targets, noise: noise)
                for j in 0..<d { sampled[j].append(one[j]) }
                if !isExact {
                    let mean = final.meanShift(expectation, targets: targets, noise: noise)
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
        let isMeasured = query.features == nil && contexts.contains { $0.perturbation == query.perturbation }
        let control = controlMean(query.covariates)
        let nearest = nearestMeasured(query)
        let curves = expectations.compactMap(\.curve)
        func unscaled(_ values: [Double]) -> [Double] { zip(values, scaling.deviations).map { $0 * $1 } }
        let shifts = unscaled(shift)
        let bounds = sampled.map { Self.quantiles($0, 0.05, 0.95) }
        return PredictedPerturbation(
            perturbation: query.perturbation, dose: query.dose, genes: genes, controlMean: control,
            predictedMean: zip(control, shifts).map { $0 + $1 }, shift: shifts,
            lower: unscaled(bounds.map(\.0)), upper: unscaled(bounds.map(\.1)), targetProbability: probability,
            interventionLocation: unscaled(location),
            interventionScale: options.intervention == .hard ? unscaled(scale) : scale,
            directEffect: unscaled(direct), causalWeight: 1, residual: genes.map { _ in 0 },
            halfEffectiveDose: curves.isEmpty
                ? nil : exp(curves.reduce(0) { $0 + log($1.ec50) } / Double(curves.count)),
            hillSlope: curves.isEmpty ? nil : curves.reduce(0) { $0 + $1.slope } / Double(curves.count),
            isMeasured: isMeasured,
            featureDistance: canPredictUnseen && (isMeasured || parts(of: query).count > 1)
                ? 0 : nearest.first?.distance,
            nearestPerturbation: nearest.first?.perturbation,
            distanceName: canPredictUnseen ? encoding.distanceName : nil,
            isOutOfSupport: !isMeasured && (nearest.first?.distance ?? 0) > encoding.supportRadius)
    }

    /// Measured perturbations by rising distance of their features, the perturbation itself left out; none for a
    /// combination, of which all parts were measured.
    public func nearestMeasured(_ query: PerturbationQuery) -> [(perturbation: String, distance: Double)] {
        guard canPredictUnseen else { return [] }
        let p = features.count
        if parts(of: query).count > 1 { return [] }
        let own = encoding.perturbations.firstIndex(of: query.perturbation).map {
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
            expectations(query), query.covariates, count: count,
            stream: "cells/\(query.perturbation)/\(query.dose ?? -1)", seed)
    }

    /// Control cells as the model generates them.
    public func sampleControls(count: Int, seed: UInt64 = 0) -> Matrix<Float> {
        sampleControls(count: count, covariates: [:], seed: seed)
    }

    /// The same of one cell line, time and the like.
    public func sampleControls(count: Int, covariates: [String: String], seed: UInt64 = 0) -> Matrix<Float> {
        let nothing = [Double](repeating: 0, count: genes.count)
        let idle = Expectation(locations: nothing, scales: nothing, probabilities: nothing, curve: nil)
        return sampleCells(members.map { _ in idle }, covariates, count: count, stream: "controls", seed)
    }

    private func sampleCells(
        _ expectations: [Expectation], _ covariates: [String: String], count: Int, stream: String, _ seed: UInt64
    ) -> Matrix<Float> {
        let d = genes.count
        var random = RandomStream(seed: seed).stream(stream)
        let graphs = count == 0 ? [] : members.map { GraphDraws($0, genes: d) }
        let origin = isCentredByStratum ? controlMean(covariates) : scaling.means
        var result = Matrix<Float>(rows: count, columns: d)
        for cell in 0..<count {
            let which = random.index(below: members.count)
            let expectation = expectations[which]
            let mechanisms = drawn(members[which], graphs[which].draw(&random), covariates)
            var x = [Double](repeating: 0, count: d)
            for j in mechanisms.effects.order {
                let isTarget = random.bernoulli(expectation.probabilities[j])
                x[j] = mechanisms.value(j, of: x, expectation, isTarget: isTarget, noise: random.normal())
            }
            for j in 0..<d { result[cell, j] = Float(origin[j] + scaling.deviations[j] * x[j]) }
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
