import AnnotatedData
import Foundation

/// In how many cells each gene was seen, and its total, gathered block by block in the order of cells.
struct GeneQuality: Sendable, Equatable {
    private(set) var cellCount = 0
    /// Cells in which the gene is not 0.
    private(set) var cells: [Int]
    private(set) var totals: [Double]

    init(genes: Int) {
        cells = [Int](repeating: 0, count: genes)
        totals = [Double](repeating: 0, count: genes)
    }

    /// Of all cells of a complete profile of counts: their sums are exact in any order.
    init(_ profile: CountProfile) {
        self.init(genes: profile.genes)
        cellCount = profile.cellCounts.reduce(0, +)
        let sums = profile.totals()
        for place in sums.cells.indices {
            cells[place % profile.genes] += sums.cells[place]
            totals[place % profile.genes] += sums.sums[place]
        }
    }

    /// - Parameter counts: Whether each row of the block counts; all do where nil.
    mutating func add(_ matrix: CellMatrix, counts: [Bool]? = nil) {
        cells.withUnsafeMutableBufferPointer { cells in
            totals.withUnsafeMutableBufferPointer { totals in
                for row in 0..<matrix.rows where counts?[row] != false {
                    cellCount += 1
                    matrix.forEachStored(row: row) { gene, value in
                        guard value != 0 else { return }
                        cells[gene] += 1
                        totals[gene] += Double(value)
                    }
                }
            }
        }
    }

    mutating func add(_ other: GeneQuality) {
        cellCount += other.cellCount
        for gene in cells.indices {
            cells[gene] += other.cells[gene]
            totals[gene] += other.totals[gene]
        }
    }

    /// Writes the metrics of the given genes into their table, by the names of scanpy's `calculate_qc_metrics`.
    func annotate(_ table: inout AnnotationTable, genes: [Int]) {
        let count = Double(cellCount)
        let means = genes.map { totals[$0] / count }
        table["n_cells_by_counts"] = .integers(genes.map { Int64(cells[$0]) })
        table["mean_counts"] = .floats(means)
        table["log1p_mean_counts"] = .floats(means.map { log1p($0) })
        table["pct_dropout_by_counts"] = .floats(genes.map { 100 * (1 - Double(cells[$0]) / count) })
        table["total_counts"] = .floats(genes.map { totals[$0] })
        table["log1p_total_counts"] = .floats(genes.map { log1p(totals[$0]) })
    }
}
