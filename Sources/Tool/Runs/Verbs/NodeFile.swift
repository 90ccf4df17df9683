import AnnotatedData
import Formats
import Foundation
import Generators

/// Columns of a file as the nodes of a diagram: those of a table, or genes and obs columns of a matrix of cells.
struct NodeFile {
    /// What the user says of columns.
    struct Wishes {
        /// `scalar`, `category` or `counts` by the name of the node.
        var kinds: [String: String] = [:]
        /// Columns that make up a vector, by the name of the node.
        var modules: [String: [String]] = [:]
    }

    let table: NodeTable
    /// What had to be assumed.
    let notes: [String]

    /// Whole numbers with at most so many values are taken as labels.
    private static let mostLevels = 12

    /// - Parameter names: Nodes that are looked for; those that the file does not have are left out.
    /// - Throws: `MISSING_VALUES`, `AMBIGUOUS`, `MISSING_ELEMENT` (a module's column), `NOT_COUNTS`, `CSV_VALUE`.
    static func read(_ path: String, names: [String], wishes: Wishes) throws -> NodeFile {
        let source = try reading(path) { try columns(path, names + wishes.modules.values.flatMap { $0 }) }
        var table = NodeTable(rows: source.rows)
        var notes: [String] = []
        for name in names {
            if let members = wishes.modules[name] {
                let columns = try members.map { member in
                    guard let column = source.columns[member] else {
                        throw Failure(
                            code: "MISSING_ELEMENT", file: path, element: member,
                            message: "expected this column of the module \(name), found none",
                            remedy: "correct the name in --module", exit: .badData)
                    }
                    return try numbers(column, member, path)
                }
                var values: [Float] = []
                values.reserveCapacity(source.rows * members.count)
                for row in 0..<source.rows { for column in columns { values.append(column[row]) } }
                table[name] = NodeColumn(.vector(width: members.count), values)
            } else if let column = source.columns[name] {
                let (found, note) = try node(column, name, wishes.kinds[name], path)
                table[name] = found
                if let note { notes.append(note) }
            }
        }
        return NodeFile(table: table, notes: notes)
    }

    private static func columns(
        _ path: String, _ names: [String]
    ) throws -> (rows: Int, columns: [String: ColumnValues]) {
        var found: [String: ColumnValues] = [:]
        if try FileFormat.recognise(path) == .delimitedText {
            let table = try readTable(path, isNamed: false)
            for column in table.columns { found[column.name] = column.values }
            return (table.count, found)
        }
        let data = try readAnnotated(path).data
        let wanted = Set(names)
        for column in data.cells.columns where wanted.contains(column.name) { found[column.name] = column.values }
        guard let x = data.x?.dense else { return (data.cells.count, found) }
        for (place, gene) in data.genes.names.enumerated() where wanted.contains(gene) {
            guard found.updateValue(.floats(x.column(place).map(Double.init)), forKey: gene) == nil else {
                throw Failure(
                    code: "AMBIGUOUS", file: path, element: gene,
                    message: "expected one column of this name, found several among obs and genes",
                    remedy: "rename all but one", exit: .badData)
            }
        }
        return (data.cells.count, found)
    }

    private static func node(
        _ column: ColumnValues, _ name: String, _ kind: String?, _ path: String
    ) throws -> (NodeColumn, note: String?) {
        switch kind {
        case "scalar": return (NodeColumn(.scalar, try numbers(column, name, path)), nil)
        case "counts": return (NodeColumn(.counts, try counts(column, name, path)), nil)
        case "category": return (try category(column, name, path), nil)
        default: break
        }
        guard let values = column.numbers else { return (try category(column, name, path), nil) }
        let isWhole = values.allSatisfy { $0 == $0.rounded() }
        if case .booleans = column { return (try category(column, name, path), nil) }
        if case .categories = column { return (try category(column, name, path), nil) }
        let levels = isWhole ? Set(values.prefix(100_000)).count : 0
        if isWhole, levels <= mostLevels {
            return (
                try category(column, name, path),
                "\(name) was taken as a category of \(levels) labels (--kind \(name)=scalar or counts says otherwise)."
            )
        }
        let isCounted = values.allSatisfy { $0 >= 0 } && (isWhole || values.contains(0))
        guard isCounted else { return (NodeColumn(.scalar, try numbers(column, name, path)), nil) }
        return (
            NodeColumn(.counts, try counts(column, name, path)),
            "\(name) was taken as counts: zeros, and positive values (--kind \(name)=scalar says otherwise)."
        )
    }

    private static func numbers(_ column: ColumnValues, _ name: String, _ path: String) throws -> [Float] {
        guard let values = column.numbers else {
            let text = column.labels.lazy.compactMap { $0 }.first { Double($0) == nil } ?? ""
            throw Failure(
                code: "CSV_VALUE", file: path, element: name, message: "expected numbers, found '\(text.prefix(40))'",
                remedy: "correct the value, or say --kind \(name)=category", exit: .badData)
        }
        if let row = values.firstIndex(where: { !$0.isFinite }) { throw missing(name, row, path) }
        return values.map { Float($0) }
    }

    private static func counts(_ column: ColumnValues, _ name: String, _ path: String) throws -> [Float] {
        let values = try numbers(column, name, path)
        if let row = values.firstIndex(where: { $0 < 0 }) {
            throw Failure(
                code: "NEGATIVE", file: path, element: "\(name), row \(row + 1)",
                message: "expected counts of 0 and more, found \(values[row])",
                remedy: "say --kind \(name)=scalar", exit: .badData)
        }
        return values
    }

    /// Labels in the order of their numbers, or else of their names.
    private static func category(_ column: ColumnValues, _ name: String, _ path: String) throws -> NodeColumn {
        let texts = column.labels
        if let row = texts.firstIndex(where: { $0 == nil }) { throw missing(name, row, path) }
        let present = Set(texts.lazy.compactMap { $0 })
        let numbers = present.compactMap { text in Double(text).map { (text, $0) } }
        let labels = numbers.count == present.count ? numbers.sorted { $0.1 < $1.1 }.map(\.0) : present.sorted()
        let codes = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, Float($0)) })
        return NodeColumn(.category(labels: labels), texts.map { codes[$0!]! })
    }

    private static func missing(_ name: String, _ row: Int, _ path: String) -> Failure {
        Failure(
            code: "MISSING_VALUES", file: path, element: "\(name), row \(row + 1)",
            message: "expected a value in every row, found none", remedy: "remove rows with missing values",
            exit: .badData)
    }
}
