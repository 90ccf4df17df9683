/// One treatment: a perturbation at a dose. Cells of one context are exchangeable.
public struct Context: Sendable, Hashable, Codable {
    public var perturbation: String
    /// In `doseUnit`; nil where the screen has no doses.
    public var dose: Double?
    public var doseUnit: String?
    public var isControl: Bool

    public init(perturbation: String, dose: Double? = nil, doseUnit: String? = nil, isControl: Bool = false) {
        self.perturbation = perturbation
        self.dose = dose
        self.doseUnit = doseUnit
        self.isControl = isControl
    }
}
