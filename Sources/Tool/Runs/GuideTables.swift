import AnnotatedData
import Formats
import Foundation
import Screens

/// Tables beside a screen that say which of its features are guides, and what these target.
public struct GuideTables: Sendable {
    /// A text with one guide a line; nil leaves them to `guides.featurePattern` and their type.
    private let list: String?
    /// A table whose first column names guides and another their targets; nil leaves them to `guides.naming`.
    private let targets: String?

    public init(list: String? = nil, targets: String? = nil) {
        self.list = list
        self.targets = targets
    }

    /// Column names of targets, the first of them that there is.
    private static let targetColumns = [
        "target", "target_gene_name", "target_gene", "gene", "grna_target", "gene_target",
    ]

    /// Lays what the tables say over the options.
    /// - Throws: `USAGE` for tables without a method of assignment; `MISSING_ELEMENT` for a table without a column of
    ///   targets; what reading a table throws.
    func complete(_ options: inout GuideOptions) throws {
        guard list != nil || targets != nil else { return }
        guard options.method != nil else {
            throw Failure(
                code: "USAGE", message: "tables of guides are given, but guides are not to be assigned",
                remedy: "add --guides mixture, or leave the tables out", exit: .wrongUsage)
        }
        if let list { options.features = try names(list) }
        if let targets { options.targets = try read(targets) }
    }

    private func names(_ path: String) throws(Failure) -> [String] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Failure(
                code: "NOT_FOUND", file: path, message: "expected a text with one guide a line, found none",
                remedy: "check the path of the list of guides", exit: .inputMissing)
        }
        return text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
    }

    private func read(_ path: String) throws -> [String: String] {
        let table = try reading(path) { try readTable(path, textColumns: Set(Self.targetColumns)) }
        let named = Self.targetColumns.lazy.compactMap { name in
            table.columns.first { $0.name.lowercased() == name }
        }.first
        guard let column = named ?? (table.columns.count == 1 ? table.columns[0] : nil) else {
            throw Failure(
                code: "MISSING_ELEMENT", file: path, element: "line 1",
                message: "expected a column of targets, found \(shortList(table.columns.map(\.name)))",
                remedy: "call the column target", exit: .badData)
        }
        let pairs = zip(table.names, column.values.labels).compactMap { guide, target in target.map { (guide, $0) } }
        return Dictionary(pairs) { first, _ in first }
    }
}
