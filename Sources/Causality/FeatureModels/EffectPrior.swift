import Foundation
import Probability

/// What perturbations do before their features are seen, learnt from the measured ones: how many genes they act on, how
/// strongly and in which direction, and their dose curves.
///
/// | symbol | code | shape | meaning |
/// |---|---|---|---|
/// | p(m) | `logCounts` | most targets + 1 | number of targets; every set of m genes is equally likely |
/// | ln abs(E) | `logMean`, `logDeviation` | | normal |
/// | sign E | `positiveShare` | | |
/// | ln EC50, ln h | `doseMeans`, `doseDeviations` | 2, 0 without doses | normal |
public struct EffectPrior: Codable, Sendable, Equatable {
    public let genes: Int
    public let logCounts: [Double]
    public let logMean: Double
    public let logDeviation: Double
    public let positiveShare: Double
    public let doseMeans: [Double]
    public let doseDeviations: [Double]

    public var mostTargets: Int { logCounts.count - 1 }
    public var doseCount: Int { doseMeans.count }

    /// Pseudo-counts of a binomial number of targets; with them no number is impossible that few measurements happen not
    /// to show.
    private static let pseudoCount = 2.0
    /// Spreads below these would be the accident of few perturbations.
    private static let leastLogDeviation = 0.15
    private static let leastDoseDeviation = 0.1
    /// More targets than this are not searched for.
    private static let mostSearched = 16

    init(_ measured: [MeasuredEffects], genes: Int, doseCount: Int) {
        self.genes = genes
        var shares: [Int: Double] = [:]
        var weight = 0.0
        var positive = 0.0
        var sum = 0.0
        var squares = 0.0
        var dose = [(sum: Double, squares: Double)](repeating: (0, 0), count: doseCount)
        for effects in measured {
            let width = effects.targets.count
            for (s, probability) in effects.probabilities.enumerated() {
                let values = effects.effects[s * width..<(s + 1) * width].filter { $0 != 0 }
                shares[values.count, default: 0] += probability
                for value in values {
                    let size = log(abs(value))
                    weight += probability
                    positive += value > 0 ? probability : 0
                    sum += probability * size
                    squares += probability * size * size
                }
                for c in 0..<doseCount {
                    let value = effects.doseParameters[s * doseCount + c]
                    dose[c].sum += probability * value
                    dose[c].squares += probability * value * value
                }
            }
        }
        let n = Double(max(1, measured.count))
        logMean = weight > 0 ? sum / weight : 0
        logDeviation = max(
            Self.leastLogDeviation, weight > 0 ? max(0, squares / weight - logMean * logMean).squareRoot() : 1)
        positiveShare = (positive + 1) / (weight + 2)
        doseMeans = dose.map { $0.sum / n }
        doseDeviations = dose.map {
            max(Self.leastDoseDeviation, max(0, $0.squares / n - $0.sum / n * ($0.sum / n)).squareRoot())
        }
        let rate = max(weight, 1) / (n * Double(genes))
        let most = min(genes, Self.mostSearched, max(6, (shares.filter { $0.value >= 0.05 * n }.keys.max() ?? 0) + 2))
        let masses = (0...most).map { m in
            (shares[m] ?? 0) + Self.pseudoCount * Self.binomial(m, of: genes, probability: min(rate, 0.9))
        }
        let total = masses.reduce(0, +)
        logCounts = masses.map { log(max($0, 1e-12) / total) }
    }

    private static func binomial(_ m: Int, of n: Int, probability p: Double) -> Double {
        exp(logChoices(m, of: n) + Double(m) * log(p) + Double(n - m) * log1p(-p))
    }

    static func logChoices(_ m: Int, of n: Int) -> Double {
        lgamma(Double(n + 1)) - lgamma(Double(m + 1)) - lgamma(Double(n - m + 1))
    }

    /// ln density of one effect, given that the gene is a target.
    func logDensity(effect: Double) -> Double {
        let size = log(abs(effect))
        let scaled = (size - logMean) / logDeviation
        return -0.5 * (scaled * scaled + log(2 * .pi)) - log(logDeviation) - size
            + log(effect > 0 ? positiveShare : 1 - positiveShare)
    }

    func drawEffect(_ stream: inout RandomStream) -> Double {
        let size = exp(stream.normal(mean: logMean, standardDeviation: logDeviation))
        return stream.bernoulli(positiveShare) ? size : -size
    }

    /// ln p(z) of a set of targets with their effects and of a dose curve.
    func logDensity(effects: some Sequence<Double>, count: Int, dose: some Sequence<Double>) -> Double {
        guard count <= mostTargets else { return -.infinity }
        var result = logCounts[count] - Self.logChoices(count, of: genes)
        for effect in effects { result += logDensity(effect: effect) }
        for (c, value) in dose.enumerated() {
            let scaled = (value - doseMeans[c]) / doseDeviations[c]
            result -= 0.5 * (scaled * scaled + log(2 * .pi)) + log(doseDeviations[c])
        }
        return result
    }
}
