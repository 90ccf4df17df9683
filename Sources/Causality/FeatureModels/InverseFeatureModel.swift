import Foundation
import Matrices
import Probability

/// What perturbations do, told from their features by an inverted Gaussian process.
///
/// Where features are consequences of what a perturbation does (and not the other way round), a regression from features
/// to effects must learn an inverse with as many outputs as genes from as few examples as there are perturbations. Here
/// the features are a random function of the effects instead, which is learnt from the measured perturbations; effects of
/// an unseen one are those that would give its features, under a sparse prior.
///
/// | symbol | code | shape | meaning |
/// |---|---|---|---|
/// | f_c(z) ~ GP(0, k) | `kernel` | | feature c of a perturbation that does z = (E, ln EC50, ln h) |
/// | F | `space` | n × p | standardised features of the measured perturbations |
/// | z_k | `measured` | candidates | what their cells, and then also their features, say of them |
/// | p(z) | `prior` | | sparse prior of an unseen perturbation |
///
/// Deviation from the paper: published intervention models (Schneider et al., ICML 2025) regress targets on features; see
/// above.
public struct InverseFeatureModel: Sendable {
    public let space: FeatureSpace
    public let genes: Int
    public internal(set) var kernel: EffectKernel
    /// In the order of `space.perturbations`, with the probabilities that cells and features give the candidates together.
    public internal(set) var measured: [MeasuredEffects]
    public internal(set) var prior: EffectPrior
    /// The power of the features' density that makes it as sure as it is right: below 1 where features repeat each other.
    public internal(set) var temper = 1.0
    /// ln marginal likelihood of the measured features plus ln prior of the kernel's parameters.
    public internal(set) var logEvidence: Double
    /// Whether the search for the kernel's parameters ended at a maximum.
    public internal(set) var isConverged: Bool
    var coordinates: EffectCoordinates
    /// n × r: features of the measured perturbations, or fewer columns with the same inner products.
    let outputs: Matrix<Double>

    public var doseCount: Int { prior.doseCount }

    /// - Parameters:
    ///   - measured: One for each perturbation of `space`, in its order.
    ///   - doseCount: 2 with dose curves, 0 without.
    ///   - rounds: How often features weigh the candidates of measured perturbations, and the kernel is learnt again.
    /// - Throws: `FeatureModelError` (`COUNT`, `EFFECTS`, `OPTION`).
    public init(
        _ measured: [MeasuredEffects], space: FeatureSpace, genes: Int, doseCount: Int, rounds: Int = 6
    ) throws(FeatureModelError) {
        guard measured.map(\.name) == space.perturbations else {
            throw FeatureModelError(
                code: "COUNT", element: measured.first?.name,
                message:
                    "effects of the \(space.perturbations.count) perturbations with features expected in their order, "
                    + "found those of \(measured.count)",
                remedy: "give effects and features of the same perturbations")
        }
        guard genes > 0, (0...2).contains(doseCount), (0...100).contains(rounds) else {
            throw FeatureModelError(
                code: "OPTION", element: "genes, doseCount or rounds",
                message: "at least one gene, 0 to 2 dose parameters and 0 to 100 rounds expected, found \(genes), "
                    + "\(doseCount) and \(rounds)",
                remedy: "correct the settings")
        }
        for effects in measured { try effects.check(genes: genes, doseCount: doseCount) }
        self.space = space
        self.genes = genes
        // In the precision of the file.
        let measured = measured.map(\.rounded)
        self.measured = measured
        coordinates = EffectCoordinates(genes: genes, measured: measured, doseCount: doseCount)
        kernel = EffectKernel(groups: coordinates.groups)
        prior = EffectPrior(measured, genes: genes, doseCount: doseCount)
        outputs = space.coordinates
        logEvidence = -.infinity
        isConverged = false
        learnKernel(steps: 100)
        let base = measured.map(\.probabilities)
        for _ in 0..<(measured.contains { $0.candidateCount > 1 } ? rounds : 0) {
            temper = learntTemper()
            weighCandidates(base: base)
            self.measured = self.measured.map(\.rounded)
            learnKernel(steps: 30)
        }
        temper = learntTemper()
        prior = EffectPrior(self.measured, genes: genes, doseCount: doseCount)
    }

    init(_ description: Description, measured: [MeasuredEffects]) {
        space = description.space
        genes = description.genes
        kernel = description.kernel
        self.measured = measured
        prior = description.prior
        temper = description.temper
        logEvidence = description.logEvidence
        isConverged = description.isConverged
        coordinates = description.coordinates
        outputs = space.coordinates
    }

    /// Raises the marginal likelihood of the features, with normal priors on the logarithms of the kernel's parameters.
    private mutating func learnKernel(steps: Int) {
        let means = coordinates.means(measured)
        let pairs = MeasuredPairs(measured, means: means, in: coordinates)
        let minimum = QuasiNewton(mostSteps: steps).minimise(from: kernel.logParameters) { parameters in
            Self.loss(parameters, kernel, pairs, outputs, featureCount: Double(space.informativeCount))
        }
        kernel.logParameters = minimum.point
        logEvidence = -minimum.value
        isConverged = minimum.steepness < Self.flat
    }

    /// Nats for a parameter times e. Parameters have prior deviations near 1, so what a slope below this leaves to be gained
    /// is less than a hundredth of a nat; of evidence in thousands of nats, rounding allows no slope of 0.
    private static let flat = 0.1

    /// −ln posterior of the kernel's parameters and its gradient.
    static func loss(
        _ parameters: [Double], _ kernel: EffectKernel, _ pairs: MeasuredPairs, _ outputs: Matrix<Double>,
        featureCount: Double
    ) -> (value: Double, gradient: [Double])? {
        // Beyond e^±12 of its centre a parameter does nothing but overflow.
        let centre = EffectKernel.centre(groups: kernel.groups.count)
        guard zip(parameters, centre).allSatisfy({ abs($0 - $1) < 12 }) else { return nil }
        var kernel = kernel
        kernel.logParameters = parameters
        guard
            let evidence = GaussianProcessEvidence(
                covariance: pairs.covariance(kernel), outputs: outputs, outputCount: featureCount)
        else { return nil }
        var value = -evidence.value
        var gradient = pairs.pullBack(evidence.gradient, kernel).map { -$0 }
        let variance = EffectKernel.priorDeviation * EffectKernel.priorDeviation
        for place in gradient.indices {
            let difference = parameters[place] - centre[place]
            value += 0.5 * difference * difference / variance
            gradient[place] += difference / variance
        }
        return (value, gradient)
    }
}
