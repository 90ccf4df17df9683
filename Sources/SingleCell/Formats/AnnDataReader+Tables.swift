import AnnotatedData
import HDF5

extension AnnDataReader {
    /// `obs`, `var` or `raw/var`.
    mutating func table(_ name: String) throws(FormatError) -> AnnotationTable {
        switch try root.node(name) {
        case .array(let array): return try compoundTable(array)
        case .group(let group): return try table(group)
        }
    }

    mutating func table(_ group: any StoreGroup) throws(FormatError) -> AnnotationTable {
        if let encoding = try encoding(group), encoding != "dataframe" {
            throw problem("BAD_ENCODING", group.path, "a dataframe expected, found '\(encoding)'")
        }
        guard let attribute = try group.attribute("_index"), attribute.kind == .string,
            let indexName = try attribute.strings(onInvalid: { _ in }).first
        else {
            throw problem(
                "MISSING_ELEMENT", "\(group.path)@_index",
                "the attribute that says which member holds the names is missing")
        }
        guard let index = try column(group, indexName, count: nil) else {
            throw problem("BAD_ENCODING", "\(group.path)/\(indexName)", "the names are of an unknown encoding")
        }
        var columns: [AnnotationColumn] = []
        for name in try columnNames(group, indexName) {
            if let column = try column(group, name, count: index.values.count) { columns.append(column) }
        }
        return AnnotationTable(
            names: index.values.texts.map { $0 ?? "nan" }, columns: columns,
            namesTitle: indexName == "_index" ? nil : indexName)
    }

    /// In the order in which they were written, each once. A table without columns has an empty list of numbers there.
    private func columnNames(_ group: any StoreGroup, _ indexName: String) throws(FormatError) -> [String] {
        guard let order = try group.attribute("column-order") else {
            return try group.names.filter { $0 != indexName && $0 != "__categories" }
        }
        var seen: Set = [indexName]
        return order.kind == .string ? try order.strings { _ in }.filter { seen.insert($0).inserted } : []
    }

    /// One column; nil, with a notice, where its encoding is unknown.
    /// - Parameter count: the number of rows; nil for the names themselves, which set it.
    private mutating func column(
        _ group: any StoreGroup, _ name: String, count: Int?
    ) throws(FormatError) -> AnnotationColumn? {
        let column: AnnotationColumn?
        let element = group.path(of: name)
        switch try group.node(name) {
        case .array(let array): column = try self.column(array, name, in: group)
        case .group(let member): column = try encodedColumn(member, name)
        }
        guard let column else {
            note("BAD_ENCODING", "\(element) is left out: its encoding is not known")
            return nil
        }
        if let count, column.values.count != count {
            throw problem("SHAPE_MISMATCH", element, "\(column.values.count) values for \(count) rows")
        }
        return column
    }

    private mutating func column(
        _ array: any StoreArray, _ name: String, in group: any StoreGroup
    ) throws(FormatError) -> AnnotationColumn? {
        guard try array.attribute("categories") != nil else {
            try requireOneDimension(array.values)
            return try plain(array.values, name)
        }
        return try categoriesBeside(array, name, in: group)
    }

    /// 0.7: the codes point to an array beside the columns.
    mutating func categoriesBeside(
        _ array: any StoreArray, _ name: String, in group: any StoreGroup
    ) throws(FormatError) -> AnnotationColumn {
        let levels = try group.array("__categories/\(name)")
        return try categories(
            array.values, try plain(levels.values, name), name, isOrdered: try isOrdered(levels), array.path)
    }

    /// A column that is a group: categories, or values with a mask; nil where it is neither.
    mutating func encodedColumn(_ group: any StoreGroup, _ name: String) throws(FormatError) -> AnnotationColumn? {
        guard try encoding(group) == "categorical" else { return try maskedColumn(group, name) }
        let levels: AnnotationColumn?
        switch try group.node("categories") {
        case .array(let array): levels = try plain(array.values, name)
        // Not categories again: a link may make a group its own.
        case .group(let member): levels = try maskedColumn(member, name)
        }
        return try categories(
            try group.array("codes").values, levels, name, isOrdered: try isOrdered(group), group.path)
    }

    /// Values with a mask of those that are missing; nil for anything else.
    private mutating func maskedColumn(_ group: any StoreGroup, _ name: String) throws(FormatError) -> AnnotationColumn?
    {
        let encoding = try encoding(group)
        switch encoding {
        case "nullable-integer", "nullable-boolean", "nullable-string-array":
            let (values, mask) = (try group.array("values").values, try group.array("mask").values)
            try requireOneDimension(values)
            guard values.shape == mask.shape else {
                throw problem("SHAPE_MISMATCH", group.path, "\(values.count) values, but \(mask.count) in mask")
            }
            let isMissing = try mask.booleans()
            var storage = ColumnStorage(isNullable: !isMissing.contains(true))
            let column: ColumnValues
            switch encoding {
            case "nullable-integer":
                storage.type = unusualType(values.kind)
                column = .integers(zip(try values.integers(), isMissing).map { $1 ? nil : $0 })
            case "nullable-boolean":
                column = .booleans(zip(try values.booleans(), isMissing).map { $1 ? nil : $0 })
            default:
                column = .strings(zip(try strings(values), isMissing).map { $1 ? nil : $0 })
            }
            return AnnotationColumn(name: name, values: column, storage: storage)
        default: return nil
        }
    }

    private func requireOneDimension(_ values: any StoreValues) throws(FormatError) {
        guard values.shape.count == 1 else {
            throw problem("SHAPE_MISMATCH", values.element, "1 dimension expected, found \(values.shape.count)")
        }
    }

    /// A column stored as it is; nil where it is none of the known kinds.
    mutating func plain(_ values: any StoreValues, _ name: String) throws(FormatError) -> AnnotationColumn? {
        let column: ColumnValues
        switch values.kind {
        case .string: column = .strings(try strings(values))
        case .integer: column = .integers(try values.integers())
        case .float: column = .floats(try values.doubles())
        case .boolean: column = .booleans(try values.booleans())
        case .compound, .other: return nil
        }
        return AnnotationColumn(
            name: name, values: column, storage: ColumnStorage(type: unusualType(values.kind)))
    }

    /// The type of numbers where a column of their kind would not have it anyway.
    private func unusualType(_ kind: HDF5Kind) -> NumberType? {
        let type = NumberType(rawValue: kind.name)
        return [.int64, .float64, .boolean].contains(type) ? nil : type
    }

    private func isOrdered(_ object: any StoreObject) throws(FormatError) -> Bool {
        guard let values = try object.attribute("ordered"), values.kind.isNumeric else { return false }
        return try values.booleans().first ?? false
    }

    /// Checks the codes; categories given twice become one, with a notice.
    private mutating func categories(
        _ values: any StoreValues, _ levels: AnnotationColumn?, _ name: String, isOrdered: Bool, _ element: String
    ) throws(FormatError) -> AnnotationColumn {
        guard case .integer = values.kind else {
            throw problem("DTYPE", values.element, "whole numbers expected, found \(values.kind.name)")
        }
        try requireOneDimension(values)
        guard let levels else {
            throw problem("DTYPE", element, "the categories must be texts, numbers or truth values")
        }
        let texts = levels.values.texts.map { $0 ?? "nan" }
        var codes = try values.smallIntegers(in: 0..<values.count)
        if let row = codes.firstIndex(where: { $0 < -1 || Int($0) >= texts.count }) {
            throw problem(
                "CODES_RANGE", values.element,
                "row \(row) has the code \(codes[row]), but there are \(texts.count) categories (−1 means missing)")
        }
        var positions: [String: Int32] = [:]
        var distinct: [String] = []
        let merged = texts.map { level in
            if let known = positions[level] { return known }
            positions[level] = Int32(distinct.count)
            distinct.append(level)
            return Int32(distinct.count - 1)
        }
        if distinct.count < texts.count {
            note(
                "DUPLICATE_NAMES",
                "\(element): \(texts.count - distinct.count) categories are given twice; they are taken as one")
            codes = codes.map { $0 < 0 ? -1 : merged[Int($0)] }
        }
        let type: NumberType? =
            switch levels.values {
            case .strings, .categories: nil
            case .integers: levels.storage.type ?? .int64
            case .floats: levels.storage.type ?? .float64
            case .booleans: .boolean
            }
        return AnnotationColumn(
            name: name, values: .categories(codes: codes, levels: distinct, ordered: isOrdered),
            storage: ColumnStorage(type: type))
    }

    /// Before 0.7: one compound dataset, whose first field holds the names and whose categories are in
    /// `uns/<column>_categories`.
    private mutating func compoundTable(_ array: any StoreArray) throws(FormatError) -> AnnotationTable {
        guard case .compound(let fields) = array.values.kind, let first = fields.first else {
            throw problem("BAD_ENCODING", array.path, "a table expected, found \(array.values.kind.name)")
        }
        try requireOneDimension(array.values)
        guard let names = try plain(try array.field(first), first) else {
            throw problem("DTYPE", array.path, "the first field must hold names")
        }
        var columns: [AnnotationColumn] = []
        for name in fields.dropFirst() {
            let values = try array.field(name)
            if case .integer = values.kind, let column = try oldCategories(name, values, array.path) {
                columns.append(column)
            } else if let column = try plain(values, name) {
                columns.append(column)
            } else {
                note("BAD_ENCODING", "\(array.path)[\(name)] is left out: it holds \(values.kind.name)")
            }
        }
        return AnnotationTable(
            names: names.values.texts.map { $0 ?? "nan" }, columns: columns, namesTitle: first)
    }

    /// The key may belong to a column of this name in the other table: it applies where all codes are in range.
    private mutating func oldCategories(
        _ name: String, _ values: any StoreValues, _ element: String
    ) throws(FormatError) -> AnnotationColumn? {
        let key = "\(name)_categories"
        guard root.contains("uns/\(key)"), case .array(let array) = try root.node("uns/\(key)"),
            array.values.shape.count <= 1, let levels = try plain(array.values, name)
        else { return nil }
        let codes = try values.integers()
        guard codes.allSatisfy({ $0 >= -1 && $0 < Int64(levels.values.count) }) else { return nil }
        categoryKeys.insert(key)
        return try categories(values, levels, name, isOrdered: false, "\(element)[\(name)]")
    }
}

extension ColumnValues {
    /// Each value as text; nil where missing.
    var texts: [String?] {
        switch self {
        case .strings(let values): values
        case .categories(let codes, let levels, _): codes.map { $0 < 0 ? nil : levels[Int($0)] }
        case .integers(let values): values.map { $0.map(String.init) }
        case .floats(let values): values.map { $0.isNaN ? nil : "\($0)" }
        case .booleans(let values): values.map { $0.map { $0 ? "True" : "False" } }
        }
    }
}
