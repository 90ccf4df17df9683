/// A numeric array of a model with its name and shape, for the model's file; numbers in single precision.
public struct FeatureArray: Sendable, Equatable {
    public let name: String
    public let shape: [Int]
    public let values: [Float]

    public init(name: String, shape: [Int], values: [Float]) {
        precondition(shape.reduce(1, *) == values.count, "\(name): \(shape) expected, \(values.count) values given")
        self.name = name
        self.shape = shape
        self.values = values
    }

    init(_ name: String, _ shape: [Int], _ values: [Double]) {
        self.init(name: name, shape: shape, values: values.map { Float($0) })
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

/// A model on disk: what is said in words and single numbers, and arrays. What is restored predicts the same bytes.
extension InverseFeatureModel {
    public struct Description: Codable, Sendable {
        let genes: Int
        let space: FeatureSpace
        let kernel: EffectKernel
        let prior: EffectPrior
        let coordinates: EffectCoordinates
        let temper: Double
        let logEvidence: Double
        let isConverged: Bool
        /// Positions of the targets of each measured perturbation.
        let targets: [[Int]]
    }

    public var description: Description {
        var space = space
        space.values = []
        return Description(
            genes: genes, space: space, kernel: kernel, prior: prior, coordinates: coordinates, temper: temper,
            logEvidence: logEvidence, isConverged: isConverged, targets: measured.map(\.targets))
    }

    /// Candidates of all measured perturbations one after the other.
    public var arrays: [FeatureArray] {
        let counts = measured.map { Double($0.candidateCount) }
        func joined(_ name: String, _ values: (MeasuredEffects) -> [Double]) -> FeatureArray {
            let all = measured.flatMap(values)
            return FeatureArray(name, [all.count], all)
        }
        return [
            FeatureArray("features", [space.perturbations.count, space.features.count], space.values),
            FeatureArray("candidate_counts", [counts.count], counts),
            joined("candidate_probabilities", \.probabilities), joined("candidate_effects", \.effects),
            joined("candidate_dose_parameters", \.doseParameters),
        ]
    }

    /// - Throws: `FeatureModelError` (`COUNT`, `EFFECTS`, `NONFINITE`) for arrays that are not those of the description.
    public init(_ description: Description, arrays: [FeatureArray]) throws(FeatureModelError) {
        func values(_ name: String) throws(FeatureModelError) -> [Double] {
            guard let array = arrays.first(where: { $0.name == name }), array.values.allSatisfy(\.isFinite) else {
                throw FeatureModelError(
                    code: "COUNT", element: name, message: "an array \(name) of finite numbers expected, found none",
                    remedy: "give all arrays that the model was saved with")
            }
            return array.values.map(Double.init)
        }
        var description = description
        var space = description.space
        space.values = try values("features")
        guard space.values.count == space.perturbations.count * space.features.count else {
            throw FeatureModelError(
                code: "COUNT", element: "features",
                message: "\(space.perturbations.count) × \(space.features.count) features expected, found "
                    + "\(space.values.count)",
                remedy: "give all arrays that the model was saved with")
        }
        description = Description(
            genes: description.genes, space: space, kernel: description.kernel, prior: description.prior,
            coordinates: description.coordinates, temper: description.temper, logEvidence: description.logEvidence,
            isConverged: description.isConverged, targets: description.targets)
        let counts = try values("candidate_counts")
        var probabilities = try values("candidate_probabilities")[...]
        var effects = try values("candidate_effects")[...]
        var dose = try values("candidate_dose_parameters")[...]
        let doseCount = description.prior.doseCount
        var measured: [MeasuredEffects] = []
        for (k, targets) in description.targets.enumerated() {
            let count = k < counts.count && (0...1e7).contains(counts[k]) ? Int(counts[k]) : 0
            let next = MeasuredEffects(
                name: k < space.perturbations.count ? space.perturbations[k] : "", targets: targets,
                effects: Array(effects.prefix(count * targets.count)),
                doseParameters: Array(dose.prefix(count * doseCount)), probabilities: Array(probabilities.prefix(count))
            )
            try next.check(genes: description.genes, doseCount: doseCount)
            measured.append(next)
            effects = effects.dropFirst(count * targets.count)
            dose = dose.dropFirst(count * doseCount)
            probabilities = probabilities.dropFirst(count)
        }
        guard counts.count == measured.count, measured.map(\.name) == space.perturbations, effects.isEmpty,
            dose.isEmpty, probabilities.isEmpty
        else {
            throw FeatureModelError(
                code: "COUNT", element: "candidate_counts",
                message: "candidates of \(space.perturbations.count) perturbations expected, found others",
                remedy: "give all arrays that the model was saved with")
        }
        self.init(description, measured: measured)
    }
}
