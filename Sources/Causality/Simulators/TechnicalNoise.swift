import Foundation
import Matrices
import Probability

/// What sequencing does to expression: a few genes stand out, cells differ in depth, weakly expressed genes drop out, and
/// what is left is counted.
///
/// Source: Dibaeinia & Sinha 2020, "SERGIO: A Single-Cell Expression Simulator Guided by Gene Regulatory Networks",
/// technical noise; the steps run in the order of the functions here. Logarithms are natural.
public struct TechnicalNoise: Codable, Sendable, Equatable {
    /// Probability that a gene is an outlier.
    public var outlierProbability: Double
    /// Of the logarithm of an outlier's factor.
    public var outlierLogMean: Double
    public var outlierLogDeviation: Double
    /// Of the logarithm of a cell's expected total.
    public var libraryLogMean: Double
    public var libraryLogDeviation: Double
    /// How steeply the probability of being seen rises with ln(1 + x).
    public var dropoutShape: Double
    /// From 0 to 100: half of the values at this percentile of a population drop out.
    public var dropoutPercentile: Double

    /// All steps on one simulated population, cells × genes.
    func apply(to expression: inout Matrix<Float>, stream: RandomStream) {
        var own = stream.stream("outliers")
        multiplyOutliers(&expression, &own)
        own = stream.stream("libraries")
        scaleLibraries(&expression, &own)
        own = stream.stream("dropout")
        dropOut(&expression, &own)
        own = stream.stream("molecules")
        Self.countMolecules(&expression, &own)
    }

    /// Multiplies each outlier gene by a log-normal factor; answers the factors, 1 for the other genes.
    @discardableResult
    func multiplyOutliers(_ expression: inout Matrix<Float>, _ stream: inout RandomStream) -> [Double] {
        let d = expression.columns
        let factors = (0..<d).map { _ in
            stream.bernoulli(outlierProbability)
                ? stream.logNormal(logMean: outlierLogMean, logStandardDeviation: outlierLogDeviation) : 1
        }
        for gene in 0..<d where factors[gene] != 1 {
            for cell in 0..<expression.rows { expression[cell, gene] *= Float(factors[gene]) }
        }
        return factors
    }

    /// Rescales each cell to a log-normal total, a cell without any expression left as it is; answers the totals drawn.
    @discardableResult
    func scaleLibraries(_ expression: inout Matrix<Float>, _ stream: inout RandomStream) -> [Double] {
        let d = expression.columns
        return (0..<expression.rows).map { cell in
            let drawn = stream.logNormal(logMean: libraryLogMean, logStandardDeviation: libraryLogDeviation)
            let total = expression.row(cell).reduce(0.0) { $0 + Double($1) }
            if total > 0 {
                let factor = Float(drawn / total)
                for place in cell * d..<(cell + 1) * d { expression.values[place] *= factor }
            }
            return drawn
        }
    }

    /// Keeps each value with probability 1 / (1 + exp(−shape (ln(1 + x) − q))), q the percentile of ln(1 + x) over all
    /// cells and genes, and sets the others to 0.
    func dropOut(_ expression: inout Matrix<Float>, _ stream: inout RandomStream) {
        let logs = expression.values.map { log1p($0) }
        let middle = quantiles(of: logs, at: [dropoutPercentile / 100])[0]
        for place in logs.indices
        where !stream.bernoulli(1 / (1 + exp(-dropoutShape * (Double(logs[place]) - middle)))) {
            expression.values[place] = 0
        }
    }

    /// Replaces each value by a Poisson draw of that mean.
    static func countMolecules(_ expression: inout Matrix<Float>, _ stream: inout RandomStream) {
        for place in expression.values.indices where expression.values[place] > 0 {
            // Extreme settings give means that no sequencer counts, or ∞.
            expression.values[place] = Float(stream.poisson(mean: min(Double(expression.values[place]), 1e12)))
        }
    }
}

/// A sequencing technology with the noise estimated for it from real data.
public enum SequencingTechnology: String, Sendable, Codable, CaseIterable {
    case tenXChromium = "10x-chromium"
    case illumina
    case dropSeq = "drop-seq"
    case smartSeq = "smart-seq"
    /// No technical noise: expression is given as it is, not counted.
    case none

    /// Its noise; nil for none. 10x Chromium has three settings for most quantities, each drawn by itself.
    func noise(_ stream: RandomStream) -> TechnicalNoise? {
        switch self {
        case .tenXChromium:
            var own = stream
            func pick(_ values: [Double]) -> Double { values[own.index(below: values.count)] }
            return TechnicalNoise(
                outlierProbability: 0.01, outlierLogMean: pick([3, 3, 5]), outlierLogDeviation: 1,
                libraryLogMean: pick([6, 6, 4.5]), libraryLogDeviation: pick([0.3, 0.4, 0.7]),
                dropoutShape: 8, dropoutPercentile: pick([74, 82, 45]))
        case .illumina:
            return TechnicalNoise(
                outlierProbability: 0.01, outlierLogMean: 0.8, outlierLogDeviation: 1, libraryLogMean: 7,
                libraryLogDeviation: 0.4, dropoutShape: 8, dropoutPercentile: 80)
        case .dropSeq:
            return TechnicalNoise(
                outlierProbability: 0.01, outlierLogMean: 3, outlierLogDeviation: 1, libraryLogMean: 4.4,
                libraryLogDeviation: 0.8, dropoutShape: 8, dropoutPercentile: 85)
        case .smartSeq:
            return TechnicalNoise(
                outlierProbability: 0.01, outlierLogMean: 4.5, outlierLogDeviation: 1, libraryLogMean: 10.8,
                libraryLogDeviation: 0.55, dropoutShape: 2, dropoutPercentile: 92)
        case .none:
            return nil
        }
    }
}
