/// One treatment: a perturbation at a dose, in cells of one kind. Cells of one context are exchangeable.
public struct Context: Sendable, Hashable, Codable {
    public var perturbation: String
    /// In `doseUnit`; nil where the screen has no doses.
    public var dose: Double?
    public var doseUnit: String?
    /// The name of the dose's level, such as `High`, where doses of different perturbations are comparable by it and not
    /// by their amounts; nil where a screen is read without levels.
    public var level: String?
    public var isControl: Bool
    /// What else tells cells apart, by column: cell line, time, batch. Empty unless a screen is read with covariates.
    public var covariates: [String: String]

    public init(
        perturbation: String, dose: Double? = nil, doseUnit: String? = nil, level: String? = nil,
        isControl: Bool = false, covariates: [String: String] = [:]
    ) {
        self.perturbation = perturbation
        self.dose = dose
        self.doseUnit = doseUnit
        self.level = level
        self.isControl = isControl
        self.covariates = covariates
    }

    private enum Key: String, CodingKey {
        case perturbation, dose, doseUnit, level, isControl, covariates
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        perturbation = try container.decode(String.self, forKey: .perturbation)
        dose = try container.decodeIfPresent(Double.self, forKey: .dose)
        doseUnit = try container.decodeIfPresent(String.self, forKey: .doseUnit)
        level = try container.decodeIfPresent(String.self, forKey: .level)
        isControl = try container.decode(Bool.self, forKey: .isControl)
        covariates = try container.decodeIfPresent([String: String].self, forKey: .covariates) ?? [:]
    }

    /// Covariates are left out where there are none.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(perturbation, forKey: .perturbation)
        try container.encodeIfPresent(dose, forKey: .dose)
        try container.encodeIfPresent(doseUnit, forKey: .doseUnit)
        try container.encodeIfPresent(level, forKey: .level)
        try container.encode(isControl, forKey: .isControl)
        if !covariates.isEmpty { try container.encode(covariates, forKey: .covariates) }
    }

    /// The covariates' values in the order of their names.
    public var covariateValues: [String] { covariates.sorted { $0.key < $1.key }.map(\.value) }
}
