import Foundation

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

    /// Of one kind of question.
    struct Factor: Codable, Sendable, Equatable {
        /// Of the causal model with its residual path; the rest is the direct path's.
        var causalWeight: Double
        /// The model's half widths are taken times this.
        var scale: Double
        /// Half width of genes of which nothing says that they move.
        var floor: Double
        /// Treatments × genes from which it was learnt.
        var count: Int
        /// Share of them that the model's own intervals would have held, and that the calibrated ones hold.
        var coverageBefore: Double
        var coverageAfter: Double
    }

    /// Intervals hold the truth with this probability.
    static let level = 0.9
    /// The quantile of the standard normal distribution up to which `level` lies in the middle.
    static let normalQuantile = 1.6448536269514722

    private(set) var factors: [Kind: Factor] = [:]

    /// A shift from the causal model with its residual path, and from the direct path.
    struct Blend: Sendable {
        var causal: Double
        /// Half width of the causal model's draws.
        var causalHalfWidth: Double
        /// Standard deviation of the residual path.
        var residualDeviation: Double
        var direct: Double
        var directDeviation: Double

        func mean(_ weight: Double) -> Double { weight * causal + (1 - weight) * direct }

        /// As if the paths erred independently; the factor mends what that gets wrong.
        func halfWidth(_ weight: Double) -> Double {
            let own = weight * causalHalfWidth
            let left = weight * normalQuantile * residualDeviation
            let other = (1 - weight) * normalQuantile * directDeviation
            return (own * own + left * left + other * other).squareRoot()
        }
    }

    /// One treatment and gene that was predicted without its cells, in control standard deviations.
    struct Trial: Sendable {
        var blend: Blend
        var measured: Double
        /// Sampling error of what was measured.
        var deviation: Double
    }

    /// Fewer trials than these say nothing of a tenth of the cases.
    private static let fewestTrials = 200
    /// Narrower than this, in control standard deviations, the model holds a gene for unmoved.
    private static let still = 1e-3

    mutating func learn(_ kind: Kind, from trials: [Trial]) {
        guard trials.count >= Self.fewestTrials else { return }
        let weight = Self.weight(trials)
        let judged = trials.map {
            Judged(
                error: abs($0.measured - $0.blend.mean(weight)), halfWidth: $0.blend.halfWidth(weight),
                noise: Self.normalQuantile * $0.deviation)
        }
        // Genes that the model holds for unmoved have nothing to scale: they set the floor.
        let still = judged.filter { $0.halfWidth < Self.still }
        let moving = judged.filter { $0.halfWidth >= Self.still }
        let floor = still.count >= Self.fewestTrials ? Self.bisected { Self.coverage(still, 0, $0) } : 0
        let scale = moving.count >= Self.fewestTrials ? Self.bisected { Self.coverage(moving, $0, floor) } : 1
        factors[kind] = Factor(
            causalWeight: weight, scale: scale, floor: floor, count: trials.count,
            coverageBefore: Self.coverage(judged, 1, 0), coverageAfter: Self.coverage(judged, scale, floor))
    }

    /// Of questions of a kind; where none could be tried, of the kind that is most like it.
    func factor(_ kind: Kind) -> Factor {
        let alike: [Kind] =
            switch kind {
            case .measured: [.measured, .dose, .stratum, .combination, .perturbation]
            case .dose: [.dose, .stratum, .perturbation]
            case .stratum: [.stratum, .dose, .perturbation]
            case .combination: [.combination, .perturbation]
            case .perturbation: [.perturbation]
            }
        return alike.lazy.compactMap { factors[$0] }.first
            ?? Factor(causalWeight: 1, scale: 1, floor: 0, count: 0, coverageBefore: 0, coverageAfter: 0)
    }

    /// The share of the causal model that leaves the least squared error.
    private static func weight(_ trials: [Trial]) -> Double {
        var products = 0.0
        var squares = 0.0
        for trial in trials {
            let difference = trial.blend.causal - trial.blend.direct
            products += (trial.measured - trial.blend.direct) * difference
            squares += difference * difference
        }
        return squares > 0 ? min(1, max(0, products / squares)) : 1
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
