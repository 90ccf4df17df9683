import AnnotatedData
import Foundation
import Matrices

// As scanpy's `normalize_total`, `log1p` and `scale` (version 1.12): sums in Double, then stored in Float; values are
// divided, not multiplied by a reciprocal, so that results are equal bit for bit.

/// Scales every cell to the same total.
///
/// - Parameters:
///   - counts: cells × genes, not negative.
///   - targetSum: The total of each cell afterwards; nil takes the median total.
///   - cells: Cells whose totals make that median; all where nil.
/// - Returns: The scaled matrix and the total it aims at. Empty cells stay empty.
public func normaliseTotal(
    _ counts: CellMatrix, targetSum: Double? = nil, medianOver cells: [Int]? = nil
) -> (normalised: CellMatrix, targetSum: Double) {
    let totals = counts.cellSums().map { Float($0) }
    let target: Float
    if let targetSum {
        target = Float(targetSum)
    } else {
        let positive = (cells.map { $0.map { totals[$0] } } ?? totals).filter { $0 > 0 }
        target = positive.isEmpty ? 1 : Float(median(of: positive))
    }
    let factors = totals.map { $0 > 0 ? $0 / target : 1 }
    return (counts.dividingCells(by: factors), Double(target))
}

/// ln(1 + x) of every value.
public func log1pTransform(_ matrix: CellMatrix) -> CellMatrix { matrix.mapped { log1p($0) } }

/// asinh(x / cofactor) of every value: logarithmic for large, linear for small intensities.
public func asinhTransform(_ matrix: CellMatrix, cofactor: Double) -> CellMatrix {
    let cofactor = Float(cofactor)
    return matrix.mapped { asinh($0 / cofactor) }
}

/// Centred and divided by the standard deviation (n − 1) of each gene; a constant gene is only centred.
///
/// - Parameters:
///   - matrix: cells × genes.
///   - limit: Largest absolute value kept; larger ones are clipped to it.
///   - cells: Cells that give means and deviations; all where nil.
public func standardise(
    _ matrix: CellMatrix, limit: Double? = nil, statisticsOver cells: [Int]? = nil
) -> (scaled: Matrix<Float>, means: [Double], deviations: [Double]) {
    let moments = matrix.geneMoments(cells: cells)
    let deviations = moments.standardDeviations.map { $0 > 0 ? $0 : 1 }
    var dense = matrix.dense
    let columns = dense.columns
    let bound = limit ?? .infinity
    dense.values.withUnsafeMutableBufferPointer { values in
        for row in 0..<matrix.rows {
            for column in 0..<columns {
                let value = (Double(values[row * columns + column]) - moments.means[column]) / deviations[column]
                values[row * columns + column] = Float(max(-bound, min(bound, value)))
            }
        }
    }
    return (dense, moments.means, deviations)
}
