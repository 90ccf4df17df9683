import AnnotatedData
import HDF5

extension H5ADReader {
    /// `obs`, `var` or `raw/var`.
    mutating func table(_ name: String) throws(HDF5Error) -> AnnotationTable {
        switch try root.node(name) {
        case .dataset(let dataset): return try compoundTable(dataset)
        case .group(let group): return try groupTable(group)
        }
    }

    private mutating func groupTable(_ group: HDF5Group) throws(HDF5Error) -> AnnotationTable {
        if let encoding = try encoding(group), encoding != "dataframe" {
            throw problem("BAD_ENCODING", group.path, "a dataframe expected, found '\(encoding)'")
        }
        guard let attribute = try group.attribute("_index"), attribute.kind == .string,
            let indexName = try attribute.strings().first
        else {
            throw problem(
                "MISSING_ELEMENT", "\(group.path)@_index",
                "the attribute that says which member holds the names is missing")
        }
        let index = try column(group, indexName, count: nil)
        guard let index else {
            throw problem("BAD_ENCODING", "\(group.path)/\(indexName)", "the names are of an unknown encoding")
        }
        var table = AnnotationTable(names: index.texts.map { $0 ?? "nan" })
        for name in try columnNames(group, indexName) where name != indexName {
            guard let values = try column(group, name, count: table.count) else { continue }
            table[name] = values
        }
        return table
    }

    /// In the order in which they were written. A table without columns has an empty list of numbers there.
    private func columnNames(_ group: HDF5Group, _ indexName: String) throws(HDF5Error) -> [String] {
        guard let order = try group.attribute("column-order") else {
            return try group.names.filter { $0 != indexName && $0 != "__categories" }
        }
        return order.kind == .string ? try order.strings() : []
    }

    /// One column; nil, with a notice, where its encoding is unknown.
    /// - Parameter count: the number of rows; nil for the names themselves, which set it.
    private mutating func column(
        _ group: HDF5Group, _ name: String, count: Int?
    ) throws(HDF5Error) -> ColumnValues? {
        let values: ColumnValues?
        let element = "\(group.path)/\(name)"
        switch try group.node(name) {
        case .dataset(let dataset):
            // 0.7: the codes point to a dataset beside the columns.
            if try dataset.attribute("categories") != nil {
                let levels = try group.dataset("__categories/\(name)")
                values = try categories(
                    dataset.values, try categoryTexts(levels.values), isOrdered: try isOrdered(levels), element)
            } else {
                try requireOneDimension(dataset.values)
                values = try plain(dataset.values)
            }
        case .group(let member): values = try encodedColumn(member)
        }
        guard let values else {
            note("BAD_ENCODING", "\(element) is left out: its encoding is not known")
            return nil
        }
        if let count, values.count != count {
            throw problem("SHAPE_MISMATCH", element, "\(values.count) values for \(count) rows")
        }
        return values
    }

    private mutating func encodedColumn(_ group: HDF5Group) throws(HDF5Error) -> ColumnValues? {
        let encoding = try encoding(group)
        switch encoding {
        case "categorical":
            let levels: [String]
            switch try group.node("categories") {
            case .dataset(let dataset): levels = try categoryTexts(dataset.values)
            case .group(let member): levels = try encodedColumn(member).map { $0.texts.map { $0 ?? "nan" } } ?? []
            }
            return try categories(
                try group.dataset("codes").values, levels, isOrdered: try isOrdered(group), group.path)
        case "nullable-integer", "nullable-boolean", "nullable-string-array":
            let (values, mask) = (try group.dataset("values").values, try group.dataset("mask").values)
            try requireOneDimension(values)
            guard values.shape == mask.shape else {
                throw problem("SHAPE_MISMATCH", group.path, "\(values.count) values, but \(mask.count) in mask")
            }
            let isMissing = try mask.booleans()
            switch encoding {
            case "nullable-integer": return .integers(zip(try values.integers(), isMissing).map { $1 ? nil : $0 })
            case "nullable-boolean": return .booleans(zip(try values.booleans(), isMissing).map { $1 ? nil : $0 })
            default: return .strings(zip(try strings(values), isMissing).map { $1 ? nil : $0 })
            }
        default: return nil
        }
    }

    private func requireOneDimension(_ values: HDF5Values) throws(HDF5Error) {
        guard values.shape.count == 1 else {
            throw problem("SHAPE_MISMATCH", values.element, "1 dimension expected, found \(values.shape.count)")
        }
    }

    /// A column stored as it is; nil where it is none of the known kinds.
    private mutating func plain(_ values: HDF5Values) throws(HDF5Error) -> ColumnValues? {
        switch values.kind {
        case .string: .strings(try strings(values))
        case .integer: .integers(try values.integers())
        case .float: .floats(try values.doubles())
        case .boolean: .booleans(try values.booleans())
        case .compound, .other: nil
        }
    }

    private mutating func categoryTexts(_ values: HDF5Values) throws(HDF5Error) -> [String] {
        try plain(values).map { $0.texts.map { $0 ?? "nan" } } ?? []
    }

    private func isOrdered(_ object: some HDF5Object) throws(HDF5Error) -> Bool {
        guard let values = try object.attribute("ordered"), values.kind.isNumeric else { return false }
        return try values.booleans().first ?? false
    }

    /// Checks the codes; categories given twice become one, with a notice.
    private mutating func categories(
        _ values: HDF5Values, _ levels: [String], isOrdered: Bool, _ element: String
    ) throws(HDF5Error) -> ColumnValues {
        guard case .integer = values.kind else {
            throw problem("DTYPE", values.element, "whole numbers expected, found \(values.kind.name)")
        }
        try requireOneDimension(values)
        var codes = try values.smallIntegers()
        if let row = codes.firstIndex(where: { $0 < -1 || Int($0) >= levels.count }) {
            throw problem(
                "CODES_RANGE", values.element,
                "row \(row) has the code \(codes[row]), but there are \(levels.count) categories (−1 means missing)")
        }
        var positions: [String: Int32] = [:]
        var distinct: [String] = []
        let merged = levels.map { level in
            if let known = positions[level] { return known }
            positions[level] = Int32(distinct.count)
            distinct.append(level)
            return Int32(distinct.count - 1)
        }
        if distinct.count < levels.count {
            note(
                "DUPLICATE_NAMES",
                "\(element): \(levels.count - distinct.count) categories are given twice; they are taken as one")
            codes = codes.map { $0 < 0 ? -1 : merged[Int($0)] }
        }
        return .categories(codes: codes, levels: distinct, ordered: isOrdered)
    }

    /// Before 0.7: one compound dataset, whose first field holds the names and whose categories are in
    /// `uns/<column>_categories`.
    private mutating func compoundTable(_ dataset: HDF5Dataset) throws(HDF5Error) -> AnnotationTable {
        guard case .compound(let fields) = dataset.values.kind, let first = fields.first else {
            throw problem("BAD_ENCODING", dataset.path, "a table expected, found \(dataset.values.kind.name)")
        }
        try requireOneDimension(dataset.values)
        guard let names = try plain(try dataset.field(first)) else {
            throw problem("DTYPE", dataset.path, "the first field must hold names")
        }
        var table = AnnotationTable(names: names.texts.map { $0 ?? "nan" })
        for name in fields.dropFirst() {
            let values = try dataset.field(name)
            if case .integer = values.kind, let column = try oldCategories(name, values, dataset.path) {
                table[name] = column
            } else if let column = try plain(values) {
                table[name] = column
            } else {
                note("BAD_ENCODING", "\(dataset.path)[\(name)] is left out: it holds \(values.kind.name)")
            }
        }
        return table
    }

    /// The key may belong to a column of this name in the other table: it applies where all codes are in range.
    private mutating func oldCategories(
        _ name: String, _ values: HDF5Values, _ element: String
    ) throws(HDF5Error) -> ColumnValues? {
        let key = "\(name)_categories"
        guard root.contains("uns/\(key)"), case .dataset(let dataset) = try root.node("uns/\(key)") else { return nil }
        let levels = try categoryTexts(dataset.values)
        let codes = try values.integers()
        guard codes.allSatisfy({ $0 >= -1 && $0 < Int64(levels.count) }) else { return nil }
        categoryKeys.insert(key)
        return try categories(values, levels, isOrdered: false, "\(element)[\(name)]")
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
