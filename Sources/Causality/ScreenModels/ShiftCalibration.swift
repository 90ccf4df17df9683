import Foundation
import Matrices

/// How far the causal model is to be believed, and how wide intervals of mean shifts must be to hold what they say: both
/// learnt from measured treatments that were predicted without their cells.
///
/// The weight of the causal model beside the direct path is that of least squared error (Breiman 1996, "Stacked
/// regressions"); intervals are the model's own times a factor, as in split conformal prediction (Romano et al. 2019,
/// "Conformalized quantile regression", section 4).
struct ShiftCalibration: Codable, Sendable, Equatable {
    /// What of a treatment is new to the model.
    enum Kind: String, Codable, CodingKeyRepresentable, Sendable, CaseIterable {
        /// Nothing: these cells were seen.
        case measured
        case dose
        case stratum
        case combination
        case perturbation
    }

    /// How much each path counts.
    struct Weights: Codable, Sendable, Equatable {
        /// Of the causal model with its residual path; the rest is the direct path's.
        var causal = 1.0
        /// Of what the residual path adds to the causal model: 0 or 1.
        var residual = 0.0
    }

    /// Of one kind of question.
    struct Factor: Codable, Sendable, Equatable {
        var weights = Weights()
        /// The model's half widths are taken times this.
        var scale = 1.0
        /// Half width of genes of which nothing says that they move.
        var floor = 0.0
        /// Treatments × genes from which it was learnt.
        var count = 0
        /// Share of them that the model's own intervals would have held, and that the calibrated ones hold.
        var coverageBefore = 0.0
        var coverageAfter = 0.0
    }

    /// Intervals hold the truth with this probability.
    static let level = 0.9
    /// The quantile of the standard normal distribution up to which `level` lies in the middle.
    static let normalQuantile = 1.6448536269514722

    private(set) var factors: [Kind: Factor] = [:]
    /// No interval reaches less far to either side, in control standard deviations: smaller shifts can't be told from none
    /// (`ShiftResolution`).
    var resolution = 0.0

    /// What all paths say of a shift.
    struct Blend: Sendable {
        var causal: Double
        /// Half width of the causal model's draws.
        var causalHalfWidth: Double
        var residual = 0.0
        var residualDeviation = 0.0
        var direct: Double
        var directDeviation = 0.0

        func mean(_ weights: Weights) -> Double {
            weights.causal * (causal + weights.residual * residual) + (1 - weights.causal) * direct
        }

        /// As if the paths erred independently; the factor mends what that gets wrong.
        func halfWidth(_ weights: Weights) -> Double {
            let own = weights.causal * causalHalfWidth
            let left = weights.causal * weights.residual * normalQuantile * residualDeviation
            let other = (1 - weights.causal) * normalQuantile * directDeviation
            return (own * own + left * left + other * other).squareRoot()
        }
    }

    /// One treatment and gene that was predicted without its cells, in control standard deviations.
    struct Trial: Sendable {
        /// The treatment: its genes err together.
        var treatment: Int
        var blend: Blend
        var measured: Double
        /// Sampling error of what was measured.
        var deviation: Double
    }

    /// Fewer trials than these say nothing of a tenth of the cases; which path is nearer they may tell.
    private static let fewestTrials = 50
    /// Narrower than this, in control standard deviations, the model holds a gene for unmoved.
    static let still = 1e-3

    /// - Parameters:
    ///   - trials: treatments × genes.
    ///   - noise: treatments × treatments: covariance of the sampling errors of what was measured, up to a factor. Where
    ///     treatments share controls, they share the controls' error; paths that learnt from others that share it would
    ///     else be praised for foretelling it.
    mutating func learn(_ kind: Kind, from trials: [Trial], noise: Matrix<Double>) {
        guard !trials.isEmpty else { return }
        let weights = Self.weights(Self.whitened(trials, noise))
        let judged = trials.map {
            Judged(
                error: abs($0.measured - $0.blend.mean(weights)), halfWidth: $0.blend.halfWidth(weights),
                noise: Self.normalQuantile * $0.deviation)
        }
        // Genes that the model holds for unmoved have nothing to scale: they set the floor.
        let still = judged.filter { $0.halfWidth < Self.still }
        let moving = judged.filter { $0.halfWidth >= Self.still }
        // Treatments that share controls miss the same genes together: genes, not trials, are what is counted.
        let genes = Double(trials.count / max(1, noise.rows))
        let tolerance = 2 * (Self.level * (1 - Self.level) / genes).squareRoot()
        let isFloored = still.count >= Self.fewestTrials && Self.coverage(still, 0, 0) < Self.level - tolerance
        let floor = isFloored ? Self.bisected { Self.coverage(still, 0, $0) } : 0
        // Intervals are only widened: where the error of the measurement alone reaches as far, trials can't tell how
        // narrow the model's might be.
        let scale =
            moving.count >= Self.fewestTrials
            ? max(1, Self.bisected { Self.coverage(moving, $0, floor) }) : 1
        factors[kind] = Factor(
            weights: weights, scale: scale, floor: floor, count: trials.count,
            coverageBefore: Self.coverage(judged, 1, 0), coverageAfter: Self.coverage(judged, scale, floor))
    }

    /// Of questions of a kind; where none could be tried, of the kind that is most like it. Where nothing could be tried,
    /// the residual path keeps intervals from being surer than the cells are, and of perturbations never seen the direct
    /// path tells: a causal answer to them rests on strengths that nothing has bounded.
    func factor(_ kind: Kind) -> Factor {
        let alike: [Kind] =
            switch kind {
            case .measured: [.measured, .dose, .stratum, .combination, .perturbation]
            case .dose: [.dose, .stratum, .perturbation]
            case .stratum: [.stratum, .dose, .perturbation]
            case .combination: [.combination, .perturbation]
            case .perturbation: [.perturbation]
            }
        let untried = kind == .perturbation ? Weights(causal: 0, residual: 0) : Weights(causal: 1, residual: 1)
        return alike.lazy.compactMap { factors[$0] }.first ?? Factor(weights: untried)
    }

    /// The half width of the interval for a kind of question, in control standard deviations.
    func halfWidth(_ blend: Blend, _ factor: Factor) -> Double {
        let own = factor.scale * blend.halfWidth(factor.weights)
        return max((own * own + factor.floor * factor.floor).squareRoot(), resolution)
    }

    /// The direct path, unless the causal model, with or without its residual path, is clearly better; or a blend of both
    /// that is clearly better still. Graph and targets were found with the cells that are left out here, of which the few
    /// parameters of the direct path know next to nothing: a tie speaks against the causal model.
    private static func weights(_ trials: [Trial]) -> Weights {
        let options = [Weights(), Weights(causal: 1, residual: 1)]
        let errors = options.map { weights in trials.reduce(0) { $0 + squared($1.measured - $1.blend.mean(weights)) } }
        // The simpler of equals.
        let causal = options[errors[1] < errors[0] ? 1 : 0]
        let direct = Weights(causal: 0, residual: 0)
        var gains: [Int: Double] = [:]
        for trial in trials {
            gains[trial.treatment, default: 0] +=
                squared(trial.measured - trial.blend.direct) - squared(trial.measured - trial.blend.mean(causal))
        }
        let single = isClear(gains.sorted { $0.key < $1.key }.map(\.value)) ? causal : direct
        return blend(of: causal, instead: single, trials) ?? single
    }

    /// Whether gains of treatments are more on average than chance would give them.
    private static func isClear(_ gains: [Double]) -> Bool {
        let n = Double(gains.count)
        guard n > 2 else { return false }
        let mean = gains.reduce(0, +) / n
        let variance = gains.reduce(0) { $0 + squared($1 - mean) } / (n - 1)
        return mean > 2 * (variance / n).squareRoot()
    }

    private static func squared(_ value: Double) -> Double { value * value }

    /// The share of a causal answer beside the direct path's of least squares; nil unless it is better than one path
    /// alone by more than chance would give it. It is judged by shares fitted to all other treatments (Breiman 1996):
    /// what fitting the trials gains does not count.
    private static func blend(of causal: Weights, instead single: Weights, _ trials: [Trial]) -> Weights? {
        var sums: [Int: (product: Double, square: Double, direct: Double, single: Double)] = [:]
        for trial in trials {
            let difference = trial.blend.mean(causal) - trial.blend.direct
            let left = trial.measured - trial.blend.direct
            var sum = sums[trial.treatment] ?? (0, 0, 0, 0)
            sum.product += left * difference
            sum.square += difference * difference
            sum.direct += left * left
            sum.single += squared(trial.measured - trial.blend.mean(single))
            sums[trial.treatment] = sum
        }
        let treatments = sums.sorted { $0.key < $1.key }.map(\.value)
        let product = treatments.reduce(0) { $0 + $1.product }
        let square = treatments.reduce(0) { $0 + $1.square }
        func share(_ product: Double, _ square: Double) -> Double { square > 0 ? min(1, max(0, product / square)) : 1 }
        let gains = treatments.map { own in
            let share = share(product - own.product, square - own.square)
            return own.single - (own.direct - 2 * share * own.product + share * share * own.square)
        }
        guard isClear(gains) else { return nil }
        return Weights(causal: share(product, square), residual: causal.residual)
    }

    /// The same with errors that don't hang together.
    private static func whitened(_ trials: [Trial], _ noise: Matrix<Double>) -> [Trial] {
        guard let factor = CholeskyFactor(noise) else { return trials }
        let n = noise.rows
        func white(_ value: (Trial) -> Double) -> [Double] {
            factor.whitened(Matrix(rows: n, columns: trials.count / n, values: trials.map(value))).values
        }
        let measured = white(\.measured)
        let causal = white(\.blend.causal)
        let residual = white(\.blend.residual)
        let direct = white(\.blend.direct)
        return trials.indices.map { place in
            var trial = trials[place]
            trial.measured = measured[place]
            trial.blend.causal = causal[place]
            trial.blend.residual = residual[place]
            trial.blend.direct = direct[place]
            return trial
        }
    }

    private struct Judged {
        var error: Double
        var halfWidth: Double
        var noise: Double
    }

    /// Share of trials that intervals hold. What was measured lies beyond the truth by its own sampling error.
    private static func coverage(_ trials: [Judged], _ scale: Double, _ floor: Double) -> Double {
        let held = trials.count {
            let own = scale * $0.halfWidth
            return $0.error <= (own * own + floor * floor + $0.noise * $0.noise).squareRoot()
        }
        return Double(held) / Double(max(1, trials.count))
    }

    /// The smallest value at which a rising coverage reaches the level.
    private static func bisected(_ coverage: (Double) -> Double) -> Double {
        if coverage(0) >= level { return 0 }
        var (low, high) = (0.0, 1.0)
        while coverage(high) < level && high < 1e3 { high *= 2 }
        for _ in 0..<40 {
            let middle = (low + high) / 2
            if coverage(middle) >= level { high = middle } else { low = middle }
        }
        return high
    }
}
