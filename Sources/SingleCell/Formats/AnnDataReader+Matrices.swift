import AnnotatedData
import HDF5

extension AnnDataReader {
    /// The matrix at the path, cells × genes; nil where the file says that there is none.
    mutating func matrix(_ name: String, _ axes: MatrixAxes, isMain: Bool) throws(FormatError) -> StoredMatrix? {
        let storage: StoredMatrix.Storage
        switch try root.node(name) {
        case .array(let array):
            guard !array.values.isNull else { return nil }
            guard array.values.kind.isNumeric else {
                throw problem("DTYPE", array.path, "numbers expected, found \(array.values.kind.name)")
            }
            storage = .dense(try dense(array, axes, isMain: isMain))
        case .group(let group):
            let isByCells = try isCompressedByCells(group, axes)
            let lines = try sparse(group, axes, isByCells: isByCells, isMain: isMain)
            storage = isByCells ? .csr(lines) : .csc(StoredColumns(lines))
        }
        return StoredMatrix(
            rows: axes.cells.count, columns: axes.genes.count, storage: storage)
    }

    private func dense(_ array: any StoreArray, _ axes: MatrixAxes, isMain: Bool) throws(FormatError) -> StoredRows {
        let shape = array.values.shape
        let (rows, columns) = (axes.cells.count, axes.genes.count)
        // Early writers dropped the second dimension of a single column.
        let isOneColumn = shape.count == 1 && min(rows, columns) == 1 && shape[0] == max(rows, columns)
        guard shape.count == 2 || isOneColumn else {
            throw problem("SHAPE_MISMATCH", array.path, "a matrix expected, found \(shape.count) dimensions")
        }
        guard isOneColumn || shape == [rows, columns] else { throw axes.mismatch(array.path, shape) }
        try array.values.checkSize()
        return StoredRows(element: array.path, axes: axes, isMain: isMain, values: array.values)
    }

    private func isCompressedByCells(_ group: any StoreGroup, _ axes: MatrixAxes) throws(FormatError) -> Bool {
        if let isByRows = try isCompressedByRows(group) { return isByRows }
        let (rows, columns) = (axes.cells.count, axes.genes.count)
        let pointers = try group.array("indptr").values.count
        guard rows != columns, [rows + 1, columns + 1].contains(pointers) else {
            throw problem("BAD_ENCODING", group.path, "the attribute encoding-type is missing")
        }
        return pointers == rows + 1
    }

    /// nil where the file does not say.
    func isCompressedByRows(_ group: any StoreGroup) throws(FormatError) -> Bool? {
        var name = try encoding(group)
        if name == nil, let old = try group.attribute("h5sparse_format"), old.kind == .string {
            name = try old.strings { _ in }.first.map { "\($0)_matrix" }
        }
        switch name {
        case "csr_matrix": return true
        case "csc_matrix": return false
        case let name?:
            throw problem(
                "BAD_ENCODING", group.path, "'\(name)' is not a known matrix (csr_matrix, csc_matrix, array)")
        case nil: return nil
        }
    }

    private func sparse(
        _ group: any StoreGroup, _ axes: MatrixAxes, isByCells: Bool, isMain: Bool
    ) throws(FormatError) -> StoredLines {
        let (rows, columns) = (axes.cells.count, axes.genes.count)
        let shape = try sparseShape(group)
        guard shape == [rows, columns] else { throw axes.mismatch(group.path, shape) }
        let (major, minor) = isByCells ? (rows, columns) : (columns, rows)
        let (data, indices) = (try group.array("data").values, try group.array("indices").values)
        let starts = try lineStarts(group, major, entries: data.count)
        for part in [data, indices] where part.shape.count != 1 {
            throw problem("SHAPE_MISMATCH", part.element, "1 dimension expected, found \(part.shape.count)")
        }
        guard data.count == indices.count else {
            throw problem(
                "SHAPE_MISMATCH", group.path, "\(data.count) values in data, but \(indices.count) in indices")
        }
        // A few thousand repeated entries can be lived with, a matrix stored over and over cannot.
        let places = rows.multipliedReportingOverflow(by: columns)
        guard data.count <= max(places.overflow ? Int.max : places.partialValue, 1 << 20), minor < Int(Int32.max) else {
            throw FormatError.unsound(
                "LIMIT", path, data.element, "\(data.count) entries for \(rows) × \(columns) places",
                remedy: "the file is damaged or made to exhaust memory: fetch or write it again")
        }
        guard case .integer = indices.kind else { throw wholeNumbersExpected(indices) }
        guard data.kind.isNumeric else {
            throw problem("DTYPE", data.element, "numbers expected, found \(data.kind.name)")
        }
        try data.checkSize()
        try indices.checkSize()
        return StoredLines(
            element: group.path, axes: axes, isByCells: isByCells, isMain: isMain, starts: starts, indices: indices,
            data: data)
    }

    func sparseShape(_ group: any StoreGroup) throws(FormatError) -> [Int] {
        var attribute = try group.attribute("shape")
        if attribute == nil { attribute = try group.attribute("h5sparse_shape") }
        guard let attribute, attribute.count == 2 else {
            throw problem("MISSING_ELEMENT", "\(group.path)@shape", "the attribute 'shape' with two numbers is missing")
        }
        return try attribute.integers().map { Int(clamping: $0) }
    }

    private func wholeNumbersExpected(_ values: any StoreValues) -> FormatError {
        problem("DTYPE", values.element, "whole numbers expected, found \(values.kind.name)")
    }

    /// The pointers of a compressed matrix, which must rise from 0 to the number of entries.
    func lineStarts(_ group: any StoreGroup, _ lines: Int, entries: Int) throws(FormatError) -> [Int] {
        let pointers = try group.array("indptr").values
        guard case .integer = pointers.kind else { throw wholeNumbersExpected(pointers) }
        guard lines >= 0, lines < Int.max, pointers.shape == [lines + 1] else {
            throw problem("BAD_INDPTR", pointers.element, "\(lines) + 1 pointers expected, found \(pointers.count)")
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
        guard starts[lines] == entries else {
            throw problem(
                "BAD_INDPTR", pointers.element, "the last pointer must be \(entries), it is \(starts[lines])")
        }
        return starts
    }
}
