import AnnotatedData

/// Cells grouped by one column or by combinations of several, in the order of scanpy's `get.aggregate`.
public struct CellGroups: Sendable, Equatable {
    /// Columns that make the groups.
    public let columns: [String]
    /// Groups that have cells: the values of their columns, joined by `_`.
    public let names: [String]
    /// One a group: the value of each column.
    public let keys: [[String]]
    /// The group of each cell; −1 where a column has no value.
    public let codes: [Int32]

    /// Combinations come in the order of the columns' categories; other columns count as categories in rising order.
    ///
    /// - Throws: `MISSING_ELEMENT` for a column that is not there.
    public init(_ table: AnnotationTable, by columns: [String]) throws(PreprocessingError) {
        precondition(!columns.isEmpty, "groups by no column")
        var codesOfColumn: [[Int]] = []
        var levelsOfColumn: [[String]] = []
        for name in columns {
            guard let values = table[name] else {
                let found = table.columns.map(\.name).joined(separator: ", ")
                throw PreprocessingError(
                    code: "MISSING_ELEMENT", element: "/obs/\(name)",
                    message: "expected a column \(name), found \(found.isEmpty ? "none" : found)",
                    remedy: "name a column of obs")
            }
            let (codes, levels) = Self.levels(of: values)
            codesOfColumn.append(codes)
            levelsOfColumn.append(levels)
        }
        let combinations: [[Int]?] = (0..<table.count).map { cell in
            let places = codesOfColumn.map { $0[cell] }
            return places.contains(-1) ? nil : places
        }
        let observed = Set(combinations.compactMap(\.self)).sorted { $0.lexicographicallyPrecedes($1) }
        let code = Dictionary(uniqueKeysWithValues: observed.enumerated().map { ($1, Int32($0)) })
        self.columns = columns
        keys = observed.map { combination in zip(combination, levelsOfColumn).map { $1[$0] } }
        names = keys.map { $0.joined(separator: "_") }
        codes = combinations.map { $0.flatMap { code[$0] } ?? -1 }
    }

    /// Groups given by a label of each cell; cells without one are in none.
    public init(labels: [String?]) {
        let levels = Set(labels.compactMap(\.self)).sorted()
        let code = Dictionary(uniqueKeysWithValues: levels.enumerated().map { ($1, Int32($0)) })
        columns = ["group"]
        names = levels
        keys = levels.map { [$0] }
        codes = labels.map { $0.flatMap { code[$0] } ?? -1 }
    }

    private static func levels(of values: ColumnValues) -> (codes: [Int], levels: [String]) {
        if case .categories(let codes, let levels, _) = values {
            return (codes.map { levels.indices.contains(Int($0)) ? Int($0) : -1 }, levels)
        }
        let labels = values.labels
        var levels = Array(Set(labels.compactMap(\.self)))
        let numbers: [String: Double] =
            switch values {
            case .integers, .floats: Dictionary(uniqueKeysWithValues: levels.map { ($0, Double($0) ?? .nan) })
            default: [:]
            }
        // UTF-8 keeps the order of code points, which is Python's.
        levels.sort { a, b in
            if let x = numbers[a], let y = numbers[b], x != y { return x < y }
            return a.utf8.lexicographicallyPrecedes(b.utf8)
        }
        let place = Dictionary(uniqueKeysWithValues: levels.enumerated().map { ($1, $0) })
        return (labels.map { $0.flatMap { place[$0] } ?? -1 }, levels)
    }
}
