import Matrices

/// Numeric descriptors of perturbations: perturbations × features.
public struct FeatureTable: Sendable, Equatable {
    public var perturbations: [String]
    public var features: [String]
    /// perturbations × features.
    public var values: Matrix<Float>

    public init(perturbations: [String], features: [String], values: Matrix<Float>) {
        precondition(
            values.rows == perturbations.count && values.columns == features.count,
            "\(values.rows) × \(values.columns) values for \(perturbations.count) × \(features.count)")
        self.perturbations = perturbations
        self.features = features
        self.values = values
    }
}
