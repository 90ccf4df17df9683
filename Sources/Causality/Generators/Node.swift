/// What the values of a node are.
public enum NodeKind: Sendable, Hashable, Codable {
    /// A real number.
    case scalar
    /// One of so many labels; a value is the label's place.
    case category(labels: [String])
    /// A number that is 0 or positive, often exactly 0: counts, or expression made from counts.
    case counts
    /// So many real numbers that are drawn together, such as the expression of a module of genes.
    case vector(width: Int)

    /// Values of one row.
    public var width: Int {
        if case .vector(let width) = self { width } else { 1 }
    }

    /// Of a category; nil for other kinds.
    public var levels: Int? {
        if case .category(let labels) = self { labels.count } else { nil }
    }
}

/// A variable of which generators draw.
public struct Node: Sendable, Hashable, Codable {
    public let name: String
    public let kind: NodeKind

    public init(_ name: String, _ kind: NodeKind) {
        self.name = name
        self.kind = kind
    }
}

/// The values of one node: rows × `kind.width`, row-major; a category's values are the places of its labels.
public struct NodeColumn: Sendable, Equatable {
    public let kind: NodeKind
    public let rows: Int
    public let values: [Float]

    public init(_ kind: NodeKind, _ values: [Float]) {
        precondition(values.count % kind.width == 0, "\(values.count) values for rows of \(kind.width)")
        self.kind = kind
        rows = values.count / kind.width
        self.values = values
    }

    /// The rows in the order given; a row may be asked for twice.
    public func selecting(_ rows: [Int]) -> NodeColumn {
        let width = kind.width
        if width == 1 { return NodeColumn(kind, rows.map { values[$0] }) }
        var selected: [Float] = []
        selected.reserveCapacity(rows.count * width)
        for row in rows { selected.append(contentsOf: values[row * width..<(row + 1) * width]) }
        return NodeColumn(kind, selected)
    }

    /// Consecutive rows.
    public func selecting(_ rows: Range<Int>) -> NodeColumn {
        let width = kind.width
        return NodeColumn(kind, Array(values[rows.lowerBound * width..<rows.upperBound * width]))
    }

    /// The first row, so many times.
    public func repeated(_ count: Int) -> NodeColumn {
        precondition(rows == 1, "one row is repeated, not \(rows)")
        if kind.width == 1 { return NodeColumn(kind, Array(repeating: values[0], count: count)) }
        return NodeColumn(kind, (0..<count).flatMap { _ in values })
    }
}

/// Columns of equally many rows by the names of their nodes.
public struct NodeTable: Sendable, Equatable {
    public let rows: Int
    public private(set) var columns: [String: NodeColumn]

    public init(rows: Int, columns: [String: NodeColumn] = [:]) {
        for (name, column) in columns {
            precondition(column.rows == rows, "\(name) has \(column.rows) rows of \(rows)")
        }
        self.rows = rows
        self.columns = columns
    }

    public subscript(name: String) -> NodeColumn {
        get {
            guard let column = columns[name] else { preconditionFailure("there is no column \(name)") }
            return column
        }
        set {
            precondition(newValue.rows == rows, "\(name) has \(newValue.rows) rows of \(rows)")
            columns[name] = newValue
        }
    }

    /// The columns of those names only.
    public func keeping(_ names: some Sequence<String>) -> NodeTable {
        var kept: [String: NodeColumn] = [:]
        for name in names { kept[name] = self[name] }
        return NodeTable(rows: rows, columns: kept)
    }

    public func selecting(_ rows: [Int]) -> NodeTable {
        NodeTable(rows: rows.count, columns: columns.mapValues { $0.selecting(rows) })
    }

    public func selecting(_ rows: Range<Int>) -> NodeTable {
        NodeTable(rows: rows.count, columns: columns.mapValues { $0.selecting(rows) })
    }
}
