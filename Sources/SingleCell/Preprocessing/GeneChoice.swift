import AnnotatedData
import Foundation
import Matrices

/// Bounds of scanpy's choice by cut-off, with its defaults; all are strict.
public struct GeneCutoffs: Sendable, Codable, Equatable {
    /// Of the means as `GeneVariability` gives them: in logarithm for `seurat`.
    public var minMean = 0.0125
    public var maxMean = 3.0
    /// Of the normalised dispersion.
    public var minDispersion = 0.5
    public var maxDispersion = Double.infinity

    public init() {}

    public init(minMean: Double, maxMean: Double, minDispersion: Double, maxDispersion: Double = .infinity) {
        self.minMean = minMean
        self.maxMean = maxMean
        self.minDispersion = minDispersion
        self.maxDispersion = maxDispersion
    }

    /// A dispersion that is NaN counts as 0.
    func contain(mean: Double, dispersion: Double) -> Bool {
        let dispersion = dispersion.isNaN ? 0 : dispersion
        return mean > minMean && mean < maxMean && dispersion > minDispersion && dispersion < maxDispersion
    }
}

/// The genes chosen, and on what grounds.
public struct GeneChoice: Sendable, Equatable {
    public let isChosen: [Bool]
    /// How many batches choose the gene; nil without batches.
    public let batchCounts: [Int]?
    /// For `seuratV3` and `seuratV3Paper` the median over batches of the gene's place (from 0) among those that the batch
    /// chooses, NaN where none does; nil for other selections.
    public let ranks: [Double]?
    /// Number of batches; 1 where there are none.
    public let batchCount: Int
    public let notices: [Notice]
}

extension GeneVariability {
    /// Whether each gene is among the `count` most variable ones; see `choice(top:)`.
    public func top(_ count: Int) -> [Bool] { choice(top: count).isChosen }

    /// Whether each gene lies within the cut-offs; see `choice(within:)`.
    public func aboveCutoffs(_ cutoffs: GeneCutoffs = GeneCutoffs()) -> [Bool] { choice(within: cutoffs).isChosen }

    /// The most variable genes.
    ///
    /// - `seurat`, `cellRanger`, `variance` without batches: genes whose normalised dispersion is at least that of the
    ///   `count`-th largest; ties can give more. Small bins give many equal values that differ by rounding only; here
    ///   they count as equal, where scanpy keeps those that happen to be rounded up.
    /// - With batches: in the order of how many batches choose them, then of normalised dispersion, then of their names.
    /// - `seuratV3`: by median rank, then by the number of batches; `seuratV3Paper`: the other way round; then by place.
    ///
    /// - Parameter names: Names of the genes, which break ties as scanpy's; their order is taken where nil.
    public func choice(top count: Int, names: [String]? = nil) -> GeneChoice {
        var notices: [Notice] = []
        let ranked = normalised.count { !$0.isNaN }
        if count > ranked {
            notices.append(
                Notice(
                    code: "FEWER_GENES",
                    message: "\(count) genes were asked for; only \(ranked) of \(normalised.count) have a "
                        + "variability."))
        }
        if selection.needsCounts { return choiceByRank(count, notices) }
        guard batches.count > 1 else {
            return GeneChoice(
                isChosen: Self.atLeast(count, of: normalised), batchCounts: nil, ranks: nil, batchCount: 1,
                notices: notices)
        }
        let counts = batchCounts { batch in
            let compared = batch.normalised.indices.filter { batch.isCompared[$0] }
            var isChosen = [Bool](repeating: false, count: batch.normalised.count)
            for (gene, isTop) in zip(compared, Self.atLeast(count, of: compared.map { batch.normalised[$0] })) {
                isChosen[gene] = isTop
            }
            return isChosen
        }
        let places = Array(normalised.indices)
        // UTF-8 keeps the order of code points, which is Python's.
        let byName = names.map { names in
            Self.stableOrder(places) { names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8) }
        }
        let order = Self.stableOrder(byName ?? places) { a, b in
            if counts[a] != counts[b] { return counts[a] > counts[b] }
            return Self.isLarger(normalised[a], normalised[b])
        }
        return choice(order.prefix(max(0, count)), counts, ranks: nil, notices)
    }

    /// The genes within all cut-offs; with batches those whose averages are. Not for `seuratV3`, which has none.
    public func choice(within cutoffs: GeneCutoffs) -> GeneChoice {
        precondition(!selection.needsCounts, "\(selection) chooses a number of genes")
        func isWithin(_ means: [Double], _ dispersions: [Double]) -> [Bool] {
            zip(means, dispersions).map { cutoffs.contain(mean: $0, dispersion: $1) }
        }
        let counts = batches.count > 1 ? batchCounts { isWithin($0.means, $0.normalised) } : nil
        return GeneChoice(
            isChosen: isWithin(means, normalised), batchCounts: counts, ranks: nil, batchCount: batches.count,
            notices: [])
    }

    /// The columns that scanpy writes into `var`, under its names.
    public func columns(of choice: GeneChoice) -> [AnnotationColumn] {
        var columns = [AnnotationColumn(name: "highly_variable", values: .booleans(choice.isChosen))]
        if let ranks = choice.ranks {
            columns.append(AnnotationColumn(name: "highly_variable_rank", values: .floats(ranks)))
        }
        columns.append(AnnotationColumn(name: "means", values: .floats(means)))
        let names = selection.needsCounts ? ("variances", "variances_norm") : ("dispersions", "dispersions_norm")
        columns.append(AnnotationColumn(name: names.0, values: .floats(dispersions)))
        columns.append(AnnotationColumn(name: names.1, values: .floats(normalised)))
        if let counts = choice.batchCounts {
            columns.append(
                AnnotationColumn(name: "highly_variable_nbatches", values: .integers(counts.map(Int64.init))))
            if !selection.needsCounts {
                let isInAll = counts.map { Optional($0 == choice.batchCount) }
                columns.append(AnnotationColumn(name: "highly_variable_intersection", values: .booleans(isInAll)))
            }
        }
        return columns
    }

    private func choiceByRank(_ count: Int, _ notices: [Notice]) -> GeneChoice {
        let genes = Array(normalised.indices)
        var ranksOfGene = [[Double]](repeating: [], count: genes.count)
        for batch in batches {
            let order = Self.stableOrder(genes) { Self.isLarger(batch.normalised[$0], batch.normalised[$1]) }
            for (rank, gene) in order.prefix(max(0, count)).enumerated() { ranksOfGene[gene].append(Double(rank)) }
        }
        let ranks = ranksOfGene.map { median(of: $0) }
        let counts = ranksOfGene.map(\.count)
        let byRank = { (a: Int, b: Int) in Self.isLarger(-ranks[a], -ranks[b]) }
        let order = Self.stableOrder(genes) { a, b in
            if selection == .seuratV3 {
                return byRank(a, b) || (!byRank(b, a) && counts[a] > counts[b])
            }
            return counts[a] > counts[b] || (counts[a] == counts[b] && byRank(a, b))
        }
        return choice(order.prefix(max(0, count)), batches.count > 1 ? counts : nil, ranks: ranks, notices)
    }

    private func choice(
        _ chosen: some Sequence<Int>, _ counts: [Int]?, ranks: [Double]?, _ notices: [Notice]
    ) -> GeneChoice {
        var isChosen = [Bool](repeating: false, count: normalised.count)
        for gene in chosen { isChosen[gene] = true }
        return GeneChoice(
            isChosen: isChosen, batchCounts: counts, ranks: ranks, batchCount: batches.count, notices: notices)
    }

    private func batchCounts(_ chosen: (Batch) -> [Bool]) -> [Int] {
        var counts = [Int](repeating: 0, count: normalised.count)
        for batch in batches {
            for (gene, isChosen) in chosen(batch).enumerated() where isChosen { counts[gene] += 1 }
        }
        return counts
    }

    private static func atLeast(_ count: Int, of values: [Double]) -> [Bool] {
        let ranked = values.filter { !$0.isNaN }.sorted(by: >)
        guard count > 0, !ranked.isEmpty else { return values.map { _ in false } }
        let cutoff = ranked[min(count, ranked.count) - 1]
        // An infinite cut-off has no width.
        let tolerance = cutoff.isFinite ? 1e-9 * max(1, abs(cutoff)) : 0
        return values.map { $0 >= cutoff - tolerance }
    }

    /// NaN comes last.
    private static func isLarger(_ a: Double, _ b: Double) -> Bool { a > b || (b.isNaN && !a.isNaN) }

    private static func stableOrder(_ places: [Int], _ precedes: (Int, Int) -> Bool) -> [Int] {
        places.enumerated().sorted {
            precedes($0.element, $1.element) || (!precedes($1.element, $0.element) && $0.offset < $1.offset)
        }.map(\.element)
    }
}
