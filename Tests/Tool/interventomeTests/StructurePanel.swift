import Foundation

/// Cells of a few genes for `structure`, as a table or as h5ad with a layer, and the call that reads them with weights that
/// are small and untrained: those of the fixtures.
final class StructurePanel {
    private let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    var folder: String { temporary.url.path }

    func path(_ name: String) -> String { temporary.path(name) }

    static let weights =
        Binary.package.appending(path: "Reference/Golden/AVICI/weights.safetensors").path

    /// Cells × 4 genes, no two genes alike.
    func cells(_ count: Int) -> [[Double]] {
        func value(_ cell: Int, _ gene: Int) -> Double { Double((cell * (gene + 3) + gene) % 11) * 0.37 - 1.5 }
        return (0..<count).map { cell in (0..<4).map { value(cell, $0) } }
    }

    /// A table with a column for each gene, and before them columns of words where there are any.
    func table(
        _ values: [[Double]], genes: [String] = ["a", "b", "c", "d"], name: String = "cells.csv"
    ) throws -> String {
        let lines =
            ["cell," + genes.joined(separator: ",")]
            + values.enumerated().map { "cell\($0)," + $1.map { "\($0)" }.joined(separator: ",") }
        return try file(name, lines.joined(separator: "\n") + "\n")
    }

    /// AnnData as a Zarr store of plain chunks, with a layer `interventions` of any shape or with a column `perturbation`
    /// and others.
    func store(
        _ values: [[Double]], layer: [[Double]]? = nil, labels: [String]? = nil, columns: [String: [String]] = [:],
        genes: [String] = ["a", "b", "c", "d"], name: String = "cells.zarr"
    ) throws -> String {
        let root = URL(fileURLWithPath: path(name))
        func put(_ place: String, _ data: Data) throws {
            let url = root.appending(path: place)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: url)
        }
        func put(_ place: String, _ text: String) throws { try put(place, Data(text.utf8)) }
        func group(_ place: String, _ type: String, _ more: String = "") throws {
            try put(place + ".zgroup", #"{"zarr_format": 2}"#)
            try put(place + ".zattrs", #"{"encoding-type": "\#(type)", "encoding-version": "0.2.0"\#(more)}"#)
        }
        func array(_ place: String, _ shape: [Int], _ type: String, _ encoding: String, filters: String, _ data: Data)
            throws
        {
            try put(
                place + "/.zarray",
                #"{"zarr_format": 2, "shape": \#(shape), "chunks": \#(shape), "dtype": "\#(type)", "compressor": null, "#
                    + #""fill_value": 0, "order": "C", "filters": \#(filters)}"#)
            try put(place + "/.zattrs", #"{"encoding-type": "\#(encoding)", "encoding-version": "0.2.0"}"#)
            try put(place + "/" + shape.map { _ in "0" }.joined(separator: "."), data)
        }
        func matrix(_ place: String, _ rows: [[Double]]) throws {
            let bytes = rows.joined().flatMap { value in
                withUnsafeBytes(of: Float(value).bitPattern.littleEndian, Array.init)
            }
            try array(place, [rows.count, rows[0].count], "<f4", "array", filters: "null", Data(bytes))
        }
        func words(_ place: String, _ texts: [String]) throws {
            func number(_ value: Int) -> Data { withUnsafeBytes(of: UInt32(value).littleEndian) { Data($0) } }
            let data = texts.reduce(number(texts.count)) { $0 + number($1.utf8.count) + Data($1.utf8) }
            try array(place, [texts.count], "|O", "string-array", filters: #"[{"id": "vlen-utf8"}]"#, data)
        }
        func table(_ place: String, _ names: [String], _ columns: [String: [String]] = [:]) throws {
            let order = columns.keys.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
            try group(place + "/", "dataframe", #", "_index": "_index", "column-order": [\#(order)]"#)
            try words(place + "/_index", names)
            for (name, texts) in columns { try words("\(place)/\(name)", texts) }
        }
        try group("", "anndata")
        try group("layers/", "dict")
        try matrix("X", values)
        if let layer { try matrix("layers/interventions", layer) }
        try table(
            "obs", values.indices.map { "cell\($0)" },
            columns.merging(labels.map { ["perturbation": $0] } ?? [:]) { $1 })
        try table("var", genes)
        return root.path
    }

    func file(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    func structure(_ input: String, _ arguments: [String]) throws -> Binary.Result {
        try Binary.run(
            [
                "structure", input, "--weights", Self.weights, "--set", "preprocess.scale=scaled", "--set",
                "preprocess.minGenesPerCell=0", "--set", "preprocess.minCellsPerGene=0",
            ] + arguments)
    }

    /// The notices of a call with `--json`, messages by code.
    static func notes(_ result: Binary.Result) -> [String: String] {
        let object = try? JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        let notes = object?["notes"] as? [[String: String]] ?? []
        return Dictionary(notes.map { ($0["code"] ?? "", $0["message"] ?? "") }) { "\($0) \($1)" }
    }
}
