import AnnotatedData
import Foundation
import Matrices

/// Counts as `normaliseTotal` and `log1pTransform` make logarithms of them, block by block: nothing is kept but a factor a
/// cell.
public struct LogNormalisedBlocks: MatrixBlocks {
    private let counts: any MatrixBlocks
    /// What each cell is divided by.
    private let factors: [Float]
    /// The total of each cell before the logarithm.
    public let targetSum: Double

    public var rows: Int { counts.rows }
    public var columns: Int { counts.columns }
    public var storedCount: Int { counts.storedCount }

    /// Walks through the counts once.
    ///
    /// - Parameters:
    ///   - counts: cells × genes, not negative.
    ///   - targetSum: nil takes the median total of cells that are not empty.
    /// - Throws: `NEGATIVE` where a value is below 0; what `counts` throw.
    public init(_ counts: any MatrixBlocks, targetSum: Double? = nil) throws {
        var totals: [Float] = []
        totals.reserveCapacity(counts.rows)
        try counts.forEachBlock { block in
            if let negative = block.matrix.storedValues.first(where: { $0 < 0 }) {
                throw PreprocessingError(
                    code: "NEGATIVE", element: "X", message: "counts can't be negative, found \(negative)",
                    remedy: "set scale to scaled")
            }
            totals += block.matrix.cellSums().map { Float($0) }
        }
        let positive = totals.filter { $0 > 0 }
        let target = targetSum.map { Float($0) } ?? (positive.isEmpty ? 1 : Float(median(of: positive)))
        self.counts = counts
        self.targetSum = Double(target)
        factors = totals.map { $0 > 0 ? $0 / target : 1 }
    }

    public func forEachBlock(_ body: (MatrixBlock) throws -> Void) throws {
        try counts.forEachBlock { block in
            let normalised = block.matrix.canonical.dividingCells(by: Array(factors[block.rows]))
            try body(MatrixBlock(firstRow: block.firstRow, matrix: log1pTransform(normalised)))
        }
    }
}
