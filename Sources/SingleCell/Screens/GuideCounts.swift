import AnnotatedData
import Matrices

/// The counts of guides: cells × guides, with the guides' names.
public struct GuideCounts: Sendable, Equatable {
    public let counts: CellMatrix
    public let guides: [String]
    /// Guide → target, where the features say so.
    public let targets: [String: String]?

    public init(counts: CellMatrix, guides: [String], targets: [String: String]? = nil) {
        precondition(counts.columns == guides.count, "\(counts.columns) columns for \(guides.count) guides")
        self.counts = counts
        self.guides = guides
        self.targets = targets
    }

    /// Takes the guides out of a matrix of all features, block by block.
    /// - Throws: `MISSING_ELEMENT` (as `ScreenError`) where there are no such features; what the matrix throws.
    public init(_ matrix: any MatrixBlocks, features: AnnotationTable, options: GuideOptions = .init()) throws {
        let columns = try Self.columns(features, options)
        let guides = columns.map { features.names[$0] }
        var targets: [String: String]?
        if options.targets == nil, let name = options.targetColumn {
            let labels = try ColumnSearch(cells: features).named(name, option: "targetColumn").values.labels
            targets = Dictionary(zip(guides, columns.map { labels[$0] ?? "" }).filter { !$0.1.isEmpty }) { $1 }
        }
        var (starts, indices, values): ([Int], [Int32], [Float]) = ([0], [], [])
        try matrix.forEachBlock { block in
            block.matrix.selectingColumns(columns).forEachRow { entries in
                for (guide, value) in entries where value != 0 {
                    indices.append(Int32(guide))
                    values.append(value)
                }
                starts.append(indices.count)
            }
        }
        let sparse = SparseMatrix(
            rows: matrix.rows, columns: guides.count, rowStarts: starts, columnIndices: indices, values: values)
        self.init(counts: .sparse(sparse), guides: guides, targets: targets)
    }

    /// The places of the guides among the features.
    /// - Throws: `MISSING_ELEMENT` where there are none, `OPTION` for a pattern that is no regular expression.
    public static func columns(_ features: AnnotationTable, _ options: GuideOptions) throws(ScreenError) -> [Int] {
        if let wanted = options.features {
            let places = Dictionary(zip(features.names, features.names.indices)) { first, _ in first }
            let unknown = wanted.filter { places[$0] == nil }
            guard unknown.isEmpty, !wanted.isEmpty else {
                throw ScreenError(
                    code: "MISSING_ELEMENT", element: "var",
                    message: wanted.isEmpty ? "no guide is named" : "no feature is named \(shortList(unknown))",
                    remedy: "set features to names of features that are guides")
            }
            var seen: Set<String> = []
            return wanted.filter { seen.insert($0).inserted }.compactMap { places[$0] }
        }
        if let pattern = options.featurePattern { return try columns(features.names, beginningWith: pattern) }
        let types = features["feature_types"]?.labels ?? []
        let columns = types.indices.filter { types[$0] == options.featureType }
        guard !columns.isEmpty else {
            let found = Set(types.compactMap(\.self)).sorted()
            throw ScreenError(
                code: "MISSING_ELEMENT", element: "feature_types",
                message: "expected features of the type \(options.featureType), found "
                    + (found.isEmpty ? "no types" : shortList(found)),
                remedy: "set features to the names of the guides, or featurePattern to how they begin, or featureType")
        }
        return columns
    }

    private static func columns(_ names: [String], beginningWith pattern: String) throws(ScreenError) -> [Int] {
        guard let expression = try? Regex(pattern) else {
            throw ScreenError(
                code: "OPTION", element: "featurePattern", message: "a regular expression expected, found \(pattern)",
                remedy: "correct featurePattern")
        }
        let columns = names.indices.filter { (try? expression.prefixMatch(in: names[$0])) != nil }
        guard !columns.isEmpty else {
            throw ScreenError(
                code: "MISSING_ELEMENT", element: "var",
                message: "no feature's name begins with \(pattern); names are \(shortList(names))",
                remedy: "set featurePattern to how the names of guides begin")
        }
        return columns
    }
}

extension CellMatrix {
    /// Calls `body` with the stored entries of each cell.
    func forEachRow(_ body: ([(column: Int, value: Float)]) -> Void) {
        switch self {
        case .dense(let matrix):
            for row in 0..<matrix.rows { body(matrix.row(row).enumerated().map { (column: $0, value: $1) }) }
        case .sparse(let matrix):
            for row in 0..<matrix.rows {
                body(
                    (matrix.rowStarts[row]..<matrix.rowStarts[row + 1]).map {
                        (column: Int(matrix.columnIndices[$0]), value: matrix.values[$0])
                    })
            }
        }
    }
}
