import AnnotatedData
import Foundation
import Matrices

// As scanpy's `normalize_total` and `log1p` (version 1.12): sums in Double, then stored in Float; values are
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
