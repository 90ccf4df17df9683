import AnnotatedData
import Foundation
import Matrices

// Highly variable genes as scanpy's `highly_variable_genes` (version 1.12), flavours seurat (Satija et al. 2015) and
// cell_ranger (Zheng et al. 2017), without batches: dispersion d = variance / mean, compared with the genes of similar mean.

/// How genes are chosen.
public enum GeneSelection: String, Sendable, Codable, CaseIterable {
    /// Dispersion of exp(x) − 1 in 20 bins of equal width.
    case seurat
    /// Dispersion in bins of equal size, by median and median absolute deviation.
    case cellRanger
    /// Largest variance of the values as they are: for data that are not logarithms of counts.
    case variance
}

/// How variable each gene is, compared with genes of similar mean.
public struct GeneVariability: Sendable, Equatable {
    /// Of exp(x) − 1 and in logarithm for `seurat`, of the values as they are otherwise.
    public let means: [Double]
    /// NaN where undefined.
    public let dispersions: [Double]
    /// What genes are ranked by; NaN where undefined.
    public let normalised: [Double]

    /// - Parameters:
    ///   - matrix: cells × genes; log1p data for `seurat` and `cellRanger`.
    ///   - cells: Cells to use; all where nil.
    public init(_ matrix: CellMatrix, selection: GeneSelection, cells: [Int]? = nil) {
        switch selection {
        case .seurat:
            let moments = matrix.mapped { expm1($0) }.geneMoments(cells: cells)
            let means = moments.means.map { $0 == 0 ? 1e-12 : $0 }
            dispersions = zip(moments.variances, means).map { $0 == 0 ? .nan : log($0 / $1) }
            self.means = means.map { log1p($0) }
            normalised = Self.byMeanAndDeviation(dispersions, bins: Self.equalWidthBins(self.means))
        case .cellRanger:
            let moments = matrix.geneMoments(cells: cells)
            means = moments.means.map { $0 == 0 ? 1e-12 : $0 }
            dispersions = zip(moments.variances, means).map { $0 / $1 }
            normalised = Self.byMedian(dispersions, bins: Self.equalSizeBins(means))
        case .variance:
            let moments = matrix.geneMoments(cells: cells)
            means = moments.means
            dispersions = moments.variances
            normalised = moments.variances
        }
    }

    /// Genes whose normalised dispersion is at least that of the `count`-th largest one: ties can give more.
    ///
    /// Small bins give many equal values that differ by rounding only; here they count as equal, where scanpy keeps
    /// those that happen to be rounded up.
    public func top(_ count: Int) -> [Bool] {
        let ranked = normalised.filter { !$0.isNaN }.sorted(by: >)
        guard count > 0, !ranked.isEmpty else { return normalised.map { _ in false } }
        let cutoff = ranked[min(count, ranked.count) - 1]
        return normalised.map { $0 >= cutoff - 1e-9 * max(1, abs(cutoff)) }
    }

    /// scanpy's default cut-offs, all strict: mean in 0.0125 … 3 and normalised dispersion above 0.5.
    public func aboveCutoffs() -> [Bool] {
        zip(means, normalised).map { mean, dispersion in
            mean > 0.0125 && mean < 3 && !dispersion.isNaN && dispersion > 0.5
        }
    }

    /// 20 intervals (a, b] between the smallest and the largest mean, the first one lowered by 0.1 % of the range, as
    /// `pandas.cut`.
    private static func equalWidthBins(_ means: [Double]) -> [Int] {
        guard var low = means.min(), var high = means.max() else { return [] }
        let isFlat = low == high
        if isFlat {
            low -= low == 0 ? 0.001 : 0.001 * abs(low)
            high += high == 0 ? 0.001 : 0.001 * abs(high)
        }
        let step = (high - low) / 20
        var edges = (0...20).map { low + Double($0) * step }
        edges[20] = high
        if !isFlat { edges[0] -= (high - low) * 0.001 }
        return means.map { mean in (edges.firstIndex { mean <= $0 } ?? 20) - 1 }
    }

    /// Intervals (a, b] between the percentiles 10, 15 … 100; equal ones count once (pandas would refuse them).
    private static func equalSizeBins(_ means: [Double]) -> [Int] {
        let percentiles = quantiles(of: means, at: stride(from: 10, through: 100, by: 5).map { Double($0) / 100 })
        var edges: [Double] = []
        for edge in percentiles where edges.last != edge { edges.append(edge) }
        return means.map { mean in edges.firstIndex { mean <= $0 } ?? edges.count }
    }

    private static func groups(_ dispersions: [Double], _ bins: [Int]) -> [Int: [Double]] {
        var groups: [Int: [Double]] = [:]
        for (dispersion, bin) in zip(dispersions, bins) where !dispersion.isNaN {
            groups[bin, default: []].append(dispersion)
        }
        return groups
    }

    private static func byMeanAndDeviation(_ dispersions: [Double], bins: [Int]) -> [Double] {
        let scales = groups(dispersions, bins).mapValues { values -> (centre: Double, spread: Double) in
            let mean = values.reduce(0, +) / Double(values.count)
            // A gene alone in its bin gets exactly 1.
            guard values.count > 1 else { return (0, mean) }
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return (mean, (squares / Double(values.count - 1)).squareRoot())
        }
        return zip(dispersions, bins).map { dispersion, bin in
            scales[bin].map { (dispersion - $0.centre) / $0.spread } ?? .nan
        }
    }

    private static func byMedian(_ dispersions: [Double], bins: [Int]) -> [Double] {
        let scales = groups(dispersions, bins).mapValues { values -> (centre: Double, spread: Double) in
            let centre = median(of: values)
            // The factor makes the median absolute deviation of a normal distribution its standard deviation.
            return (centre, median(of: values.map { abs($0 - centre) }) / 0.6744897501960817)
        }
        return zip(dispersions, bins).map { dispersion, bin in
            scales[bin].map { (dispersion - $0.centre) / $0.spread } ?? .nan
        }
    }
}
