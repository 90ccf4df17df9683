/// Where a matrix says who was perturbed by what. What is nil is looked for by its usual names.
public struct ScreenOptions: Codable, Sendable, Equatable {
    /// The obs column of perturbations, such as `perturbation`, `condition`, `drug`, `treatment`, `guide_id`.
    public var perturbationColumn: String?
    /// Labels of that column that are controls, such as `DMSO`. Wins over `controlColumn`.
    public var controlLabels: [String]?
    /// The obs column that is true for control cells, such as `is_control`.
    public var controlColumn: String?
    /// False for data to be compared with predictions, which may hold no controls.
    public var requireControls = true
    /// Obs columns whose equal values share controls, such as `drug`, `plate`, `batch` or `donor`: every cell is compared
    /// with the controls that agree with it in all of them, and its values are centred on them. nil compares with the
    /// controls of the same `covariates` and leaves values as they are; an empty list compares with all controls.
    public var matchControlsBy: [String]?
    /// The obs column of doses, such as `dose` or `dose_value`.
    public var doseColumn: String?
    /// False takes all doses of a perturbation together.
    public var useDoses = true
    /// The unit of doses; nil takes it from `dose_unit`.
    public var doseUnit: String?
    /// The obs column of dose levels such as `Low` and `High`, by which doses of different perturbations are comparable; nil
    /// compares equal doses.
    public var levelColumn: String?
    /// Obs columns whose values tell treatments apart beside perturbation and dose, such as `cell_type`, `time_h`.
    public var covariates: [String] = []
    /// What stands between the names of perturbations that were combined, such as `+`; nil takes names as they are.
    public var combinationSeparator: String?
    /// The obs column naming the measured genes on which each perturbation is known to intervene.
    public var targetColumn: String?
    /// False forgets every known target, as if perturbations were drugs.
    public var useKnownTargets = true
    /// Cells to use: obs column → values allowed.
    public var `where`: [String: [String]] = [:]

    public init() {}
}
