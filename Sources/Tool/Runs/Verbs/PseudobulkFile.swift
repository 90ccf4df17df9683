import AnnotatedData
import Formats
import Foundation
import Matrices
import Preprocessing

/// Sums and means of groups of cells as a file.
enum PseudobulkFile {
    /// By suffix: `.h5ad` as scanpy's `get.aggregate` has it (layers `sum` and `mean`, sums also as X), `.tsv` or `.csv`
    /// with a row for each group and measure and a column for each gene.
    static func write(_ bulk: Pseudobulk, groups: CellGroups, genes: AnnotationTable, to path: String) throws {
        var table = AnnotationTable(names: bulk.groups)
        for (place, column) in groups.columns.enumerated() {
            let labels = groups.keys.map { $0[place] }
            var levels: [String] = []
            var code: [String: Int32] = [:]
            for label in labels where code[label] == nil {
                code[label] = Int32(levels.count)
                levels.append(label)
            }
            table[column] = .categories(codes: labels.map { code[$0] ?? -1 }, levels: levels, ordered: false)
        }
        table["n_obs_aggregated"] = .integers(bulk.cellCounts.map { Int64($0) })
        if (path as NSString).pathExtension.lowercased() == "h5ad" {
            try write(bulk, table, genes, to: path)
        } else {
            try OutputFile.whole(path) { scratch in
                try writeTable(lines(bulk, table, genes), to: scratch, namesColumn: "group")
            }
        }
    }

    private static func write(
        _ bulk: Pseudobulk, _ table: AnnotationTable, _ genes: AnnotationTable, to path: String
    ) throws {
        try OutputFile.whole(path) { scratch in
            let file = try H5ADOutput(to: scratch)
            for (place, values) in [
                (H5ADPlace.main, bulk.sums), (.layer("mean"), bulk.means), (.layer("sum"), bulk.sums),
            ] {
                let matrix = try file.makeMatrix(at: place, columns: values.columns, type: .float64)
                try matrix.append(MatrixBlock(firstRow: 0, matrix: .dense(values.float), exact: values.values))
            }
            try file.finish(AnnotatedMatrix(x: nil, cells: table, genes: genes))
        }
    }

    /// All sums, then all means.
    private static func lines(
        _ bulk: Pseudobulk, _ table: AnnotationTable, _ genes: AnnotationTable
    ) -> AnnotationTable {
        let twice = table.selecting(Array(0..<table.count) + Array(0..<table.count))
        let measures = ["sum", "mean"].flatMap { Array(repeating: $0, count: table.count) }
        let columns = twice.columns + [AnnotationColumn(name: "measure", values: .strings(measures))]
        // Names that genes share, or that stand over the groups, would hide one another.
        let names = genes.names.numberingRepeated(besides: Set(columns.map(\.name) + ["group"]))
        let means = bulk.means
        let values = names.indices.map { gene in
            AnnotationColumn(name: names[gene], values: .floats(bulk.sums.column(gene) + means.column(gene)))
        }
        return AnnotationTable(names: twice.names, columns: columns + values)
    }
}
