import AnnotatedData
import Matrices

extension CellMatrix {
    func cellSums() -> [Double] {
        switch self {
        case .dense(let matrix): matrix.rowSums()
        case .sparse(let matrix): matrix.rowSums()
        }
    }

    /// Every stored value transformed; `transform` must keep 0.
    func mapped(_ transform: (Float) -> Float) -> CellMatrix {
        switch self {
        case .dense(var matrix):
            matrix.values = matrix.values.map(transform)
            return .dense(matrix)
        case .sparse(var matrix):
            matrix.values = matrix.values.map(transform)
            return .sparse(matrix)
        }
    }

    /// Every stored value of a cell divided by that cell's factor.
    func dividingCells(by factors: [Float]) -> CellMatrix {
        switch self {
        case .dense(var matrix):
            let columns = matrix.columns
            matrix.values.withUnsafeMutableBufferPointer { values in
                for row in factors.indices {
                    for index in row * columns..<(row + 1) * columns { values[index] /= factors[row] }
                }
            }
            return .dense(matrix)
        case .sparse(var matrix):
            let starts = matrix.rowStarts
            matrix.values.withUnsafeMutableBufferPointer { values in
                for row in factors.indices {
                    for entry in starts[row]..<starts[row + 1] { values[entry] /= factors[row] }
                }
            }
            return .sparse(matrix)
        }
    }

    /// Entries given twice summed, so that what is stored can be counted.
    var canonical: CellMatrix {
        switch self {
        case .dense: self
        case .sparse(let matrix): .sparse(matrix.canonical)
        }
    }

    /// Calls `body` with the cell, the gene and the value of every entry that is stored.
    func forEachStored(_ body: (_ cell: Int, _ gene: Int, _ value: Float) -> Void) {
        switch self {
        case .dense(let matrix):
            matrix.values.withUnsafeBufferPointer { values in
                for row in 0..<matrix.rows {
                    for column in 0..<matrix.columns { body(row, column, values[row * matrix.columns + column]) }
                }
            }
        case .sparse(let matrix):
            for row in 0..<matrix.rows {
                for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
                    body(row, Int(matrix.columnIndices[entry]), matrix.values[entry])
                }
            }
        }
    }

    /// Calls `body` with the gene and the value of every stored entry of a cell.
    @inline(__always)
    func forEachStored(row: Int, _ body: (_ gene: Int, _ value: Float) -> Void) {
        switch self {
        case .dense(let matrix):
            matrix.values.withUnsafeBufferPointer { values in
                let start = row * matrix.columns
                for column in 0..<matrix.columns { body(column, values[start + column]) }
            }
        case .sparse(let matrix):
            matrix.values.withUnsafeBufferPointer { values in
                matrix.columnIndices.withUnsafeBufferPointer { indices in
                    for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
                        body(Int(indices[entry]), values[entry])
                    }
                }
            }
        }
    }
}
