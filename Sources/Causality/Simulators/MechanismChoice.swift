import Probability

/// The family of a world's mechanisms.
public enum MechanismFamily: String, Sendable, Codable, CaseIterable {
    /// Weighted sums of the parents.
    case linear
    /// Smooth nonlinear functions: draws from a Gaussian process by random Fourier features.
    case randomFourier
    /// Sums of one Hill function of each parent, whose values are logarithms of concentrations: monotone, and bounded.
    case hill
}

/// The distribution of a world's noise before it is scaled.
public enum NoiseFamily: String, Sendable, Codable, CaseIterable {
    case gaussian, laplace, cauchy
}

/// How large the noise of a gene is; as YAML a range `[0.2, 2]` or the word `heteroscedastic`.
public enum NoiseScaleChoice: Sendable, Equatable {
    /// A constant drawn uniformly for each gene.
    case constant(ClosedRange<Double>)
    /// A random function of the parents: σ(x)² = log(1 + exp h(x)), h a random Fourier function of length scale 10 and
    /// output scale 2.
    case heteroscedastic
}

extension NoiseScaleChoice: Codable {
    private static let word = "heteroscedastic"

    public init(from decoder: any Decoder) throws {
        if let single = try? decoder.singleValueContainer(), let text = try? single.decode(String.self) {
            guard text == Self.word else {
                throw DecodingError.dataCorruptedError(
                    in: single, debugDescription: "a range such as [0.2, 2], or \(Self.word)")
            }
            self = .heteroscedastic
        } else {
            self = .constant(try decoder.singleValueContainer().decode(ClosedRange<Double>.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .constant(let range): try range.encode(to: encoder)
        case .heteroscedastic: try Self.word.encode(to: encoder)
        }
    }
}

/// A family of mechanisms with lists of values for its settings: every combination is equally likely, a value named twice
/// counts twice. Ranges are what each gene's own parameters are drawn from, uniformly.
///
/// As YAML `{family: linear, weights: [[1, 3]], noises: [gaussian]}` with the settings of that family only, those left out
/// at their defaults; a family's name alone stands for all defaults.
public struct MechanismChoice: Sendable, Equatable {
    public var family: MechanismFamily
    /// Absolute weights, with random signs: linear.
    public var weights: [ClosedRange<Double>] = [1...3]
    /// The distance over which functions bend: randomFourier.
    public var lengthScales: [ClosedRange<Double>] = [7...10]
    /// Their height: randomFourier; and hill, with random signs.
    public var outputScales: [ClosedRange<Double>] = [10...20]
    /// How steep they are: hill.
    public var exponents: [ClosedRange<Double>] = [0.5...3]
    /// Where they are halfway: hill.
    public var thresholds: [ClosedRange<Double>] = [-3...3]
    public var biases: [ClosedRange<Double>] = [-3...3]
    public var noises: [NoiseFamily] = [.gaussian]
    public var noiseScales: [NoiseScaleChoice] = [.constant(0.2...2)]

    public init(_ family: MechanismFamily) { self.family = family }

    public static func linear(
        weights: [ClosedRange<Double>], noises: [NoiseFamily] = [.gaussian],
        noiseScales: [NoiseScaleChoice] = [.constant(0.2...2)]
    ) -> MechanismChoice {
        var choice = MechanismChoice(.linear)
        choice.weights = weights
        choice.noises = noises
        choice.noiseScales = noiseScales
        return choice
    }

    public static func randomFourier(
        lengthScales: [ClosedRange<Double>], outputScales: [ClosedRange<Double>], noises: [NoiseFamily] = [.gaussian],
        noiseScales: [NoiseScaleChoice] = [.constant(0.2...2)]
    ) -> MechanismChoice {
        var choice = MechanismChoice(.randomFourier)
        choice.lengthScales = lengthScales
        choice.outputScales = outputScales
        choice.noises = noises
        choice.noiseScales = noiseScales
        return choice
    }

    public static func hill(
        outputScales: [ClosedRange<Double>], exponents: [ClosedRange<Double>], noises: [NoiseFamily] = [.gaussian],
        noiseScales: [NoiseScaleChoice] = [.constant(0.2...2)]
    ) -> MechanismChoice {
        var choice = MechanismChoice(.hill)
        choice.outputScales = outputScales
        choice.exponents = exponents
        choice.noises = noises
        choice.noiseScales = noiseScales
        return choice
    }

    /// How many combinations of values there are.
    public var count: Int {
        let own =
            switch family {
            case .linear: weights.count
            case .randomFourier: lengthScales.count * outputScales.count
            case .hill: outputScales.count * exponents.count * thresholds.count
            }
        return own * biases.count * noises.count * noiseScales.count
    }

    /// Whether a mechanism or its noise can be a random Fourier function.
    var hasWaves: Bool { family == .randomFourier || noiseScales.contains(.heteroscedastic) }

    /// One combination: every list of the result has one value.
    func drawn(stream: inout RandomStream) -> MechanismChoice {
        func one<Value>(_ values: [Value]) -> [Value] { [values[stream.index(below: values.count)]] }
        var result = self
        switch family {
        case .linear: result.weights = one(weights)
        case .randomFourier:
            result.lengthScales = one(lengthScales)
            result.outputScales = one(outputScales)
        case .hill:
            result.outputScales = one(outputScales)
            result.exponents = one(exponents)
            result.thresholds = one(thresholds)
        }
        result.biases = one(biases)
        result.noises = one(noises)
        result.noiseScales = one(noiseScales)
        return result
    }

    /// Throws `OPTION` where a setting is outside of what can be drawn.
    public func validate() throws(SimulationError) {
        func demand(
            _ ranges: [ClosedRange<Double>], _ name: String, within limits: ClosedRange<Double>
        ) throws(SimulationError) {
            try SimulationError.demand(!ranges.isEmpty, "mechanisms.\(name)", "at least one range", "none")
            for range in ranges { try SimulationError.demand(range, "mechanisms.\(name)", within: limits) }
        }
        switch family {
        case .linear: try demand(weights, "weights", within: -1e6...1e6)
        case .randomFourier:
            try demand(lengthScales, "lengthScales", within: 1e-6...1e6)
            try demand(outputScales, "outputScales", within: 0...1e6)
        case .hill:
            try demand(outputScales, "outputScales", within: 0...1e6)
            try demand(exponents, "exponents", within: 1e-6...1e3)
            try demand(thresholds, "thresholds", within: -1e6...1e6)
        }
        try demand(biases, "biases", within: -1e6...1e6)
        try SimulationError.demand(!noises.isEmpty, "mechanisms.noises", "at least one family", "none")
        try SimulationError.demand(!noiseScales.isEmpty, "mechanisms.noiseScales", "at least one range", "none")
        for case .constant(let range) in noiseScales {
            try SimulationError.demand(range, "mechanisms.noiseScales", within: 0...1e6)
        }
    }
}

extension MechanismChoice: Codable {
    private enum CodingKeys: String, CodingKey {
        case family, weights, lengthScales, outputScales, exponents, thresholds, biases, noises, noiseScales
    }

    public init(from decoder: any Decoder) throws {
        if let single = try? decoder.singleValueContainer(), (try? single.decode(String.self)) != nil {
            self.init(try single.decode(MechanismFamily.self))
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(try container.decode(MechanismFamily.self, forKey: .family))
        func read<Value: Decodable>(_ key: CodingKeys, _ values: inout [Value]) throws {
            values = try container.decodeIfPresent([Value].self, forKey: key) ?? values
        }
        switch family {
        case .linear: try read(.weights, &weights)
        case .randomFourier:
            try read(.lengthScales, &lengthScales)
            try read(.outputScales, &outputScales)
        case .hill:
            try read(.outputScales, &outputScales)
            try read(.exponents, &exponents)
            try read(.thresholds, &thresholds)
        }
        try read(.biases, &biases)
        try read(.noises, &noises)
        try read(.noiseScales, &noiseScales)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(family, forKey: .family)
        switch family {
        case .linear: try container.encode(weights, forKey: .weights)
        case .randomFourier:
            try container.encode(lengthScales, forKey: .lengthScales)
            try container.encode(outputScales, forKey: .outputScales)
        case .hill:
            try container.encode(outputScales, forKey: .outputScales)
            try container.encode(exponents, forKey: .exponents)
            try container.encode(thresholds, forKey: .thresholds)
        }
        try container.encode(biases, forKey: .biases)
        try container.encode(noises, forKey: .noises)
        try container.encode(noiseScales, forKey: .noiseScales)
    }
}
