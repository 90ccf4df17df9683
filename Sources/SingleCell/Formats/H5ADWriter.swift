import AnnotatedData
import HDF5

/// Writes the annotation of AnnData in the encodings of anndata 0.8 to 0.13.
struct H5ADWriter {
    let compression: HDF5Compression

    func encode(_ object: some HDF5Object, _ type: String, _ version: String = "0.1.0") throws(HDF5Error) {
        try object.writeAttribute("encoding-type", type)
        try object.writeAttribute("encoding-version", version)
    }

    @discardableResult
    func dictionary(_ name: String, in group: HDF5Group) throws(HDF5Error) -> HDF5Group {
        let made = try group.makeGroup(name)
        try encode(made, "dict")
        return made
    }

    func array(
        _ name: String, _ content: HDF5Content, shape: [Int]? = nil, in group: HDF5Group
    ) throws(HDF5Error) {
        let isSingle = shape == []
        let dataset = try group.write(name, content, shape: shape, compression: compression)
        switch content {
        case .strings: try encode(dataset, isSingle ? "string" : "string-array", "0.2.0")
        default: try encode(dataset, isSingle ? "numeric-scalar" : "array", "0.2.0")
        }
    }

    func table(_ table: AnnotationTable, at name: String, in group: HDF5Group) throws(HDF5Error) {
        let made = try group.makeGroup(name)
        try encode(made, "dataframe", "0.2.0")
        let names = table.columns.map(\.name)
        var indexName = table.namesTitle ?? "_index"
        if names.contains(indexName) { indexName = "_index" }
        while names.contains(indexName) { indexName += "_" }
        try made.writeAttribute("_index", indexName)
        // An empty list has no strings in it: anndata writes it as numbers.
        try made.writeAttribute("column-order", names.isEmpty ? .doubles([]) : .strings(names))
        try array(indexName, .strings(table.names), in: made)
        for column in table.columns { try values(column.values, column.storage, at: column.name, in: made) }
    }

    func values(
        _ values: ColumnValues, _ storage: ColumnStorage, at name: String, in group: HDF5Group
    ) throws(HDF5Error) {
        switch values {
        case .strings(let texts):
            guard texts.contains(nil) else { return try array(name, .strings(texts.map { $0 ?? "" }), in: group) }
            // anndata 0.8 knows no other encoding of texts that may be missing, and later ones write this by default.
            let levels = Set(texts.compactMap { $0 }).sorted()
            let codes = Dictionary(uniqueKeysWithValues: zip(levels, Int32(0)...))
            let column = ColumnValues.categories(
                codes: texts.map { $0.flatMap { codes[$0] } ?? -1 }, levels: levels, ordered: false)
            try self.values(column, ColumnStorage(), at: name, in: group)
        case .integers(let numbers):
            try nullable(name, "nullable-integer", numbers, storage, in: group) { numbers in
                NumberArray(.integers(numbers.map { $0 ?? 0 }), type: storage.type)
            }
        case .booleans(let truths):
            try nullable(name, "nullable-boolean", truths, storage, in: group) { truths in
                NumberArray(.booleans(truths.map { $0 ?? false }))
            }
        case .floats(let numbers):
            try self.numbers(NumberArray(.doubles(numbers), type: storage.type), at: name, in: group)
        case .categories(let codes, let levels, let ordered):
            let made = try group.makeGroup(name)
            try encode(made, "categorical", "0.2.0")
            try made.writeAttribute("ordered", .booleans([ordered]), shape: [])
            let type: NumberType =
                levels.count <= Int(Int8.max) ? .int8 : levels.count <= Int(Int16.max) ? .int16 : .int32
            try numbers(NumberArray(.integers(codes.map { Int64($0) }), type: type), at: "codes", in: made)
            try categories(levels, storage.type, in: made)
        }
    }

    /// Levels that were numbers or truth values are so again.
    private func categories(_ levels: [String], _ type: NumberType?, in group: HDF5Group) throws(HDF5Error) {
        let values: NumberArray.Values? =
            switch type {
            case nil: nil
            case .boolean?: .booleans(levels.map { $0 == "True" })
            case .float16?, .float32?, .float64?: .doubles(levels.compactMap { Double($0) })
            default: .integers(levels.compactMap { Int64($0) })
            }
        guard let values, values.count == levels.count else {
            return try array("categories", .strings(levels), in: group)
        }
        try numbers(NumberArray(values, type: type), at: "categories", in: group)
    }

    /// A plain array where nothing can be missing, else values with a mask.
    private func nullable<Value>(
        _ name: String, _ type: String, _ values: [Value?], _ storage: ColumnStorage, in group: HDF5Group,
        _ content: ([Value?]) -> NumberArray
    ) throws(HDF5Error) {
        guard storage.isNullable || values.contains(where: { $0 == nil }) else {
            return try numbers(content(values), at: name, in: group)
        }
        let made = try group.makeGroup(name)
        try encode(made, type)
        try numbers(content(values), at: "values", in: made)
        try array("mask", .booleans(values.map { $0 == nil }), in: made)
    }

    /// Numbers of the type that they had in their file; half precision, which few readers know, becomes single.
    func numbers(_ array: NumberArray, at name: String, in group: HDF5Group) throws(HDF5Error) {
        let content = HDF5Content(array)
        if content.isStored(as: array.type) || array.values.count == 0 || array.shape.isEmpty {
            return try self.array(name, content, shape: array.shape, in: group)
        }
        let appender = try group.makeAppendable(
            name, type: HDF5ElementType(array.type), rowShape: Array(array.shape.dropFirst()), compression: compression)
        try appender.append(converting: array.values)
        try encode(try appender.finish(), "array", "0.2.0")
    }

    func sparse(_ matrix: CompressedNumbers, at name: String, in group: HDF5Group) throws(HDF5Error) {
        let made = try group.makeGroup(name)
        try numbers(matrix.values, at: "data", in: made)
        try made.write("indices", .smallIntegers(matrix.indices), compression: compression)
        try describe(
            made, rows: matrix.rows, columns: matrix.columns, isByRows: matrix.isByRows, starts: matrix.starts)
    }

    /// What makes a group of data and indices a sparse matrix.
    func describe(
        _ group: HDF5Group, rows: Int, columns: Int, isByRows: Bool, starts: [Int]
    ) throws(HDF5Error) {
        try encode(group, isByRows ? "csr_matrix" : "csc_matrix")
        try group.writeAttribute("shape", .integers([Int64(rows), Int64(columns)]))
        // Both index arrays are of one type while the pointers fit, as scipy has them.
        let isSmall = starts[starts.count - 1] <= Int(Int32.max)
        try group.write(
            "indptr",
            isSmall ? .smallIntegers(starts.map { Int32($0) }) : .integers(starts.map { Int64($0) }),
            compression: compression)
    }
}
