import COpenBLAS
import Dispatch

/// Σ x xᵀ over rows x that come in blocks: columns × columns, in Double.
///
/// Every entry is summed by one thread in the order of the rows, so that results do not depend on the number of threads.
public struct GramMatrix: Sendable {
    public let columns: Int
    /// The lower triangle, by rows.
    private var sums: Matrix<Double>

    public init(columns: Int) {
        self.columns = columns
        sums = Matrix(rows: columns, columns: columns)
    }

    /// All of it, both triangles.
    public var matrix: Matrix<Double> {
        var full = sums
        for row in 0..<columns {
            for column in 0..<row { full.values[column * columns + row] = full.values[row * columns + column] }
        }
        return full
    }

    /// Rows with few entries are multiplied entry by entry, others by BLAS. The matrix must be canonical.
    public mutating func add(_ matrix: SparseMatrix) {
        precondition(matrix.columns == columns, "rows of \(matrix.columns), \(columns) expected")
        // Entry by entry an operation costs about 30 times as much as within BLAS, which does them for all pairs.
        guard matrix.values.count < matrix.rows * columns / 6 else {
            // As many rows at a time as stay small beside the sums.
            for first in stride(from: 0, to: matrix.rows, by: 1024) {
                add(matrix.selectingRows(Array(first..<min(matrix.rows, first + 1024))).dense)
            }
            return
        }
        let width = columns
        let lanes = 8
        sums.values.withUnsafeMutableBufferPointer { buffer in
            // A lane writes its own rows of the sums only.
            nonisolated(unsafe) let sums = buffer
            matrix.columnIndices.withUnsafeBufferPointer { indexBuffer in
                matrix.values.withUnsafeBufferPointer { valueBuffer in
                    nonisolated(unsafe) let (indices, values) = (indexBuffer, valueBuffer)
                    DispatchQueue.concurrentPerform(iterations: lanes) { lane in
                        for row in 0..<matrix.rows {
                            let entries = matrix.rowStarts[row]..<matrix.rowStarts[row + 1]
                            for entry in entries where Int(indices[entry]) % lanes == lane {
                                let column = Int(indices[entry])
                                let value = Double(values[entry])
                                let start = column * width
                                for other in entries.lowerBound...entry {
                                    sums[start + Int(indices[other])] += value * Double(values[other])
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    public mutating func add(_ matrix: Matrix<Float>) {
        precondition(matrix.columns == columns, "rows of \(matrix.columns), \(columns) expected")
        _ = singleThreadedBLAS
        guard matrix.rows > 0, columns > 0 else { return }
        let rows = matrix.double
        let width = columns
        let stripe = 256
        sums.values.withUnsafeMutableBufferPointer { buffer in
            // A stripe is rows of the sums, written by one thread.
            nonisolated(unsafe) let sums = buffer
            rows.values.withUnsafeBufferPointer { valueBuffer in
                nonisolated(unsafe) let values = valueBuffer
                DispatchQueue.concurrentPerform(iterations: (width + stripe - 1) / stripe) { index in
                    let first = index * stripe
                    let last = min(width, first + stripe)
                    cblas_dgemm(
                        CblasRowMajor, CblasTrans, CblasNoTrans, Int32(last - first), Int32(last), Int32(rows.rows), 1,
                        values.baseAddress! + first, Int32(width), values.baseAddress!, Int32(width), 1,
                        sums.baseAddress! + first * width, Int32(width))
                }
            }
        }
    }
}
