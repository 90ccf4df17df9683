import Foundation

/// How wide intervals of mean shifts must be to hold what they say, learnt from treatments that the model had to predict
/// without their cells: split conformal prediction with a factor on the model's own width (Romano et al. 2019,
/// "Conformalized quantile regression", section 4).
struct ShiftCalibration: Codable, Sendable, Equatable {
    /// What of a treatment is new to the model.
    enum Kind: String, Codable, CodingKeyRepresentable, Sendable, CaseIterable {
        case measured
        case dose
        case perturbation
    }

    /// Of one kind of question.
    struct Factor: Codable, Sendable, Equatable {
        /// The model's half widths are taken times this.
        var scale: Double
        /// Half width of genes of which no draw says that they move.
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
    private static let normalQuantile = 1.6448536269514722

    private(set) var factors: [Kind: Factor] = [:]

    /// One treatment and gene that was predicted without its cells, in control standard deviations.
    struct Trial: Sendable {
        /// Measured less predicted.
        var error: Double
        var halfWidth: Double
        /// Sampling error of what was measured.
        var deviation: Double
    }

    /// Fewer trials than these say nothing of a tenth of the cases.
    private static let fewestTrials = 200

    mutating func learn(_ kind: Kind, from trials: [Trial]) {
        guard trials.count >= Self.fewestTrials else { return }
        // Genes that the model holds for unmoved have nothing to scale: they set the floor.
        let still = trials.filter { $0.halfWidth < 1e-3 }
        let floor = still.count >= Self.fewestTrials ? Self.bisected { Self.coverage(still, 0, $0) } : 0
        let before = Self.coverage(trials, 1, 0)
        let moving = trials.filter { $0.halfWidth >= 1e-3 }
        let scale = moving.count >= Self.fewestTrials ? Self.bisected { Self.coverage(moving, $0, floor) } : 1
        factors[kind] = Factor(
            scale: scale, floor: floor, count: trials.count, coverageBefore: before,
            coverageAfter: Self.coverage(trials, scale, floor))
    }

    func halfWidth(_ own: Double, _ kind: Kind) -> Double {
        guard let factor = factors[kind] else { return own }
        return (own * own * factor.scale * factor.scale + factor.floor * factor.floor).squareRoot()
    }

    /// Share of trials that intervals hold. What was measured lies beyond the truth by its own sampling error.
    private static func coverage(_ trials: [Trial], _ scale: Double, _ floor: Double) -> Double {
        let held = trials.count {
            let noise = normalQuantile * $0.deviation
            let own = scale * $0.halfWidth
            return abs($0.error) <= (own * own + floor * floor + noise * noise).squareRoot()
        }
        return Double(held) / Double(trials.count)
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
