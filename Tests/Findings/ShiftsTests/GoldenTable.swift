import Foundation
import Matrices

/// A table of `Reference/Golden/Shifts`, made by `Pipelines/Golden/comparisons.py`.
struct GoldenTable {
    let columns: [String]
    let rows: [[String]]

    init(_ name: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(
            contentsOf: root.appending(path: "Reference/Golden/Shifts/\(name).tsv"), encoding: .utf8)
        let lines = text.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
        columns = lines[0]
        rows = Array(lines.dropFirst())
    }

    func column(_ name: String) -> [String] {
        let place = columns.firstIndex(of: name) ?? -1
        return rows.map { $0[place] }
    }

    /// All numbers, less the first column, which holds names.
    var numbers: Matrix<Float> {
        Matrix(
            rows: rows.count, columns: columns.count - 1,
            values: rows.flatMap { $0.dropFirst().map { Float($0) ?? .nan } })
    }

    /// The label of each cell; nil where it has none.
    static func labels() throws -> [String?] {
        try GoldenTable("labels").column("label").map { $0.isEmpty ? nil : $0 }
    }
}
