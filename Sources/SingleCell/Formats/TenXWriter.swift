import AnnotatedData
import HDF5

/// Writes an HDF5 file as Cell Ranger does from version 3 on, which Cell Ranger, scanpy and Seurat read: the main matrix,
/// the names of cells, and of genes the columns `gene_ids`, `feature_types`, `genome` and the like. Other columns, layers
/// and the rest have no place in this format.
///
/// The matrix is walked through in blocks and may be larger than memory. Whole numbers are written as int32, others as
/// float32. Names beyond ASCII are written as UTF-8, which scanpy's reader refuses.
/// - Throws: `MISSING_ELEMENT` where there is no main matrix, `CANNOT_WRITE`, and what reading the matrix throws; nothing
///   is left behind then.
public func writeTenXHDF5(_ source: AnnotatedSource, to path: String) throws(FormatError) {
    guard let x = source.x else {
        throw FormatError(
            code: "MISSING_ELEMENT", file: path, element: "/matrix", message: "a main matrix expected, there is none",
            remedy: "put a layer into X")
    }
    let writer = TenXWriter(x: x, cells: source.annotation.cells, genes: source.annotation.genes)
    try WholeFile.write(path) { partial throws(FormatError) in
        // Counts are the rule: what is found to be none is written again.
        if try !writer.write(partial, asCounts: true) { _ = try writer.write(partial, asCounts: false) }
    }
}

/// Writes a matrix in memory.
/// - Throws: As for an opened file.
public func writeTenXHDF5(_ data: AnnotatedMatrix, to path: String) throws(FormatError) {
    var annotation = data
    (annotation.x, annotation.layers, annotation.raw) = (nil, [:], nil)
    try writeTenXHDF5(
        AnnotatedSource(format: .tenXHDF5, layout: "csr", dtype: "float32", x: data.x, annotation: annotation), to: path
    )
}

private struct TenXWriter {
    let x: any MatrixBlocks
    let cells: AnnotationTable
    let genes: AnnotationTable

    /// - Returns: False, with the file half-written, where counts were asked for and a value is none.
    func write(_ path: String, asCounts: Bool) throws(FormatError) -> Bool {
        do {
            let file = try HDF5File(creating: path)
            let root = try file.root
            try root.writeAttribute("filetype", "matrix")
            try root.writeAttribute("version", .integers([2]), shape: [])
            let group = try root.makeGroup("matrix")
            guard try writeEntries(group, asCounts: asCounts) else {
                try file.close()
                return false
            }
            try group.write("shape", .smallIntegers([Int32(genes.count), Int32(cells.count)]), compression: .none)
            try group.writeFixedTexts("barcodes", cells.names)
            if let filtered = cells["filtered_barcodes"]?.truths {
                try group.write("filtered_barcodes", .booleans(filtered))
            }
            try writeFeatures(group.makeGroup("features"))
            try file.close()
            return true
        } catch let error as FormatError {
            throw error
        } catch let error as HDF5Error {
            throw FormatError(error)
        } catch {
            preconditionFailure("a matrix in a file throws FormatError, not \(error)")
        }
    }

    /// Compressed rows of cells are compressed columns of features × barcodes.
    private func writeEntries(_ group: HDF5Group, asCounts: Bool) throws -> Bool {
        let data = try group.makeAppendable("data", type: asCounts ? .int32 : .float32)
        let indices = try group.makeAppendable("indices", type: .int64)
        let starts = try group.makeAppendable("indptr", type: .int64)
        try starts.append([Int64(0)])
        var count = 0
        do {
            try x.forEachBlock { block in
                let entries = Entries(block)
                if asCounts {
                    guard let counts = entries.counts(exact: block.exact) else { throw NoCounts() }
                    try data.append(counts)
                } else {
                    try data.append(entries.values)
                }
                try indices.append(entries.columns)
                try starts.append(entries.rowEnds.map { Int64($0 + count) })
                count += entries.values.count
            }
        } catch is NoCounts {
            return false
        }
        for appender in [data, indices, starts] { _ = try appender.finish() }
        return true
    }

    private func writeFeatures(_ group: HDF5Group) throws(HDF5Error) {
        let identifiers = texts("gene_ids") ?? genes.names
        try group.writeFixedTexts("name", genes.names)
        if let probes = texts("probe_ids") {
            try group.writeFixedTexts("id", probes)
            try group.writeFixedTexts("gene_id", identifiers)
        } else {
            try group.writeFixedTexts("id", identifiers)
        }
        try group.writeFixedTexts(
            "feature_type", texts("feature_types") ?? Array(repeating: "Gene Expression", count: genes.count))
        let tags = ["pattern", "read", "sequence"].filter { texts($0) != nil }
        try group.writeFixedTexts("genome", texts("genome") ?? Array(repeating: "", count: genes.count))
        for tag in tags { try group.writeFixedTexts(tag, texts(tag) ?? []) }
        try group.writeFixedTexts("_all_tag_keys", ["genome"] + tags, compression: .none)
    }

    private func texts(_ column: String) -> [String]? { genes[column]?.labels.map { $0 ?? "" } }
}

/// A value that is no count: the end of an attempt.
private struct NoCounts: Error {}

/// The stored entries of a block; of a dense one those that are not 0.
private struct Entries {
    var columns: [Int64] = []
    var values: [Float] = []
    /// For each row of the block, the number of entries up to its end.
    var rowEnds: [Int] = []
    private let places: [Int]?

    init(_ block: MatrixBlock) {
        switch block.matrix {
        case .sparse(let matrix):
            columns = matrix.columnIndices.map { Int64($0) }
            values = matrix.values
            rowEnds = Array(matrix.rowStarts.dropFirst())
            places = nil
        case .dense(let matrix):
            var places: [Int] = []
            for row in 0..<matrix.rows {
                for column in 0..<matrix.columns where matrix[row, column] != 0 {
                    columns.append(Int64(column))
                    values.append(matrix[row, column])
                    places.append(row * matrix.columns + column)
                }
                rowEnds.append(values.count)
            }
            self.places = places
        }
    }

    /// The values as whole numbers; nil where one is none, or too large.
    /// - Parameter exact: all values of the block, where `Float` does not hold them.
    func counts(exact: [Double]?) -> [Int32]? {
        var counts: [Int32] = []
        counts.reserveCapacity(values.count)
        for (entry, value) in values.enumerated() {
            let count = exact.map { Int32(exactly: $0[places?[entry] ?? entry]) } ?? Int32(exactly: value)
            guard let count else { return nil }
            counts.append(count)
        }
        return counts
    }
}
