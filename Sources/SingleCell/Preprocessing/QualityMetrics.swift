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
        let matrix = matrix.canonical
        var counted = [Bool](repeating: countedCells == nil, count: matrix.rows)
        for cell in countedCells ?? [] { counted[cell] = true }
        var genesPerCell = [Int](repeating: 0, count: matrix.rows)
        var masked = [Double](repeating: 0, count: matrix.rows)
        var cellsPerGene = [Int](repeating: 0, count: matrix.columns)
        matrix.forEachStored { cell, gene, value in
            guard value != 0 else { return }
            genesPerCell[cell] += 1
            if counted[cell] { cellsPerGene[gene] += 1 }
            if let mask, mask[gene] { masked[cell] += Double(value) }
        }
        let totals = matrix.cellSums()
        self.genesPerCell = genesPerCell
        self.cellsPerGene = cellsPerGene
        totalPerCell = totals
        totalPerGene = matrix.geneSums(cells: countedCells)
        maskedPercentPerCell = mask == nil ? [] : zip(masked, totals).map { 100 * $0 / $1 }
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
