import AnnotatedData
import HDF5
import Matrices

/// Writes an h5ad file in the encodings of anndata 0.8 to 0.13. The same data give the same bytes.
/// - Throws: `CANNOT_WRITE`; nothing is left behind then.
public func writeH5AD(_ data: AnnotatedMatrix, to path: String) throws(FormatError) {
    try WholeFile.write(path) { partial throws(FormatError) in
        try FormatError.translating { () throws(HDF5Error) in
            let file = try HDF5File(creating: partial)
            try H5ADWriter(root: file.root).write(data)
            try file.close()
        }
    }
}

struct H5ADWriter {
    let root: HDF5Group

    func write(_ data: AnnotatedMatrix) throws(HDF5Error) {
        try encode(root, "anndata")
        if let x = data.x { try write(x, at: "X", in: root) }
        try write(data.cells, at: "obs", in: root)
        try write(data.genes, at: "var", in: root)
        let layers = try dictionary("layers", in: root)
        for (name, matrix) in data.layers.sorted(by: { $0.key < $1.key }) { try write(matrix, at: name, in: layers) }
        for name in ["obsm", "varm", "obsp", "varp"] { try dictionary(name, in: root) }
        if let raw = data.raw {
            let group = try root.makeGroup("raw")
            try encode(group, "raw")
            try write(raw.x, at: "X", in: group)
            try write(raw.genes, at: "var", in: group)
            try dictionary("varm", in: group)
        }
        try write(data.unstructured, in: dictionary("uns", in: root))
    }

    private func encode(_ object: some HDF5Object, _ type: String, _ version: String = "0.1.0") throws(HDF5Error) {
        try object.writeAttribute("encoding-type", type)
        try object.writeAttribute("encoding-version", version)
    }

    @discardableResult
    private func dictionary(_ name: String, in group: HDF5Group) throws(HDF5Error) -> HDF5Group {
        let made = try group.makeGroup(name)
        try encode(made, "dict")
        return made
    }

    private func array(
        _ name: String, _ content: HDF5Content, shape: [Int]? = nil, in group: HDF5Group
    ) throws(HDF5Error) {
        let isSingle = shape == []
        let dataset = try group.write(name, content, shape: shape)
        switch content {
        case .strings: try encode(dataset, isSingle ? "string" : "string-array", "0.2.0")
        default: try encode(dataset, isSingle ? "numeric-scalar" : "array", "0.2.0")
        }
    }

    private func write(_ matrix: CellMatrix, at name: String, in group: HDF5Group) throws(HDF5Error) {
        switch matrix {
        case .dense(let matrix):
            try array(name, .floats(matrix.values), shape: [matrix.rows, matrix.columns], in: group)
        case .sparse(let matrix):
            let made = try group.makeGroup(name)
            try encode(made, "csr_matrix")
            try made.writeAttribute("shape", .integers([Int64(matrix.rows), Int64(matrix.columns)]))
            try made.write("data", .floats(matrix.values))
            try made.write("indices", .smallIntegers(matrix.columnIndices))
            // Both index arrays are of one type while the pointers fit, as scipy has them.
            let isSmall = matrix.values.count <= Int(Int32.max)
            try made.write(
                "indptr",
                isSmall
                    ? .smallIntegers(matrix.rowStarts.map { Int32($0) }) : .integers(matrix.rowStarts.map { Int64($0) })
            )
        }
    }

    private func write(_ table: AnnotationTable, at name: String, in group: HDF5Group) throws(HDF5Error) {
        let made = try group.makeGroup(name)
        try encode(made, "dataframe", "0.2.0")
        let names = table.columns.map(\.name)
        var indexName = "_index"
        while names.contains(indexName) { indexName += "_" }
        try made.writeAttribute("_index", indexName)
        // An empty list has no strings in it: anndata writes it as numbers.
        try made.writeAttribute("column-order", names.isEmpty ? .doubles([]) : .strings(names))
        try array(indexName, .strings(table.names), in: made)
        for column in table.columns { try write(column.values, at: column.name, in: made) }
    }

    private func write(_ values: ColumnValues, at name: String, in group: HDF5Group) throws(HDF5Error) {
        switch values {
        case .strings(let texts):
            try nullable(name, "nullable-string-array", texts, in: group) { .strings($0.map { $0 ?? "" }) }
        case .integers(let numbers):
            try nullable(name, "nullable-integer", numbers, in: group) { .integers($0.map { $0 ?? 0 }) }
        case .booleans(let truths):
            try nullable(name, "nullable-boolean", truths, in: group) { .booleans($0.map { $0 ?? false }) }
        case .floats(let numbers):
            try array(name, .doubles(numbers), in: group)
        case .categories(let codes, let levels, let ordered):
            let made = try group.makeGroup(name)
            try encode(made, "categorical", "0.2.0")
            try made.writeAttribute("ordered", .booleans([ordered]), shape: [])
            let isSmall = levels.count <= Int(Int8.max)
            try array("codes", isSmall ? .codes(codes.map { Int8($0) }) : .smallIntegers(codes), in: made)
            try array("categories", .strings(levels), in: made)
        }
    }

    /// A plain array where nothing is missing, else values with a mask.
    private func nullable<Value>(
        _ name: String, _ type: String, _ values: [Value?], in group: HDF5Group, _ content: ([Value?]) -> HDF5Content
    ) throws(HDF5Error) {
        guard values.contains(where: { $0 == nil }) else { return try array(name, content(values), in: group) }
        let made = try group.makeGroup(name)
        try encode(made, type)
        try array("values", content(values), in: made)
        try array("mask", .booleans(values.map { $0 == nil }), in: made)
    }

    private func write(_ values: [String: AnnotationValue], in group: HDF5Group) throws(HDF5Error) {
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .string(let text): try array(name, .strings([text]), shape: [], in: group)
            case .integer(let number): try array(name, .integers([number]), shape: [], in: group)
            case .float(let number): try array(name, .doubles([number]), shape: [], in: group)
            case .boolean(let truth): try array(name, .booleans([truth]), shape: [], in: group)
            case .strings(let texts): try array(name, .strings(texts), in: group)
            case .texts(let texts, let shape): try array(name, .strings(texts), shape: shape, in: group)
            case .numbers(let numbers):
                let content: HDF5Content =
                    switch numbers.values {
                    case .floats(let values): .floats(values)
                    case .doubles(let values): .doubles(values)
                    case .integers(let values): .integers(values)
                    case .booleans(let values): .booleans(values)
                    }
                try array(name, content, shape: numbers.shape, in: group)
            case .column(let values, _): try write(values, at: name, in: group)
            case .table(let table): try write(table, at: name, in: group)
            case .null, .records, .sparse: break
            case .dictionary(let members): try write(members, in: dictionary(name, in: group))
            }
        }
    }
}
