import AnnotatedData
import Foundation
import Matrices

// Highly variable genes as scanpy's `highly_variable_genes` (version 1.12): flavours seurat (Satija et al. 2015),
// cell_ranger (Zheng et al. 2017), seurat_v3 and seurat_v3_paper (Stuart et al. 2019), with and without batches.

/// How genes are chosen.
public enum GeneSelection: String, Sendable, Codable, CaseIterable {
    /// Dispersion of exp(x) − 1 in 20 bins of equal width. Of logarithms of counts.
    case seurat
    /// Dispersion in bins of equal size, by median and median absolute deviation. Of logarithms of counts.
    case cellRanger
    /// Largest variance of the values as they are: for data that are not logarithms of counts.
    case variance
    /// Variance after standardising by a smooth curve of variance over mean, clipped. Of counts. With batches, genes
    /// are ordered by their median rank.
    case seuratV3
    /// As `seuratV3`; with batches, genes are ordered by the number of batches that choose them.
    case seuratV3Paper

    /// Whether it looks at counts, and not at their logarithms.
    public var needsCounts: Bool { self == .seuratV3 || self == .seuratV3Paper }
}

/// How variable each gene is, compared with genes of similar mean.
public struct GeneVariability: Sendable, Equatable {
    public let selection: GeneSelection
    /// Of exp(x) − 1 and in logarithm for `seurat`, of the values as they are otherwise; with batches the mean over
    /// batches for `seurat` and `cellRanger`, over all cells otherwise.
    public let means: [Double]
    /// Variance over mean for `seurat` (its logarithm) and `cellRanger`, the variance otherwise; NaN where undefined.
    public let dispersions: [Double]
    /// What genes are ranked by; NaN where undefined. The mean over batches where there are any.
    public let normalised: [Double]
    /// What was found in each batch; one where all cells count as one.
    public let batches: [Batch]
    public let notices: [Notice]

    /// How variable each gene is within a batch.
    public struct Batch: Sendable, Equatable {
        public let means: [Double]
        public let dispersions: [Double]
        public let normalised: [Double]
        /// Whether the gene is compared at all: with batches, `seurat` and `cellRanger` pass over genes that no cell of
        /// the batch expresses and give them zeros.
        public let isCompared: [Bool]
    }

    init(selection: GeneSelection, means: [Double], dispersions: [Double], batches: [Batch], notices: [Notice]) {
        self.selection = selection
        self.means = means
        self.dispersions = dispersions
        normalised = batches.count == 1 ? batches[0].normalised : Self.averages(batches, \.normalised)
        self.batches = batches
        var unique: [Notice] = []
        for notice in notices where !unique.contains(notice) { unique.append(notice) }
        self.notices = unique
    }

    /// By dispersion or by variance, from moments of what the selection looks at: of exp(x) − 1 for `seurat`, of
    /// logarithms for `cellRanger`, of the values as they are for `variance`. Every group of the moments is a batch.
    ///
    /// - Parameter bins: Bins of equal width; `seurat` only.
    public init(_ moments: GeneMoments, selection: GeneSelection, bins: Int = 20) {
        precondition(!selection.needsCounts, "\(selection) is computed from a profile of counts")
        var notices: [Notice] = []
        let isBatched = moments.groups > 1
        let batches = Self.filled(moments.cellCounts).map { group in
            let moments = moments.moments(of: group)
            guard selection != .variance else {
                return Batch(
                    means: moments.means, dispersions: moments.variances, normalised: moments.variances,
                    isCompared: moments.means.map { _ in true })
            }
            return Batch(
                moments, selection: selection, bins: bins, onlyExpressed: isBatched, notices: &notices)
        }
        let pooled = isBatched && selection == .variance ? moments.pooled() : nil
        self.init(
            selection: selection, means: pooled?.means ?? Self.averages(batches, \.means),
            dispersions: pooled?.variances ?? Self.averages(batches, \.dispersions), batches: batches,
            notices: notices)
    }

    /// Places of the batches that have cells, or the first one where none has.
    static func filled(_ cellCounts: [Int]) -> [Int] {
        let filled = cellCounts.indices.filter { cellCounts[$0] > 0 }
        return filled.isEmpty ? [0] : filled
    }

    /// The mean over batches of what is not NaN.
    private static func averages(_ batches: [Batch], _ values: KeyPath<Batch, [Double]>) -> [Double] {
        let columns = batches.map { $0[keyPath: values] }
        guard columns.count > 1 else { return columns.first ?? [] }
        return columns[0].indices.map { gene in
            let known = columns.map { $0[gene] }.filter { !$0.isNaN }
            return known.isEmpty ? .nan : known.reduce(0, +) / Double(known.count)
        }
    }
}
