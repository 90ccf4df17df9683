/// A table with one named row a cell or a gene: `obs` or `var` of AnnData.
public struct AnnotationTable: Sendable, Equatable {
    /// Row names; they need not be unique.
    public var names: [String]
    public private(set) var columns: [AnnotationColumn]

    public var count: Int { names.count }

    public init(names: [String], columns: [AnnotationColumn] = []) {
        self.names = names
        self.columns = []
        for column in columns { self[column.name] = column.values }
    }

    /// The column of that name; assigning replaces it in place, appends it, or (nil) removes it.
    public subscript(name: String) -> ColumnValues? {
        get { columns.first { $0.name == name }?.values }
        set {
            let position = columns.firstIndex { $0.name == name }
            if let newValue {
                precondition(newValue.count == count, "column \(name) has \(newValue.count) values for \(count) rows")
                if let position {
                    columns[position].values = newValue
                } else {
                    columns.append(AnnotationColumn(name: name, values: newValue))
                }
            } else if let position {
                columns.remove(at: position)
            }
        }
    }
}

public struct AnnotationColumn: Sendable, Equatable {
    public var name: String
    public var values: ColumnValues

    public init(name: String, values: ColumnValues) {
        self.name = name
        self.values = values
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

/// A value of `uns`: what can be kept without knowing what it means.
public indirect enum AnnotationValue: Sendable, Equatable {
    case string(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    case strings([String])
    case floats([Double], shape: [Int])
    case integers([Int64], shape: [Int])
    case booleans([Bool], shape: [Int])
    case dictionary([String: AnnotationValue])
}
