import Matrices
import Screens

/// What the model was made of, for what is judged beside it.
extension InterventionModel {
    /// The treatments of the fit with the measured shifts of all genes against control, in the scale of the screen.
    public var measured: [(context: Context, shift: [Double])] {
        let d = genes.count
        return contexts.indices.map { (contexts[$0], Array(measuredShifts[$0 * d..<($0 + 1) * d])) }
    }

    /// Features of the measured perturbations as they were given; nil where none were.
    public var measuredFeatures: FeatureTable? {
        guard !encoding.features.isEmpty else { return nil }
        return FeatureTable(
            perturbations: perturbations, features: encoding.features,
            values: Matrix(
                rows: perturbations.count, columns: encoding.features.count, values: encoding.measured.map { Float($0) }
            ))
    }

    /// The question for a treatment: measured ones by name, combinations by their parts, others by their features; nil
    /// where none is known.
    ///
    /// - Parameter extra: Combinations that the fit has not seen, by name.
    public func query(
        for context: Context, features table: FeatureTable?, combinations extra: [String: [String]] = [:]
    ) -> PerturbationQuery? {
        var query = PerturbationQuery(
            perturbation: context.perturbation, dose: context.dose, covariates: context.covariates)
        let known = Set(perturbations)
        if known.contains(context.perturbation) || combinations[context.perturbation] != nil { return query }
        if let parts = extra[context.perturbation], !parts.isEmpty, parts.allSatisfy(known.contains) {
            query.parts = parts
            return query
        }
        guard canPredictUnseen, let table, let row = table.perturbations.firstIndex(of: context.perturbation) else {
            return nil
        }
        query.features = table.values.row(row).map(Double.init)
        return query
    }
}
