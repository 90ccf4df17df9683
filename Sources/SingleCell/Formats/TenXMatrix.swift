import AnnotatedData
import HDF5
import Matrices

/// The matrix of a 10x file, where it lies: compressed columns of features × barcodes, which are compressed rows of
/// cells × features, so that nothing is turned around.
///
/// Only the row starts are in memory (8 bytes a cell), and while blocks are walked through their entries. Indices and values
/// are checked as they are read.
struct TenXMatrix: MatrixBlocks {
    let columns: Int
    let storedCount: Int
    private let lines: StoredLines
    /// For each feature of the file its column; −1 where it is left out. nil where all are taken.
    private let columnOfFeature: [Int32]?
    private let isOfCounts: Bool

    var rows: Int { lines.lineCount }
    /// The type of the values in the file.
    var kind: HDF5Kind { lines.data.kind }

    /// - Parameters:
    ///   - group: holds `data`, `indices`, `indptr` and `shape`.
    ///   - axes: the barcodes and the features of the file, of which there are as many as the matrix must have.
    ///   - selection: the features wanted, in rising order; nil takes all.
    init(_ group: HDF5Group, _ axes: MatrixAxes, selection: [Int]?) throws(FormatError) {
        lines = try group.compressedByBarcodes(axes)
        if case .integer = lines.data.kind { isOfCounts = true } else { isOfCounts = false }
        columns = selection?.count ?? axes.genes.count
        guard let selection else {
            columnOfFeature = nil
            storedCount = lines.entryCount
            return
        }
        var columnOfFeature = [Int32](repeating: -1, count: axes.genes.count)
        for (column, feature) in selection.enumerated() { columnOfFeature[feature] = Int32(column) }
        self.columnOfFeature = columnOfFeature
        var count = 0
        for range in lines.ranges(ofEntries: StoredMatrix.blockEntries) {
            count += try lines.readIndices(range).count { columnOfFeature[Int($0)] >= 0 }
        }
        storedCount = count
    }

    func forEachBlock(_ body: (MatrixBlock) throws -> Void) throws {
        let whole = StoredMatrix(rows: rows, columns: lines.axes.genes.count, storage: .csr(lines))
        try whole.forEachBlock { block in
            guard case .sparse(let matrix) = block.matrix else { preconditionFailure("a matrix by rows is sparse") }
            if isOfCounts { try checkCounts(matrix, firstRow: block.firstRow) }
            guard let columnOfFeature else { return try body(block) }
            var (starts, indices, kept) = ([0], [Int32](), [Int]())
            for row in 0..<matrix.rows {
                for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
                    let column = columnOfFeature[Int(matrix.columnIndices[entry])]
                    guard column >= 0 else { continue }
                    indices.append(column)
                    kept.append(entry)
                }
                starts.append(kept.count)
            }
            let selected = SparseMatrix(
                rows: matrix.rows, columns: columns, rowStarts: starts, columnIndices: indices,
                values: kept.map { matrix.values[$0] })
            try body(
                MatrixBlock(
                    firstRow: block.firstRow, matrix: .sparse(selected),
                    exact: block.exact.map { exact in kept.map { exact[$0] } }, notices: block.notices))
        }
    }

    /// Whole numbers are counts of molecules: none is negative.
    private func checkCounts(_ matrix: SparseMatrix, firstRow: Int) throws(FormatError) {
        guard let least = matrix.values.min(), least < 0, let entry = matrix.values.firstIndex(where: { $0 < 0 }) else {
            return
        }
        let row = (matrix.rowStarts.firstIndex { $0 > entry } ?? 1) - 1
        throw .unsoundTenX(
            "NEGATIVE", lines.axes.file, lines.data.element,
            "counts expected; the value of cell '\(lines.axes.cells[firstRow + row])' and feature "
                + "'\(lines.axes.genes[Int(matrix.columnIndices[entry])])' is \(matrix.values[entry])",
            remedy: "name the matrix of raw or filtered counts")
    }
}

extension HDF5Group {
    /// The entries of a 10x group, whose pointers are checked.
    fileprivate func compressedByBarcodes(_ axes: MatrixAxes) throws(FormatError) -> StoredLines {
        let (data, indices) = (try values("data"), try values("indices"))
        for part in [data, indices] where part.shape.count != 1 {
            throw .unsoundTenX(
                "SHAPE_MISMATCH", file.path, part.element, "1 dimension expected, found \(part.shape.count)")
        }
        guard data.count == indices.count else {
            throw .unsoundTenX(
                "SHAPE_MISMATCH", file.path, path, "\(data.count) values in data, but \(indices.count) in indices")
        }
        guard data.kind.isNumeric else {
            throw .unsoundTenX("DTYPE", file.path, data.element, "numbers expected, found \(data.kind.name)")
        }
        guard case .integer = indices.kind else {
            throw .unsoundTenX(
                "DTYPE", file.path, indices.element, "whole numbers expected, found \(indices.kind.name)")
        }
        try checkShape(axes)
        // A few thousand repeated entries can be lived with, a matrix stored over and over cannot.
        let (places, overflow) = axes.cells.count.multipliedReportingOverflow(by: axes.genes.count)
        guard axes.genes.count < Int(Int32.max), overflow || data.count <= max(places, 1 << 20) else {
            throw .unsoundTenX(
                "LIMIT", file.path, data.element,
                "\(data.count) entries for \(axes.cells.count) cells × \(axes.genes.count) features")
        }
        try data.checkSize()
        try indices.checkSize()
        return StoredLines(
            element: path, axes: axes, isByCells: true, isMain: true, starts: try rowStarts(axes, entries: data.count),
            indices: indices, data: data)
    }

    private func values(_ name: String) throws(FormatError) -> HDF5StoreValues {
        HDF5StoreValues(values: try FormatError.translating { () throws(HDF5Error) in try dataset(name).values })
    }

    /// `shape` is that of features × barcodes.
    private func checkShape(_ axes: MatrixAxes) throws(FormatError) {
        let values = try values("shape")
        guard values.shape == [2], case .integer = values.kind else {
            throw .unsoundTenX(
                "SHAPE_MISMATCH", file.path, values.element, "two whole numbers expected: features, barcodes")
        }
        let shape = try values.integers()
        let (cells, features) = (Int64(axes.cells.count), Int64(axes.genes.count))
        guard shape != [features, cells] else { return }
        throw .unsoundTenX(
            "SHAPE_MISMATCH", file.path, values.element,
            "\(shape[0]) features × \(shape[1]) barcodes, but there are names of \(features) features and \(cells) "
                + "barcodes\(shape == [cells, features] ? ": the two are swapped" : "")")
    }

    private func rowStarts(_ axes: MatrixAxes, entries: Int) throws(FormatError) -> [Int] {
        let pointers = try values("indptr")
        guard case .integer = pointers.kind else {
            throw .unsoundTenX(
                "DTYPE", file.path, pointers.element, "whole numbers expected, found \(pointers.kind.name)")
        }
        let cells = axes.cells.count
        guard pointers.shape == [cells + 1] else {
            let isByFeatures = pointers.shape == [axes.genes.count + 1] ? ", as by features" : ""
            throw .unsoundTenX(
                "BAD_INDPTR", file.path, pointers.element,
                "\(cells + 1) pointers expected, found \(pointers.count)\(isByFeatures)")
        }
        let starts = try pointers.integers().map { Int($0) }
        guard starts[0] == 0 else {
            throw .unsoundTenX(
                "BAD_INDPTR", file.path, pointers.element, "the first pointer must be 0, it is \(starts[0])")
        }
        for position in 1..<starts.count where starts[position] < starts[position - 1] {
            throw .unsoundTenX(
                "BAD_INDPTR", file.path, "\(pointers.element)[\(position)]",
                "pointers must not fall: it is \(starts[position]), the one before \(starts[position - 1])")
        }
        guard starts[cells] == entries else {
            throw .unsoundTenX(
                "BAD_INDPTR", file.path, pointers.element,
                "the last pointer must be the number of values, \(entries); it is \(starts[cells])")
        }
        return starts
    }
}

extension FormatError {
    /// What is wrong with an element of a 10x file.
    fileprivate static func unsoundTenX(
        _ code: String, _ file: String, _ element: String, _ message: String,
        remedy: String = "fetch the file again, or write it again with the program that made it"
    ) -> FormatError {
        FormatError(code: code, file: file, element: element, message: message, remedy: remedy)
    }
}
