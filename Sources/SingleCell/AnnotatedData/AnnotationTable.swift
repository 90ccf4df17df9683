/// A table with one named row a cell or a gene: `obs` or `var` of AnnData.
public struct AnnotationTable: Sendable, Equatable {
    /// Row names; they need not be unique.
    public var names: [String]
    /// What the names are called, such as `cell_id`; nil where the file does not say.
    public var namesTitle: String?
    public private(set) var columns: [AnnotationColumn]

    public var count: Int { names.count }

    public init(names: [String], columns: [AnnotationColumn] = [], namesTitle: String? = nil) {
        self.names = names
        self.namesTitle = namesTitle
        self.columns = []
        // Looked up, since a table may have tens of thousands of columns.
        var places: [String: Int] = [:]
        for column in columns {
            requireFit(column)
            if let place = places[column.name] {
                self.columns[place] = column
            } else {
                places[column.name] = self.columns.count
                self.columns.append(column)
            }
        }
    }

    /// The column of that name; assigning replaces it in place, appends it, or (nil) removes it.
    public subscript(name: String) -> ColumnValues? {
        get { columns.first { $0.name == name }?.values }
        set {
            if let newValue {
                put(AnnotationColumn(name: name, values: newValue))
            } else {
                columns.removeAll { $0.name == name }
            }
        }
    }

    /// Replaces the column of that name in place, or appends it.
    public mutating func put(_ column: AnnotationColumn) {
        requireFit(column)
        if let position = columns.firstIndex(where: { $0.name == column.name }) {
            columns[position] = column
        } else {
            columns.append(column)
        }
    }

    private func requireFit(_ column: AnnotationColumn) {
        precondition(
            column.values.count == count, "column \(column.name) has \(column.values.count) values for \(count) rows")
    }
}

public struct AnnotationColumn: Sendable, Equatable {
    public var name: String
    public var values: ColumnValues
    public var storage: ColumnStorage

    public init(name: String, values: ColumnValues, storage: ColumnStorage = .init()) {
        self.name = name
        self.values = values
        self.storage = storage
    }
}

/// How a file keeps the values of a column, where their kind leaves a choice: what is needed to write them as they were.
public struct ColumnStorage: Sendable, Equatable {
    /// The type of numbers, where it is not int64 or float64; for categories, the type of levels that are not text.
    public var type: NumberType?
    /// Whether values may be missing, though none is.
    public var isNullable: Bool

    public init(type: NumberType? = nil, isNullable: Bool = false) {
        self.type = type
        self.isNullable = isNullable
    }
}

/// The values of a column; nil is a missing one (floats use NaN, as the file formats do).
public enum ColumnValues: Sendable, Equatable {
    case strings([String?])
    /// `codes[row]` points into `levels`; −1 is missing.
    case categories(codes: [Int32], levels: [String], ordered: Bool)
    case integers([Int64?])
    case floats([Double])
    case booleans([Bool?])

    public var count: Int {
        switch self {
        case .strings(let values): values.count
        case .categories(let codes, _, _): codes.count
        case .integers(let values): values.count
        case .floats(let values): values.count
        case .booleans(let values): values.count
        }
    }
}
