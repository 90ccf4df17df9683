import Foundation

/// How well probabilities of yes-or-no statements hold: among those believed with probability p, is a share p true?
///
/// | paper | code | meaning |
/// |---|---|---|
/// | B_m | `bins[m]` | statements with a probability in (m/10, (m + 1)/10], and 0 in the first |
/// | conf(B_m) | `meanProbability` | mean probability in the bin |
/// | acc(B_m) | `frequency` | share of true statements in the bin |
/// | ECE | `expectedCalibrationError` | Σ_m \|B_m\|/n · \|acc(B_m) − conf(B_m)\| |
///
/// Sources: Guo et al. 2017, "On calibration of modern neural networks", equations 2 and 3; Brier 1950.
/// Deviation from the paper: statements are binary and their probability is that of being true, not the confidence in the
/// likelier answer.
public struct Reliability: Codable, Sendable, Equatable {
    /// Statements of like probability; all 0 where there is none.
    public struct Bin: Codable, Sendable, Equatable {
        public var count: Int
        public var meanProbability: Double
        public var frequency: Double
    }

    /// Ten of equal width.
    public let bins: [Bin]
    /// Mean square of probability − truth (0 or 1).
    public let brierScore: Double
    /// Mean of −ln of the probability given to what is the case, in nats.
    public let logScore: Double

    public static let binCount = 10

    /// - Parameter logits: ln(p/(1 − p)) of the probability p of each statement, finite.
    public init(logits: [Double], truths: [Bool]) {
        precondition(logits.count == truths.count, "\(logits.count) logits and \(truths.count) truths")
        var counts = Array(repeating: 0, count: Self.binCount)
        var (probabilities, hits) = (Array(repeating: 0.0, count: Self.binCount), counts)
        var (squares, logarithms) = (0.0, 0.0)
        for (logit, isTrue) in zip(logits, truths) {
            let p = 1 / (1 + exp(-logit))
            let bin = min(Self.binCount - 1, max(0, Int((p * Double(Self.binCount)).rounded(.up)) - 1))
            counts[bin] += 1
            probabilities[bin] += p
            if isTrue { hits[bin] += 1 }
            squares += isTrue ? (1 - p) * (1 - p) : p * p
            logarithms += softplus(isTrue ? -logit : logit)
        }
        bins = counts.indices.map { bin in
            let count = Double(max(1, counts[bin]))
            return Bin(
                count: counts[bin], meanProbability: probabilities[bin] / count, frequency: Double(hits[bin]) / count)
        }
        brierScore = squares / Double(max(1, logits.count))
        logScore = logarithms / Double(max(1, logits.count))
    }

    public var count: Int { bins.reduce(0) { $0 + $1.count } }

    public var expectedCalibrationError: Double {
        bins.reduce(0) { $0 + Double($1.count) * abs($1.frequency - $1.meanProbability) } / Double(max(1, count))
    }
}

/// ln(1 + eˣ), where eˣ may overflow.
func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
