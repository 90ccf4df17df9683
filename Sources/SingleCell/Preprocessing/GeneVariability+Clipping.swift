import AnnotatedData
import Foundation
import Matrices

// Stuart et al. 2019, "Comprehensive integration of single-cell data", section "Feature selection for individual datasets":
// log₁₀ variance is regressed on log₁₀ mean, x standardised by the fitted deviation σ and clipped at √n, and its variance
//   [n m² + Σ min(x, c)² − 2 m Σ min(x, c)] / ((n − 1) σ²),   c = m + σ √n,
// is what genes are ranked by, m being the mean before clipping.

/// Deviations that genes of such a mean are expected to have, for `seuratV3`.
public struct ExpectedDeviations: Sendable, Equatable {
    /// groups × genes: σ, 1 where the gene is constant.
    let deviations: [Double]
    /// groups × genes: m + σ √n
    public let limits: [Double]
    let moments: [ColumnMoments]
    let pooled: ColumnMoments
    let notices: [Notice]

    /// - Parameters:
    ///   - moments: Of counts, in every batch.
    ///   - pooled: Of all cells.
    ///   - span: Share of the genes that take part in each local regression.
    init(_ moments: [ColumnMoments], pooled: ColumnMoments, span: Double, notices: [Notice] = []) {
        var notices = notices
        var deviations: [Double] = []
        var limits: [Double] = []
        for moments in moments {
            let varying = moments.means.indices.filter { moments.variances[$0] > 0 && moments.means[$0] > 0 }
            let logMeans = varying.map { log10(moments.means[$0]) }
            let curve = LocalRegression(x: logMeans, y: varying.map { log10(moments.variances[$0]) }, span: span)
            if curve.widenedVertices > 0 {
                notices.append(
                    Notice(
                        code: "LOCAL_REGRESSION_WIDENED",
                        message: "Too few different means for seurat_v3's curve of variance over mean; more genes than "
                            + "span \(span) were taken at \(curve.widenedVertices) of \(curve.vertices.count) places."))
            }
            var fitted = [Double](repeating: 0, count: moments.means.count)
            for (gene, logMean) in zip(varying, logMeans) { fitted[gene] = curve(logMean) }
            let root = Double(moments.rowCount).squareRoot()
            let expected = fitted.map { pow(10, $0).squareRoot() }
            deviations += expected
            limits += zip(moments.means, expected).map { $0 + $1 * root }
        }
        self.deviations = deviations
        self.limits = limits
        self.moments = moments
        self.pooled = pooled
        self.notices = notices
    }

    /// From moments of counts as they are.
    ///
    /// - Parameter areWhole: Whether all of them were whole numbers, 0 or larger; otherwise a notice says so.
    public init(_ moments: GeneMoments, span: Double = 0.3, areWhole: Bool = true) {
        self.init(
            (0..<moments.groups).map { moments.moments(of: $0) }, pooled: moments.pooled(), span: span,
            notices: areWhole
                ? []
                : [
                    Notice(
                        code: "NOT_COUNTS",
                        message: "seurat_v3 expects counts; some values are not whole numbers, or negative.")
                ])
    }
}

extension GeneVariability {
    /// By `seuratV3` or `seuratV3Paper` from a complete profile of counts; every group of the profile is a batch.
    ///
    /// - Parameter span: Share of the genes that take part in each local regression.
    public init(_ profile: CountProfile, selection: GeneSelection = .seuratV3, span: Double = 0.3) {
        let totals = profile.totals()
        let genes = profile.genes
        let moments = (0..<profile.groups).map { group in
            let range = group * genes..<(group + 1) * genes
            return ColumnMoments(
                sums: Array(totals.sums[range]), squares: Array(totals.squares[range]),
                count: profile.cellCounts[group], ddof: 1)
        }
        func pooled(_ values: [Double]) -> [Double] {
            (0..<genes).map { gene in (0..<profile.groups).reduce(0) { $0 + values[$1 * genes + gene] } }
        }
        let all = ColumnMoments(
            sums: pooled(totals.sums), squares: pooled(totals.squares), count: profile.cellCounts.reduce(0, +),
            ddof: 1)
        let expected = ExpectedDeviations(moments, pooled: all, span: span)
        let clipped = profile.clippedTotals(at: expected.limits)
        self.init(expected, clippedSums: clipped.sums, clippedSquares: clipped.squares, selection: selection)
    }

    /// By `seuratV3` or `seuratV3Paper` from a second walk through the data, of values clipped at `expected.limits`.
    public init(_ expected: ExpectedDeviations, clipped: GeneMoments, selection: GeneSelection = .seuratV3) {
        let totals = (0..<clipped.groups).map { clipped.totals(of: $0) }
        self.init(
            expected, clippedSums: totals.flatMap(\.sums), clippedSquares: totals.flatMap(\.squares),
            selection: selection)
    }

    private init(
        _ expected: ExpectedDeviations, clippedSums: [Double], clippedSquares: [Double], selection: GeneSelection
    ) {
        precondition(selection.needsCounts, "\(selection) is not computed from counts")
        let genes = expected.pooled.means.count
        let batches = Self.filled(expected.moments.map(\.rowCount)).map { group in
            let moments = expected.moments[group]
            let n = Double(moments.rowCount)
            return Batch(
                means: moments.means, dispersions: moments.variances,
                normalised: (0..<genes).map { gene in
                    let place = group * genes + gene
                    let mean = moments.means[gene]
                    let deviation = expected.deviations[place]
                    return (n * mean * mean + clippedSquares[place] - 2 * mean * clippedSums[place])
                        / ((n - 1) * deviation * deviation)
                }, isCompared: moments.means.map { _ in true })
        }
        self.init(
            selection: selection, means: expected.pooled.means, dispersions: expected.pooled.variances,
            batches: batches, notices: expected.notices)
    }
}
