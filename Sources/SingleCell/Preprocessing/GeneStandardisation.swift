import AnnotatedData
import Foundation
import Matrices

// As scanpy's `scale` (version 1.12): x − mean over the standard deviation (n − 1), 1 for a constant gene.

/// Means and standard deviations of genes, found in some cells and applied to any.
public struct GeneStandardisation: Sendable, Equatable, Codable {
    public let means: [Double]
    /// 1 for genes that do not vary.
    public let deviations: [Double]
    /// Whether means are subtracted; otherwise sparse matrices stay sparse.
    public let isCentred: Bool
    /// Largest value kept, and where centred the negative of the smallest; nil keeps all.
    public let limit: Double?

    /// - Parameter limit: Positive.
    public init(_ moments: ColumnMoments, isCentred: Bool = true, limit: Double? = nil) {
        precondition(limit.map { $0 > 0 } ?? true, "a limit of \(limit ?? 0)")
        means = moments.means
        // Of a single cell nothing is known of the spread.
        deviations = moments.variances.map { $0 > 0 ? $0.squareRoot() : 1 }
        self.isCentred = isCentred
        self.limit = limit
    }

    /// Walks through the matrix once.
    ///
    /// - Parameter cells: Cells that give means and deviations, such as the training cells; all where nil.
    public init(
        blocks: any MatrixBlocks, cells: [Int]? = nil, isCentred: Bool = true, limit: Double? = nil
    ) throws {
        self.init(try GeneMoments(blocks: blocks, cells: cells).moments(), isCentred: isCentred, limit: limit)
    }

    /// - Parameters:
    ///   - matrix: Cells × genes.
    ///   - cells: Cells to scale, the others stay as they are (scanpy's `mask_obs`); all where nil.
    /// - Returns: Dense where centred; otherwise stored as the matrix is.
    public func applied(to matrix: CellMatrix, cells: [Int]? = nil) -> CellMatrix {
        precondition(matrix.columns == means.count, "\(matrix.columns) genes, \(means.count) expected")
        let (upper, lower) = (limit ?? .infinity, isCentred ? -(limit ?? .infinity) : -.infinity)
        func scaled(_ value: Float, _ gene: Int) -> Float {
            let shifted = isCentred ? Double(value) - means[gene] : Double(value)
            return Float(max(lower, min(upper, shifted / deviations[gene])))
        }
        let rows = cells ?? Array(0..<matrix.rows)
        if case .sparse(var sparse) = matrix, !isCentred {
            let (starts, genes) = (sparse.rowStarts, sparse.columnIndices)
            sparse.values.withUnsafeMutableBufferPointer { values in
                for row in rows {
                    for entry in starts[row]..<starts[row + 1] {
                        values[entry] = scaled(values[entry], Int(genes[entry]))
                    }
                }
            }
            return .sparse(sparse)
        }
        var dense = matrix.dense
        let columns = dense.columns
        dense.values.withUnsafeMutableBufferPointer { values in
            for row in rows {
                for gene in 0..<columns {
                    values[row * columns + gene] = scaled(values[row * columns + gene], gene)
                }
            }
        }
        return .dense(dense)
    }

    /// The columns that scanpy writes into `var`.
    public var columns: [AnnotationColumn] {
        [
            AnnotationColumn(name: "mean", values: .floats(means)),
            AnnotationColumn(name: "std", values: .floats(deviations)),
        ]
    }
}
