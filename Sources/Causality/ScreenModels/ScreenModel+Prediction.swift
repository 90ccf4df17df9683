import Concurrency
import FeatureModels
import Foundation
import Interventions
import Matrices
import Probability
import Responses
import Screens
import ShiftProcesses

extension ScreenModel: PerturbationModel {
    /// Draws × genes: mean shifts in control standard deviations.
    func shifts(of drawn: [DrawnIntervention]) -> Matrix<Float> {
        ShiftSimulation(self).shifts(of: drawn)
    }

    /// What the causal model alone says of a treatment, in control standard deviations.
    func causalShifts(_ query: PerturbationQuery) throws -> DrawnShifts {
        DrawnShifts(shifts(of: try interventions(query)))
    }

    public func predict(
        _ query: PerturbationQuery, draws: Int = 200, seed: UInt64 = 0
    ) throws -> PredictedPerturbation {
        try predict([query], draws: draws, seed: seed)[0]
    }

    public func predict(
        _ queries: [PerturbationQuery], draws: Int = 200, seed: UInt64 = 0
    ) throws -> [PredictedPerturbation] {
        for query in queries {
            if let values = query.features { try checkFeatures(values, of: query.perturbation) }
        }
        let answers = try paths?.answers(
            to: queries, features: features, combinations: combinations, workers: nil)
        return try concurrentTry(queries.count) { try predict(queries[$0], answers?[$0]) }
    }

    private func predict(
        _ query: PerturbationQuery, _ answer: ShiftPaths.Answer?
    ) throws -> PredictedPerturbation {
        let drawn = try interventions(query)
        let summary = TargetSummary(drawn, genes: genes.count)
        let shares = DrawnShifts(shifts(of: drawn))
        let nearest = nearestMeasured(query)
        // Of the query's kind of cells where their controls were measured.
        let controls = paths?.direct.table.profiles[query.covariates] ?? scaling.means
        let support = try self.support(of: query)
        let factor = calibration.factor(kind(of: query))
        func unscaled(_ values: [Double]) -> [Double] { zip(values, scaling.deviations).map { $0 * $1 } }
        let blends = genes.indices.map { gene in
            shares.blend(gene, answer: answer, deviation: scaling.deviations[gene])
        }
        // Nothing was given: nothing happens, whatever like treatments did.
        let isNothing = query.dose == 0
        let shift = isNothing ? genes.map { _ in 0 } : unscaled(blends.map { $0.mean(factor.weights) })
        let width =
            isNothing
            ? genes.map { _ in 0 }
            : unscaled(blends.map { calibration.halfWidth($0, factor) })
        let causal = unscaled(shares.means.map { $0 * factor.weights.causal })
        let curves = drawn.compactMap { one in one.logHalfDose.map { (half: $0, slope: one.logSteepness ?? 0) } }
        return PredictedPerturbation(
            perturbation: query.perturbation, dose: query.dose, genes: genes, controlMean: controls,
            predictedMean: zip(controls, shift).map { $0 + $1 }, shift: shift,
            lower: zip(shift, width).map { $0 - $1 }, upper: zip(shift, width).map { $0 + $1 },
            targetProbability: summary.probabilities, interventionLocation: unscaled(summary.locations),
            interventionScale: summary.scales,
            directEffect: unscaled(summary.expected), causalWeight: factor.weights.causal,
            residual: zip(shift, causal).map { $0 - $1 },
            halfEffectiveDose: curves.isEmpty ? nil : exp(curves.reduce(0) { $0 + $1.half } / Double(curves.count)),
            hillSlope: curves.isEmpty ? nil : exp(curves.reduce(0) { $0 + $1.slope } / Double(curves.count)),
            isMeasured: query.features == nil, featureDistance: support?.distance,
            nearestPerturbation: nearest.first?.perturbation,
            distanceName: inverse.map {
                $0.space.isBinary ? "1 − Tanimoto similarity" : "Euclidean, standardised features"
            },
            isOutOfSupport: support?.isFar ?? false)
    }

    /// nil for measured perturbations and without features.
    private func support(of query: PerturbationQuery) throws -> FeatureDistance? {
        guard let values = query.features, let space = inverse?.space else { return nil }
        return try space.distances(
            of: [query.perturbation], features: Matrix(rows: 1, columns: values.count, values: values))[0]
    }

    public func nearestMeasured(_ query: PerturbationQuery) -> [(perturbation: String, distance: Double)] {
        guard let space = inverse?.space else { return [] }
        let own = space.perturbations.firstIndex(of: query.perturbation)
        guard let values = query.features ?? own.map({ space.row($0) }), values.count == space.features.count else {
            return []
        }
        let row = Matrix(rows: 1, columns: values.count, values: values)
        return zip(space.perturbations, space.distancesToMeasured(row))
            .filter { query.features != nil || $0.0 != query.perturbation }
            .map { (perturbation: $0.0, distance: $0.1) }
            .sorted { ($0.distance, $0.perturbation) < ($1.distance, $1.perturbation) }
    }

    /// What is new about a query.
    func kind(of query: PerturbationQuery) -> ShiftCalibration.Kind {
        if query.features != nil { return .perturbation }
        let own = contexts.filter { $0.perturbation == query.perturbation }
        if own.isEmpty { return partNames(of: query).count > 1 ? .combination : .stratum }
        let alike = query.covariates.isEmpty ? own : own.filter { $0.covariates == query.covariates }
        if alike.isEmpty { return .stratum }
        return alike.contains { $0.dose == query.dose } ? .measured : .dose
    }
}

/// Means and central intervals of draws of shifts.
struct DrawnShifts: Sendable {
    let means: [Double]
    /// How far the central 90 % interval of the draws reaches from their mean, to the farther side.
    let halfWidths: [Double]

    init(_ shifts: Matrix<Float>) {
        let means = (0..<shifts.columns).map { gene in
            (0..<shifts.rows).reduce(0.0) { $0 + Double(shifts[$1, gene]) } / Double(max(1, shifts.rows))
        }
        halfWidths = (0..<shifts.columns).map { gene in
            let bounds = quantiles(of: shifts.column(gene), at: [0.05, 0.95])
            return max(bounds[1] - means[gene], means[gene] - bounds[0])
        }
        self.means = means
    }

    /// Of a model that says nothing.
    init(nothingOf genes: Int) {
        means = Array(repeating: 0, count: genes)
        halfWidths = means
    }

    /// Together with what like treatments say, in control standard deviations.
    func blend(_ gene: Int, answer: ShiftPaths.Answer?, deviation: Double) -> ShiftCalibration.Blend {
        let residual = (answer?.residual.mean[gene] ?? 0) / deviation
        return ShiftCalibration.Blend(
            causal: means[gene], causalHalfWidth: halfWidths[gene], residual: residual,
            residualDeviation: (answer?.residual.variance[gene] ?? 0).squareRoot() / deviation,
            direct: answer.map { $0.direct.mean[gene] / deviation } ?? means[gene],
            directDeviation: (answer?.direct.variance[gene] ?? 0).squareRoot() / deviation)
    }
}
