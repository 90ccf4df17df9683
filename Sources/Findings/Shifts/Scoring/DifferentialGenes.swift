import Graphs
import Matrices

/// The genes that a test tells apart from controls, of one treatment: Wilcoxon's rank sum corrected for ties, adjusted for
/// the number of genes (Benjamini & Hochberg), as cell-eval's and scanpy's.
public struct DifferentialGenes: Sendable {
    /// One a gene: logarithm to base 2 of the quotient of means where the scale has one, else the difference of means.
    public let foldChange: [Double]
    /// One a gene: p-values adjusted for the number of genes.
    public let adjusted: [Double]

    public init(foldChange: [Double], adjusted: [Double]) {
        precondition(foldChange.count == adjusted.count, "\(foldChange.count) fold changes, \(adjusted.count) p-values")
        self.foldChange = foldChange
        self.adjusted = adjusted
    }

    /// - Parameters:
    ///   - cells: cells × genes of the treatment; two or more.
    ///   - controls: cells × genes; two or more.
    ///   - scale: what fold changes are made of; means below 0, as moved controls may have, count as 0 under `log1p`.
    public init(cells: Matrix<Float>, controls: Matrix<Float>, scale: FoldChangeScale) {
        precondition(cells.rows >= 2 && controls.rows >= 2, "\(cells.rows) cells beside \(controls.rows) controls")
        let groups = ComparedGroups(
            labels: Array(repeating: "treated", count: cells.rows)
                + Array(repeating: "control", count: controls.rows),
            comparing: ["treated"], reference: "control")
        var comparison = GeneComparison(groups: groups, test: .wilcoxon(tieCorrected: true))
        var foldChange: [Double] = []
        var pValues: [Double] = []
        var values: [Float] = []
        var codes: [Int32] = []
        for gene in 0..<cells.columns {
            values.removeAll(keepingCapacity: true)
            codes.removeAll(keepingCapacity: true)
            for (code, part) in [cells, controls].enumerated() {
                for row in 0..<part.rows where part[row, gene] != 0 {
                    values.append(part[row, gene])
                    codes.append(Int32(code))
                }
            }
            values.withUnsafeBufferPointer { values in
                codes.withUnsafeBufferPointer { comparison.compare(values: values, codes: $0) }
            }
            pValues.append(comparison.scores[0].pValue)
            let means = [comparison.sums[0] / Double(cells.rows), comparison.sums[1] / Double(controls.rows)]
            foldChange.append(Self.foldChange(means[0], means[1], scale))
        }
        self.foldChange = foldChange
        adjusted = PValueAdjustment.benjaminiHochberg.adjusted(pValues)
    }

    private static func foldChange(_ mean: Double, _ control: Double, _ scale: FoldChangeScale) -> Double {
        switch scale {
        case .log1p: GeneRanking.log2FoldChange(max(0, mean), max(0, control), scale: .log1p)
        case .log2, .linear, .none: mean - control
        }
    }

    /// Genes told apart, by falling size of their fold change.
    private var found: [Int] {
        foldChange.indices.filter { adjusted[$0] < PredictionMetric.falseDiscoveries }
            .sorted { (abs(foldChange[$0]), $1) > (abs(foldChange[$1]), $0) }
    }

    /// How many genes are told apart.
    public var count: Int { adjusted.count { $0 < PredictionMetric.falseDiscoveries } }

    /// How well these genes, predicted, agree with those of the measured cells. Where nothing is truly told apart there is
    /// nothing to find: no scores.
    public func scores(against truth: DifferentialGenes) -> [PredictionMetric: Double] {
        let (own, expected) = (found, truth.found)
        guard !expected.isEmpty else { return [:] }
        let ownSet = Set(own)
        let expectedSet = Set(expected)
        func share(_ part: Int, of whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
        let right = expected.count { gene in
            foldChange[gene] != 0 && (foldChange[gene] > 0) == (truth.foldChange[gene] > 0)
        }
        var scores: [PredictionMetric: Double] = [
            .geneOverlap: share(Set(own.prefix(expected.count)).intersection(expectedSet).count, of: expected.count),
            .genePrecision: share(ownSet.intersection(expectedSet).count, of: own.count),
            .geneRecall: share(ownSet.intersection(expectedSet).count, of: expected.count),
            .geneDirection: share(right, of: expected.count),
        ]
        if expected.count > 2 {
            let correlation = spearmanCorrelation(
                expected.map { foldChange[$0] }, expected.map { truth.foldChange[$0] })
            scores[.geneFolds] = correlation.isNaN ? 0 : correlation
        }
        if expected.count < adjusted.count {
            let ranking = EdgeRankingScores(
                adjusted.indices.map { (probability: -adjusted[$0], isEdge: expectedSet.contains($0)) })
            scores[.genePrecisionCurve] = ranking.averagePrecision
            scores[.geneCurve] = ranking.areaUnderROC
        }
        return scores
    }
}
