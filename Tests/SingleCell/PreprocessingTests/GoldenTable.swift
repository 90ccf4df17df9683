import AnnotatedData
import Foundation
import Matrices

/// A table of `Reference/Golden/Preprocessing`, made by scanpy (`Pipelines/Golden/preprocessing.py`).
struct GoldenTable {
    let rows: [String]
    let columns: [String]
    private let fields: [[String]]

    init(_ name: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        try self.init(
            text: String(
                contentsOf: root.appending(path: "Reference/Golden/Preprocessing/\(name).tsv"), encoding: .utf8))
    }

    init(text: String) throws {
        let lines = text.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
        columns = Array(lines[0].dropFirst())
        rows = lines.dropFirst().map { $0[0] }
        fields = lines.dropFirst().map { Array($0.dropFirst()) }
    }

    func column(_ name: String) -> [Double] {
        let index = columns.firstIndex(of: name) ?? -1
        return fields.map { Double($0[index]) ?? .nan }
    }

    func labels(_ name: String) -> [String] {
        let index = columns.firstIndex(of: name) ?? -1
        return fields.map { $0[index] }
    }

    var matrix: Matrix<Double> {
        Matrix(rows: rows.count, columns: columns.count, values: fields.flatMap { $0.map { Double($0) ?? .nan } })
    }

    /// The simulated counts, stored by rows as scanpy had them.
    static func counts() throws -> AnnotatedMatrix {
        let table = try GoldenTable("counts")
        return AnnotatedMatrix(
            x: sparse(table.matrix.float), cells: AnnotationTable(names: table.rows),
            genes: AnnotationTable(names: table.columns))
    }

    /// The same values, stored by rows without zeros.
    static func sparse(_ dense: Matrix<Float>) -> CellMatrix {
        var starts = [0]
        var indices: [Int32] = []
        var values: [Float] = []
        for row in 0..<dense.rows {
            for column in 0..<dense.columns where dense[row, column] != 0 {
                indices.append(Int32(column))
                values.append(dense[row, column])
            }
            starts.append(values.count)
        }
        return .sparse(
            SparseMatrix(
                rows: dense.rows, columns: dense.columns, rowStarts: starts, columnIndices: indices, values: values))
    }
}

/// The largest difference, relative to the expected value where that is above 1; infinite where only one is NaN.
func largestDifference(_ found: [Double], _ expected: [Double]) -> Double {
    guard found.count == expected.count else { return .infinity }
    return zip(found, expected).map { found, expected in
        if found.isNaN || expected.isNaN { return found.isNaN && expected.isNaN ? 0 : .infinity }
        return abs(found - expected) / max(1, abs(expected))
    }.max() ?? 0
}
