/// A numeric array of a model with its name and shape, for the model's file; numbers in single precision.
public struct FeatureArray: Sendable, Equatable {
    public let name: String
    public let shape: [Int]
    public let values: [Float]

    init(_ name: String, _ shape: [Int], _ values: [Double]) {
        precondition(shape.reduce(1, *) == values.count, "\(name): \(shape) expected, \(values.count) values given")
        self.name = name
        self.shape = shape
        self.values = values.map { Float($0) }
    }
}

extension EffectPosterior {
    /// The particles as flat arrays.
    public var arrays: [FeatureArray] {
        [
            FeatureArray("weights", [particleCount], weights),
            FeatureArray("target_counts", [particleCount], targetCounts.map(Double.init)),
            FeatureArray("targets", [particleCount, capacity], targets.map(Double.init)),
            FeatureArray("effects", [particleCount, capacity], effects),
            FeatureArray("dose_parameters", [particleCount, doseCount], doseParameters),
        ]
    }
}
