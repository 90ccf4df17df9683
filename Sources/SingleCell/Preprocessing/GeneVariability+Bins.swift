import AnnotatedData
import Foundation
import Matrices

extension GeneVariability.Batch {
    /// Dispersions d = variance / mean, compared with the genes of similar mean: `seurat` and `cellRanger`.
    init(
        _ moments: ColumnMoments, selection: GeneSelection, bins: Int, onlyExpressed: Bool, notices: inout [Notice]
    ) {
        let genes = moments.means.indices
        let isCompared = genes.map { !onlyExpressed || moments.means[$0] != 0 || moments.variances[$0] != 0 }
        let compared = genes.filter { isCompared[$0] }
        var means = compared.map { moments.means[$0] == 0 ? 1e-12 : moments.means[$0] }
        var dispersions = zip(compared, means).map { moments.variances[$0] / $1 }
        let normalised: [Double]
        if selection == .seurat {
            dispersions = dispersions.map { $0 == 0 ? .nan : log($0) }
            means = means.map { log1p($0) }
            normalised = Self.byMeanAndDeviation(dispersions, bins: Self.equalWidthBins(means, count: bins))
        } else {
            normalised = Self.byMedian(dispersions, bins: Self.equalSizeBins(means, notices: &notices))
        }
        func spread(_ values: [Double]) -> [Double] {
            var all = [Double](repeating: 0, count: moments.means.count)
            for (gene, value) in zip(compared, values) { all[gene] = value }
            return all
        }
        self.init(
            means: spread(means), dispersions: spread(dispersions), normalised: spread(normalised),
            isCompared: isCompared)
    }

    /// Intervals (a, b] of equal width between the smallest and the largest mean, the first one lowered by 0.1 % of the
    /// range, as `pandas.cut`.
    private static func equalWidthBins(_ means: [Double], count: Int) -> [Int] {
        guard var low = means.min(), var high = means.max() else { return [] }
        let isFlat = low == high
        if isFlat {
            low -= low == 0 ? 0.001 : 0.001 * abs(low)
            high += high == 0 ? 0.001 : 0.001 * abs(high)
        }
        let step = (high - low) / Double(count)
        var edges = (0...count).map { low + Double($0) * step }
        edges[count] = high
        if !isFlat { edges[0] -= (high - low) * 0.001 }
        return means.map { mean in (edges.firstIndex { mean <= $0 } ?? count) - 1 }
    }

    /// Intervals (a, b] between the percentiles 10, 15 … 100; equal ones count once (pandas would refuse them).
    private static func equalSizeBins(_ means: [Double], notices: inout [Notice]) -> [Int] {
        let percentiles = quantiles(of: means, at: stride(from: 10, through: 100, by: 5).map { Double($0) / 100 })
        var edges: [Double] = []
        for edge in percentiles where edges.last != edge { edges.append(edge) }
        if edges.count < percentiles.count {
            notices.append(
                Notice(
                    code: "EQUAL_BINS",
                    message: "So many genes have the same mean that \(percentiles.count - edges.count) of "
                        + "\(percentiles.count) percentiles coincide; these bins of cell_ranger were joined (scanpy "
                        + "refuses such data). Dropping genes that few cells express avoids it."))
        }
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
