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
    /// The measured perturbations of which a combination is made; nil: what the screen of the fit said, or none.
    public var parts: [String]?
    /// Cell line, time and the like, by column; what the model does not know of makes no difference.
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

    public init(_ context: Context, parts: [String]? = nil) {
        self.init(
            perturbation: context.perturbation, dose: context.dose, level: context.level, parts: parts,
            covariates: context.covariates)
    }

    /// The treatment that is asked for.
    public var context: Context {
        Context(perturbation: perturbation, dose: dose, level: level, covariates: covariates)
    }

    private enum CodingKeys: String, CodingKey { case perturbation, dose, level, features, parts, covariates }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            perturbation: try container.decode(String.self, forKey: .perturbation),
            dose: try container.decodeIfPresent(Double.self, forKey: .dose),
            level: try container.decodeIfPresent(String.self, forKey: .level),
            features: try container.decodeIfPresent([Double].self, forKey: .features),
            parts: try container.decodeIfPresent([String].self, forKey: .parts),
            covariates: try container.decodeIfPresent([String: String].self, forKey: .covariates) ?? [:])
    }
}
