import AnnotatedData
import Formats
import Generators
import Identification
import Sampling

/// Values of treatments and conditions: those of the query, and those of a table with a setting in each row.
struct EffectSettings {
    let table: NodeTable

    /// - Throws: `UNKNOWN_LABEL`, `CSV_VALUE`, `AMBIGUOUS` for a value given twice, `UNKNOWN_NODES` for a column of the table
    ///   that is nothing of the kind, `EMPTY_FILE`.
    init(_ query: CausalQuery, table path: String?, network: SamplingNetwork, modules: [String: [String]]) throws {
        let given = try path.map { path in try reading(path) { try readTable(path, isNamed: false) } }
        let rows = given?.count ?? 1
        if let path, rows == 0 {
            throw Failure(
                code: "EMPTY_FILE", file: path, message: "expected a setting in each row, found no rows",
                remedy: "write one", exit: .badData)
        }
        let known = Set(query.treatments + query.conditions)
        let columns = known.flatMap { modules[$0] ?? [$0] }
        if let path, let stray = given?.columns.first(where: { !$0.name.isEmpty && !columns.contains($0.name) }) {
            throw Failure(
                code: "UNKNOWN_NODES", file: path, element: stray.name,
                message: "expected columns of treatments and conditions, \(columns.sorted().joined(separator: ", "))",
                remedy: "remove the column, or correct its name", exit: .badData)
        }
        var table = NodeTable(rows: rows)
        for node in network.settable {
            let members = modules[node.name] ?? [node.name]
            let found = members.map { given?[$0]?.labels }
            let text = query.values[node.name]
            guard text == nil || found.allSatisfy({ $0 == nil }) else {
                throw Failure(
                    code: "AMBIGUOUS", file: path, element: node.name,
                    message: "expected one value for it, found one in the query and others in the table",
                    remedy: "leave one of them out", exit: .wrongUsage)
            }
            let texts = text.map { text in members.map { _ in Array(repeating: Optional(text), count: rows) } }
            let complete = texts ?? found.compactMap { $0 }
            guard complete.count == members.count else { continue }
            var values: [Float] = []
            for row in 0..<rows {
                for column in complete {
                    values.append(try Self.value(column[row], of: node, row: text == nil ? row : nil, path))
                }
            }
            table[node.name] = NodeColumn(node.kind, values)
        }
        self.table = table
    }

    private static func value(_ text: String?, of node: Node, row: Int?, _ path: String?) throws -> Float {
        let place = row.map { "\(node.name), row \($0 + 1)" } ?? node.name
        let file = row == nil ? nil : path
        guard case .category(let labels) = node.kind else {
            guard let number = text.flatMap(Float.init), number.isFinite else {
                throw Failure(
                    code: "CSV_VALUE", file: file, element: place,
                    message: "expected a number, found '\(text ?? "nothing")'", remedy: "give a number",
                    exit: row == nil ? .wrongUsage : .badData)
            }
            return number
        }
        // 1.0 means the label 1.
        let code =
            labels.firstIndex { $0 == text }
            ?? text.flatMap(Double.init).flatMap { number in labels.firstIndex { Double($0) == number } }
        guard let code else {
            throw Failure(
                code: "UNKNOWN_LABEL", file: file, element: place,
                message: "expected one of \(labels.prefix(12).joined(separator: ", ")), which the data have, found "
                    + "'\(text ?? "nothing")'", remedy: "choose one of them", exit: row == nil ? .wrongUsage : .badData)
        }
        return Float(code)
    }
}
