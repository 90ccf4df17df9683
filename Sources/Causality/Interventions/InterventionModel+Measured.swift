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
            perturbations: encoding.perturbations, features: encoding.features,
            values: Matrix(
                rows: encoding.perturbations.count, columns: encoding.features.count,
                values: encoding.measured.map { Float($0) }
            ))
    }
}
