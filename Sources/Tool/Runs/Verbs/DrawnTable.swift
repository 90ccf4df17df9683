import AnnotatedData
import Formats
import Foundation
import Generators
import Identification
import Matrices
import Sampling

/// Draws as a file: what was set, then the outcomes in the order of the query.
struct DrawnTable {
    private let drawn: NodeTable
    private let names: [String]
    private let modules: [String: [String]]

    init(_ drawn: NodeTable, network: SamplingNetwork, query: CausalQuery, modules: [String: [String]]) {
        self.drawn = drawn
        self.modules = modules
        let set = Set(network.settable.map(\.name))
        names = (query.treatments + query.conditions).filter(set.contains) + query.outcomes
    }

    /// csv, tsv or h5ad, by the ending.
    static func check(_ output: String) throws(Failure) {
        guard ["csv", "tsv", "h5ad"].contains((output as NSString).pathExtension.lowercased()) else {
            throw Failure(
                code: "USAGE", file: output, message: "the ending does not say which format is meant",
                remedy: "end the name in .csv, .tsv or .h5ad", exit: .wrongUsage)
        }
    }

    func write(to path: String, query: String, seed: UInt64) throws {
        let rows = (0..<drawn.rows).map { "\($0 + 1)" }
        guard path.lowercased().hasSuffix(".h5ad") else {
            return try writeTable(
                AnnotationTable(names: rows, columns: names.flatMap(columns)), to: path, namesColumn: "draw")
        }
        let all = names.flatMap(columns)
        var cells = AnnotationTable(names: rows)
        var numeric: [(name: String, values: [Double])] = []
        for column in all {
            if case .floats(let values) = column.values {
                numeric.append((column.name, values))
            } else {
                cells.put(column)
            }
        }
        var x = Matrix<Float>(rows: drawn.rows, columns: numeric.count)
        for (place, column) in numeric.enumerated() {
            for (row, value) in column.values.enumerated() { x[row, place] = Float(value) }
        }
        try writeH5AD(
            AnnotatedMatrix(
                x: .dense(x), cells: cells, genes: AnnotationTable(names: numeric.map(\.name)),
                unstructured: [
                    "interventome": .dictionary([
                        "verb": .string("sample"), "version": .string(Build.version), "query": .string(query),
                        "seed": .string("\(seed)"),
                    ])
                ]), to: path)
    }

    private func columns(of name: String) -> [AnnotationColumn] {
        let column = drawn[name]
        switch column.kind {
        case .category(let labels):
            return [
                .init(
                    name: name,
                    values: .categories(codes: column.values.map { Int32($0) }, levels: labels, ordered: false))
            ]
        case .scalar, .counts, .vector:
            let members = modules[name] ?? [name]
            return members.enumerated().map { place, member in
                let values = stride(from: place, to: column.values.count, by: members.count).map { at in
                    // The shortest digits of single precision, not those of its double.
                    Double("\(column.values[at])") ?? .nan
                }
                return .init(name: member, values: .floats(values))
            }
        }
    }
}

extension SamplingJob {
    public static func checkOutput(_ output: String) throws(Failure) { try DrawnTable.check(output) }
}
