import FeatureModels
import Foundation
import Interventions
import Matrices
import Probability
import Responses

extension ScreenModel: PerturbationModel {
    public func predict(
        _ query: PerturbationQuery, draws: Int = 200, seed: UInt64 = 0
    ) throws -> PredictedPerturbation {
        precondition(draws >= 2, "at least 2 draws, not \(draws)")
        let drawn = try interventions(query)
        let summary = TargetSummary(drawn, genes: genes.count)
        let shares = DrawnShifts(ShiftSimulation(self).shifts(of: drawn))
        let nearest = nearestMeasured(query)
        let isMeasured = query.features == nil
        let support = try self.support(of: query)
        let kind = self.kind(of: query)
        let half = shares.halfWidths.map { calibration.halfWidth($0, kind) }
        func unscaled(_ values: [Double]) -> [Double] { zip(values, scaling.deviations).map { $0 * $1 } }
        let shift = unscaled(shares.means)
        let width = unscaled(half)
        let curves = drawn.compactMap { one in one.logHalfDose.map { (half: $0, slope: one.logSteepness ?? 0) } }
        return PredictedPerturbation(
            perturbation: query.perturbation, dose: query.dose, genes: genes, controlMean: scaling.means,
            predictedMean: zip(scaling.means, shift).map { $0 + $1 }, shift: shift,
            lower: zip(shift, width).map { $0 - $1 }, upper: zip(shift, width).map { $0 + $1 },
            targetProbability: summary.probabilities, interventionLocation: unscaled(summary.locations),
            interventionScale: summary.scales, directEffect: unscaled(summary.expected),
            halfEffectiveDose: curves.isEmpty ? nil : exp(curves.reduce(0) { $0 + $1.half } / Double(curves.count)),
            hillSlope: curves.isEmpty ? nil : exp(curves.reduce(0) { $0 + $1.slope } / Double(curves.count)),
            isMeasured: isMeasured, featureDistance: support?.distance,
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
        let same = contexts.contains { $0.perturbation == query.perturbation && $0.dose == query.dose }
        return same ? .measured : .dose
    }
}

/// Means and central intervals of draws of shifts.
struct DrawnShifts {
    let means: [Double]
    /// Half of the central 90 % interval of the draws.
    let halfWidths: [Double]

    init(_ shifts: Matrix<Float>) {
        means = (0..<shifts.columns).map { gene in
            (0..<shifts.rows).reduce(0.0) { $0 + Double(shifts[$1, gene]) } / Double(max(1, shifts.rows))
        }
        halfWidths = (0..<shifts.columns).map { gene in
            let bounds = quantiles(of: shifts.column(gene), at: [0.05, 0.95])
            return Double(bounds[1] - bounds[0]) / 2
        }
    }
}
