import AnnotatedData
import HDF5
import Matrices

extension H5ADReader {
    /// The matrix at the path, cells × genes; nil where the file says that there is none.
    mutating func matrix(
        _ name: String, _ cells: AnnotationTable, _ genes: AnnotationTable, isMain: Bool
    ) throws(HDF5Error) -> CellMatrix? {
        let matrix: CellMatrix
        let kind: HDF5Kind
        switch try root.node(name) {
        case .dataset(let dataset):
            guard !dataset.values.isNull else { return nil }
            kind = dataset.values.kind
            guard kind.isNumeric else { throw problem("DTYPE", dataset.path, "numbers expected, found \(kind.name)") }
            matrix = .dense(try dense(dataset, cells.count, genes.count))
            if isMain { layout = "dense" }
        case .group(let group):
            let isByCells = try isCompressedByCells(group, cells.count, genes.count)
            kind = try group.dataset("data").values.kind
            matrix = .sparse(try sparse(group, cells.count, genes.count, isByCells: isByCells))
            if isMain { layout = isByCells ? "csr" : "csc" }
        }
        if isMain { dtype = kind.name }
        try checkFinite(matrix, "/\(name)", cells, genes, isMain: isMain)
        return matrix
    }

    private mutating func dense(
        _ dataset: HDF5Dataset, _ rows: Int, _ columns: Int
    ) throws(HDF5Error) -> Matrix<Float> {
        let shape = dataset.values.shape
        // Early writers dropped the second dimension of a single column.
        let isOneColumn = shape.count == 1 && min(rows, columns) == 1 && shape[0] == rows * columns
        guard shape.count == 2 || isOneColumn else {
            throw problem("SHAPE_MISMATCH", dataset.path, "a matrix expected, found \(shape.count) dimensions")
        }
        guard isOneColumn || shape == [rows, columns] else {
            throw mismatch(dataset.path, shape, rows, columns)
        }
        return Matrix(rows: rows, columns: columns, values: try values(dataset.values))
    }

    private func mismatch(_ element: String, _ shape: [Int], _ rows: Int, _ columns: Int) -> HDF5Error {
        problem(
            "SHAPE_MISMATCH", element,
            "\(shape[0]) × \(shape[1]) values for \(rows) cells (/obs) × \(columns) genes (/var)")
    }

    private func isCompressedByCells(
        _ group: HDF5Group, _ rows: Int, _ columns: Int
    ) throws(HDF5Error) -> Bool {
        var name = try encoding(group)
        if name == nil, let old = try group.attribute("h5sparse_format"), old.kind == .string {
            name = try old.strings().first.map { "\($0)_matrix" }
        }
        switch name {
        case "csr_matrix": return true
        case "csc_matrix": return false
        case let name?:
            throw problem(
                "BAD_ENCODING", group.path, "'\(name)' is not a known matrix (csr_matrix, csc_matrix, array)")
        case nil:
            let pointers = try group.dataset("indptr").values.count
            guard rows != columns, [rows + 1, columns + 1].contains(pointers) else {
                throw problem("BAD_ENCODING", group.path, "the attribute encoding-type is missing")
            }
            return pointers == rows + 1
        }
    }

    private mutating func sparse(
        _ group: HDF5Group, _ rows: Int, _ columns: Int, isByCells: Bool
    ) throws(HDF5Error) -> SparseMatrix {
        var shapeAttribute = try group.attribute("shape")
        if shapeAttribute == nil { shapeAttribute = try group.attribute("h5sparse_shape") }
        guard let values = shapeAttribute, values.count == 2 else {
            throw problem("MISSING_ELEMENT", "\(group.path)@shape", "the attribute 'shape' with two numbers is missing")
        }
        let shape = try values.integers()
        guard shape == [Int64(rows), Int64(columns)] else {
            throw mismatch(group.path, shape.map { Int(clamping: $0) }, rows, columns)
        }
        let (major, minor) = isByCells ? (rows, columns) : (columns, rows)
        let (data, indices) = (try group.dataset("data").values, try group.dataset("indices").values)
        let starts = try rowStarts(group, major, entries: data.count)
        for part in [data, indices] where part.shape.count != 1 {
            throw problem("SHAPE_MISMATCH", part.element, "1 dimension expected, found \(part.shape.count)")
        }
        guard data.count == indices.count else {
            throw problem(
                "SHAPE_MISMATCH", group.path, "\(data.count) values in data, but \(indices.count) in indices")
        }
        // A few thousand repeated entries can be lived with, a matrix stored over and over cannot.
        guard data.count <= max(rows * columns, 1 << 20), minor < Int(Int32.max) else {
            throw problem(
                "LIMIT", data.element, "\(data.count) entries for \(rows) × \(columns) places",
                remedy: "the file is damaged or made to exhaust memory: fetch or write it again")
        }
        guard case .integer = indices.kind else { throw wholeNumbersExpected(indices) }
        let minorIndices = try indices.smallIntegers()
        try checkIndices(minorIndices, starts, minor, indices.element, isByCells: isByCells)
        let numbers = try self.values(data)
        let matrix =
            isByCells
            ? SparseMatrix(
                rows: rows, columns: columns, rowStarts: starts, columnIndices: minorIndices, values: numbers)
            : Self.byRows(
                rows: rows, columns: columns, columnStarts: starts, rowIndices: minorIndices, values: numbers)
        noteRepeatedEntries(matrix, group.path)
        return matrix
    }

    private func wholeNumbersExpected(_ values: HDF5Values) -> HDF5Error {
        problem("DTYPE", values.element, "whole numbers expected, found \(values.kind.name)")
    }

    private func rowStarts(_ group: HDF5Group, _ major: Int, entries: Int) throws(HDF5Error) -> [Int] {
        let pointers = try group.dataset("indptr").values
        guard case .integer = pointers.kind else { throw wholeNumbersExpected(pointers) }
        guard pointers.shape == [major + 1] else {
            throw problem("BAD_INDPTR", pointers.element, "\(major + 1) pointers expected, found \(pointers.count)")
        }
        let starts = try pointers.integers().map { Int($0) }
        guard starts[0] == 0 else {
            throw problem("BAD_INDPTR", pointers.element, "the first pointer must be 0, it is \(starts[0])")
        }
        for position in 1..<starts.count where starts[position] < starts[position - 1] {
            throw problem(
                "BAD_INDPTR", pointers.element,
                "pointers must not fall: [\(position)] is \(starts[position]), the one before \(starts[position - 1])")
        }
        guard starts[major] == entries else {
            throw problem(
                "BAD_INDPTR", pointers.element, "the last pointer must be \(entries), it is \(starts[major])")
        }
        return starts
    }

    private func checkIndices(
        _ indices: [Int32], _ starts: [Int], _ minor: Int, _ element: String, isByCells: Bool
    ) throws(HDF5Error) {
        guard let position = indices.firstIndex(where: { $0 < 0 || Int($0) >= minor }) else { return }
        let line = (starts.firstIndex { $0 > position } ?? starts.count) - 1
        throw problem(
            "INDEX_RANGE", "\(element)[\(position)]",
            "the index is \(indices[position]) in \(isByCells ? "cell" : "gene") \(line), "
                + "but there are \(minor) \(isByCells ? "genes" : "cells")")
    }

    private mutating func noteRepeatedEntries(_ matrix: SparseMatrix, _ element: String) {
        var lastRow = [Int32](repeating: -1, count: matrix.columns)
        var repeated = 0
        for row in 0..<matrix.rows {
            for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
                let column = Int(matrix.columnIndices[entry])
                if lastRow[column] == Int32(truncatingIfNeeded: row) { repeated += 1 }
                lastRow[column] = Int32(truncatingIfNeeded: row)
            }
        }
        if repeated > 0 {
            note("DUPLICATE_ENTRIES", "\(element): \(repeated) entries are given twice; they count as their sums")
        }
    }

    /// Compressed columns to compressed rows, by counting.
    static func byRows(
        rows: Int, columns: Int, columnStarts: [Int], rowIndices: [Int32], values: [Float]
    ) -> SparseMatrix {
        var starts = [Int](repeating: 0, count: rows + 1)
        for row in rowIndices { starts[Int(row) + 1] += 1 }
        for row in 0..<rows { starts[row + 1] += starts[row] }
        var next = starts
        var indices = [Int32](repeating: 0, count: values.count)
        var sorted = [Float](repeating: 0, count: values.count)
        for column in 0..<columns {
            for entry in columnStarts[column]..<columnStarts[column + 1] {
                let row = Int(rowIndices[entry])
                indices[next[row]] = Int32(column)
                sorted[next[row]] = values[entry]
                next[row] += 1
            }
        }
        return SparseMatrix(rows: rows, columns: columns, rowStarts: starts, columnIndices: indices, values: sorted)
    }

    /// Numbers as `Float`; whole numbers that it cannot hold are noted.
    private mutating func values(_ values: HDF5Values) throws(HDF5Error) -> [Float] {
        switch values.kind {
        case .float(let bytes) where bytes > 4:
            let doubles = try values.doubles()
            noteRounding(doubles.first { $0.rounded() == $0 && $0.isFinite && Double(Float($0)) != $0 }, values.element)
            return doubles.map { Float($0) }
        case .integer(let bytes, _) where bytes >= 4:
            let integers = try values.integers()
            noteRounding(
                integers.first { $0.magnitude > 1 << 24 && Int64(exactly: Float($0)) != $0 }.map { Double($0) },
                values.element)
            return integers.map { Float($0) }
        default:
            return try values.floats()
        }
    }

    private mutating func noteRounding(_ value: Double?, _ element: String) {
        guard let value else { return }
        note("PRECISION", "\(element): \(value) and maybe others are rounded to 24 bits")
    }

    /// The main matrix must be of finite numbers; elsewhere others are noted.
    private mutating func checkFinite(
        _ matrix: CellMatrix, _ element: String, _ cells: AnnotationTable, _ genes: AnnotationTable, isMain: Bool
    ) throws(HDF5Error) {
        guard let position = matrix.storedValues.firstIndex(where: { !$0.isFinite }) else { return }
        let (row, column): (Int, Int)
        switch matrix {
        case .dense(let matrix): (row, column) = (position / matrix.columns, position % matrix.columns)
        case .sparse(let matrix):
            row = (matrix.rowStarts.firstIndex { $0 > position } ?? 1) - 1
            column = Int(matrix.columnIndices[position])
        }
        let message =
            "the value of cell '\(cells.names[row])' and gene '\(genes.names[column])' is "
            + "\(matrix.storedValues[position])"
        guard isMain else { return note("NONFINITE", "\(element): \(message)") }
        throw problem(
            "NONFINITE", element, "finite numbers expected; \(message)",
            remedy: "remove or fill these values, or put another layer into X")
    }
}
