/// What the model says of a perturbation at a dose. Everything of a gene stands at its place in `genes`; values are in the
/// scale of the screen.
public struct PredictedPerturbation: Codable, Sendable, Equatable {
    public let perturbation: String
    public let dose: Double?
    public let genes: [String]
    public let controlMean: [Double]
    public let predictedMean: [Double]
    /// Shift of the mean against control.
    public let shift: [Double]
    /// 90 % interval of the shift over graphs, targets and ensemble.
    public let lower: [Double]
    public let upper: [Double]
    /// π: probability that the perturbation intervenes on the gene.
    public let targetProbability: [Double]
    /// m: where (hard) a target is set, or by how much (shift) it is moved.
    public let interventionLocation: [Double]
    /// s: standard deviation of a target (hard), or its ratio to the undisturbed noise (shift).
    public let interventionScale: [Double]
    /// What the intervention on the gene itself does to it, by the causal model: its own account, whatever its weight.
    public let directEffect: [Double]
    /// How much the causal model counts in the shift, 0…1: 0 where likeness to measured treatments answers alone.
    public let causalWeight: Double
    /// Part of the shift that no intervention makes: what is told from likeness to measured treatments.
    public let residual: [Double]
    /// Half-effective dose; nil without the Hill head.
    public let halfEffectiveDose: Double?
    public let hillSlope: Double?
    public let isMeasured: Bool
    /// Distance of the features to the nearest measured perturbation; 0 for measured ones, nil without features.
    public let featureDistance: Double?
    public let nearestPerturbation: String?
    public let distanceName: String?
    /// Farther from everything measured than 95 % of the measured perturbations are from each other.
    public let isOutOfSupport: Bool

    public init(
        perturbation: String, dose: Double?, genes: [String], controlMean: [Double], predictedMean: [Double],
        shift: [Double], lower: [Double], upper: [Double], targetProbability: [Double],
        interventionLocation: [Double], interventionScale: [Double], directEffect: [Double], causalWeight: Double,
        residual: [Double],
        halfEffectiveDose: Double?, hillSlope: Double?, isMeasured: Bool, featureDistance: Double?,
        nearestPerturbation: String?, distanceName: String?, isOutOfSupport: Bool
    ) {
        self.perturbation = perturbation
        self.dose = dose
        self.genes = genes
        self.controlMean = controlMean
        self.predictedMean = predictedMean
        self.shift = shift
        self.lower = lower
        self.upper = upper
        self.targetProbability = targetProbability
        self.interventionLocation = interventionLocation
        self.interventionScale = interventionScale
        self.directEffect = directEffect
        self.causalWeight = causalWeight
        self.residual = residual
        self.halfEffectiveDose = halfEffectiveDose
        self.hillSlope = hillSlope
        self.isMeasured = isMeasured
        self.featureDistance = featureDistance
        self.nearestPerturbation = nearestPerturbation
        self.distanceName = distanceName
        self.isOutOfSupport = isOutOfSupport
    }
}
