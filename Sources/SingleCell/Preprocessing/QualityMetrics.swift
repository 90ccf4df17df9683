import AnnotatedData
import Foundation
import Matrices

// As scanpy's `calculate_qc_metrics`, `filter_cells` and `filter_genes` (version 1.12).

/// How much was measured in each cell and of each gene.
public struct QualityMetrics: Sendable, Equatable {
    /// Genes that are not 0, one a cell.
    public let genesPerCell: [Int]
    /// Sum of values, one a cell.
    public let totalPerCell: [Double]
    /// Share of the total that falls on the masked genes, in percent; NaN for an empty cell, empty without a mask.
    public let maskedPercentPerCell: [Double]
    /// Cells in which the gene is not 0.
    public let cellsPerGene: [Int]
    public let totalPerGene: [Double]

    /// - Parameters:
    ///   - matrix: cells × genes.
    ///   - mask: Genes to sum apart, such as the mitochondrial ones.
    ///   - countedCells: Cells that count for the genes; all where nil.
    public init(_ matrix: CellMatrix, mask: [Bool]? = nil, countedCells: [Int]? = nil) {
        var quality = CellQuality(masks: GeneMasks(mask.map { ["mask": $0] } ?? [:]), percentTop: [])
        var packer = CellPacker()
        for row in 0..<matrix.rows { packer.pack(row: row, of: matrix) { quality.add($0) } }
        var counts = [Bool](repeating: countedCells == nil, count: matrix.rows)
        for cell in countedCells ?? [] { counts[cell] = true }
        var genes = GeneQuality(genes: matrix.columns)
        genes.add(matrix.canonical, counts: counts)
        genesPerCell = quality.genes.map(Int.init)
        totalPerCell = quality.totals
        maskedPercentPerCell = mask == nil ? [] : quality.maskedPercent(0)
        cellsPerGene = genes.cells
        totalPerGene = genes.totals
    }
}

/// Quantiles of one quality metric over cells or genes, for a figure.
public struct QualitySummary: Sendable, Equatable, Codable {
    public let metric: String
    /// Of the values before filtering, at `levels`.
    public let quantiles: [Double]

    public static let levels = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]

    init(metric: String, values: [Double]) {
        self.metric = metric
        quantiles = Matrices.quantiles(of: values.filter { !$0.isNaN }, at: Self.levels)
    }
}
