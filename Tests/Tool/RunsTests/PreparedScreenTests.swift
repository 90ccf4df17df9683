import AnnotatedData
import Discovery
import Formats
import Foundation
import Graphs
import Matrices
import Preprocessing
import Probability
import Screens
import Structure
import Testing

@testable import Runs

/// `structure` walks through a file in blocks; what it reads there must be what the file holds.
@Suite struct PreparedScreenTests {
    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    /// Small and untrained.
    private static let weights = package.appending(path: "Reference/Golden/AVICI/weights.safetensors").path

    private let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "structure-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func path(_ name: String) -> String { folder + "/" + name }

    /// Counts of cells × 6 genes, some of them 0, but no cell without any.
    private func counts(_ cells: Int) -> Matrix<Float> {
        var stream = RandomStream(seed: 1)
        return Matrix(
            rows: cells, columns: 6,
            values: (0..<cells * 6).map { Float(max($0 % 6 == 0 ? 1 : 0, stream.index(below: 9) - 2)) })
    }

    /// A screen of these counts, a third of the cells controls, the others intervened on the first two genes.
    private func screen(_ cells: Int) -> AnnotatedMatrix {
        let labels = (0..<cells).map { ["control", "g0", "g1"][$0 % 3] }
        return AnnotatedMatrix(
            x: .dense(counts(cells)),
            cells: AnnotationTable(
                names: (0..<cells).map { "cell\($0)" },
                columns: [AnnotationColumn(name: "perturbation", values: .strings(labels))]),
            genes: AnnotationTable(names: (0..<6).map { "g\($0)" }))
    }

    private func sparse(_ matrix: Matrix<Float>) -> SparseMatrix {
        let d = matrix.columns
        let places = matrix.values.indices.filter { matrix.values[$0] != 0 }
        return SparseMatrix(
            rows: matrix.rows, columns: d, rowStarts: (0...matrix.rows).map { row in places.count { $0 < row * d } },
            columnIndices: places.map { Int32($0 % d) }, values: places.map { matrix.values[$0] })
    }

    private func job(_ input: String, _ settings: [String] = []) throws -> ScreenJob {
        try ScreenJob(
            input: input, configuration: nil, settings: ["preprocess.scale=counts"] + settings,
            console: Console(style: .quiet))
    }

    private func cells(_ input: String, _ settings: [String] = []) throws -> InterventionalCells {
        let job = try job(input, settings)
        let limit = job.readingOptions.cellsAtMost
        return try job.cells(of: job.prepareInBlocks()) { _ in limit > 0 ? limit : .max }
    }

    private func edges(_ input: String, _ settings: [String] = []) throws -> String {
        let output = path("edges.tsv")
        _ = try job(input, settings).structure(to: output, weights: Self.weights)
        return try String(contentsOfFile: output, encoding: .utf8)
    }

    /// AnnData as a Zarr store of plain chunks, the matrix by genes.
    private func writeColumns(_ matrix: Matrix<Float>, to path: String) throws {
        let root = URL(fileURLWithPath: path)
        func put(_ place: String, _ data: Data) throws {
            let url = root.appending(path: place)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: url)
        }
        func group(_ place: String, _ type: String, _ more: String = "") throws {
            try put(place + ".zgroup", Data(#"{"zarr_format": 2}"#.utf8))
            try put(
                place + ".zattrs", Data(#"{"encoding-type": "\#(type)", "encoding-version": "0.1.0"\#(more)}"#.utf8))
        }
        func array(_ place: String, _ count: Int, _ type: String, filters: String, _ data: Data) throws {
            try put(
                place + "/.zarray",
                Data(
                    (#"{"zarr_format": 2, "shape": [\#(count)], "chunks": [\#(count)], "dtype": "\#(type)", "#
                        + #""compressor": null, "fill_value": 0, "order": "C", "filters": \#(filters)}"#).utf8))
            let encoding = type == "|O" ? "string-array" : "array"
            try put(
                place + "/.zattrs", Data(#"{"encoding-type": "\#(encoding)", "encoding-version": "0.2.0"}"#.utf8))
            try put(place + "/0", data)
        }
        func bytes<Number: FixedWidthInteger>(_ numbers: [Number]) -> Data {
            Data(numbers.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) })
        }
        func table(_ place: String, _ names: [String]) throws {
            try group(place + "/", "dataframe", #", "_index": "_index", "column-order": []"#)
            let texts = names.reduce(bytes([UInt32(names.count)])) {
                $0 + bytes([UInt32($1.utf8.count)]) + Data($1.utf8)
            }
            try array(place + "/_index", names.count, "|O", filters: #"[{"id": "vlen-utf8"}]"#, texts)
        }
        let columns = sparse(matrix.transposed)
        let values = columns.values.map(\.bitPattern)
        try group("", "anndata")
        try group("X/", "csc_matrix", #", "shape": [\#(matrix.rows), \#(matrix.columns)]"#)
        try array("X/data", values.count, "<f4", filters: "null", bytes(values))
        try array("X/indices", values.count, "<i4", filters: "null", bytes(columns.columnIndices))
        try array(
            "X/indptr", columns.rowStarts.count, "<i4", filters: "null", bytes(columns.rowStarts.map { Int32($0) }))
        try table("obs", (0..<matrix.rows).map { "cell\($0)" })
        try table("var", (0..<matrix.columns).map { "g\($0)" })
    }

    // MARK: Formats

    @Test func everyFormatGivesTheCellsThatItHolds() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var data = screen(90)
        data.cells = AnnotationTable(names: data.cells.names)
        let matrix = counts(90)
        try writeH5AD(data, to: path("dense.h5ad"))
        data.x = .sparse(sparse(matrix))
        try writeH5AD(data, to: path("csr.h5ad"))
        try writeTenXHDF5(data, to: path("tenx.h5"))
        let source = AnnotatedSource(
            format: .h5ad, layout: "", dtype: "", x: data.x,
            annotation: AnnotatedMatrix(x: nil, cells: data.cells, genes: data.genes))
        try writeDelimited(source, to: path("cells.csv"))
        try writeColumns(matrix, to: path("csc.zarr"))
        // By another way: what the file holds, whole, and ln(1 + x) of it.
        let expected = Matrix(rows: 90, columns: 6, values: matrix.values.map { log1p($0) })
        let predictor = try StructurePredictor(weightsFile: Self.weights)
        let beliefs = try predictor.predict(
            values: expected, genes: data.genes.names, areCounts: true
        ).beliefs
        for name in ["dense.h5ad", "csr.h5ad", "tenx.h5", "cells.csv", "csc.zarr"] {
            let found = try cells(path(name))
            #expect(found.values == expected, "\(name)")
            #expect(found.labels == nil && found.areCounts && found.genes == data.genes.names)
            #expect(found.notices.map(\.code) == ["NO_LABELS"])
            #expect(try edges(path(name)) == EdgeTable.text(beliefs), "\(name)")
        }
    }

    /// The path of `run` and `fit`, which load the file whole: the same cells, interventions and beliefs.
    @Test(arguments: [["preprocess.minGenesForTotals=0"], ["preprocess.topGenes=4", "preprocess.minGenesForTotals=0"]])
    func blocksAndWholeFilesAgree(_ settings: [String]) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let data = screen(120)
        try writeH5AD(data, to: path("screen.h5ad"))
        let found = try cells(path("screen.h5ad"), settings)
        var options = PreprocessingOptions()
        options.scale = .counts
        options.topGenes = settings.count == 2 ? 4 : nil
        options.keepGenes = ["g0", "g1"]
        let result = try preprocess(data, options: options)
        let whole = InterventionalCells(screen: try PerturbationScreen(result.data, scale: result.scaleAfter))
        #expect(found.genes == whole.genes && found.values == whole.values)
        #expect(found.interventions == whole.interventions && found.interventions != nil)
        #expect(found.areCounts == whole.areCounts)
        let predictor = try StructurePredictor(weightsFile: Self.weights)
        #expect(try edges(path("screen.h5ad"), settings) == EdgeTable.text(predictor.predict(cells: whole).beliefs))
    }

    /// A layer of interventions wins over labels, and only the genes that are kept count.
    @Test func aLayerSaysWhatWasDone() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var data = screen(60)
        var layer = Matrix<Float>(rows: 60, columns: 6)
        for cell in stride(from: 0, to: 60, by: 2) { layer[cell, 2 + cell % 4] = 1 }
        data.layers["interventions"] = .dense(layer)
        try writeH5AD(data, to: path("screen.h5ad"))
        #expect(try cells(path("screen.h5ad")).interventions == layer)
        let few = try cells(path("screen.h5ad"), ["preprocess.topGenes=2"])
        // Genes that were intervened on are kept beside the two chosen ones.
        let places = few.genes.map { Int($0.dropFirst())! }
        #expect(places.contains(2) && places.contains(4))
        #expect(few.interventions == layer.selectingColumns(places))
    }

    // MARK: Rules

    @Test func countsOfFewGenesAreNotNormalised() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try writeH5AD(screen(60), to: path("screen.h5ad"))
        let job = try job(path("screen.h5ad"))
        let plain = try job.prepareInBlocks()
        #expect(plain.result.targetSum == nil)
        #expect(plain.result.notices.contains { $0.code == "TOTALS_NOT_NORMALISED" && $0.message.contains("6 genes") })
        for settings in [["preprocess.minGenesForTotals=6"], ["preprocess.targetSum=20"]] {
            let normalised = try self.job(path("screen.h5ad"), settings).prepareInBlocks()
            #expect(normalised.result.targetSum != nil)
        }
        // What `run` and `fit` prepare for a model is normalised; structure is learned from the counts nevertheless.
        var options = PreprocessingOptions()
        options.scale = .counts
        let result = try preprocess(screen(60), options: options)
        let (data, scale) = StructureValues.of(
            result.data, scaleBefore: .counts, scale: result.scaleAfter, genesRead: 6, options: options,
            isCentred: false)
        let values = InterventionalCells(screen: try PerturbationScreen(data, scale: scale)).values
        #expect(values == (try job.cells(of: plain) { _ in .max }).values)
        options.targetSum = 20
        #expect(
            StructureValues.of(
                result.data, scaleBefore: .counts, scale: result.scaleAfter, genesRead: 6, options: options,
                isCentred: false
            ).scale == .log1p)
    }

    @Test func manyCellsAreDrawnAsOptionsSay() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try writeH5AD(screen(300), to: path("screen.h5ad"))
        let all = try cells(path("screen.h5ad"), ["structure.cellsAtMost=300"])
        let some = try cells(path("screen.h5ad"), ["structure.cellsAtMost=60"])
        #expect(some.values.rows == 60 && all.values.rows == 300)
        #expect(some.notices.contains { $0.code == "CELLS_SAMPLED" && $0.message.contains("60 of 300 cells") })
        // A third each: the controls, and those intervened on either gene.
        #expect(some.labels?.cellsOfSet.map(\.count) == [20, 20, 20])
        let rows = Set((0..<300).map { Array(all.values.row($0)) })
        #expect((0..<60).allSatisfy { rows.contains(Array(some.values.row($0))) })
        let again = try cells(path("screen.h5ad"), ["structure.cellsAtMost=60", "seed=1"])
        #expect(again.values != some.values)
    }

    @Test func twoGenesAreAPanel() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try writeH5AD(screen(60).selecting(genes: [0, 1]), to: path("two.h5ad"))
        #expect(try edges(path("two.h5ad")).split(separator: "\n").count == 3)
    }

    /// 300 genes of 24 cells in subsets of 60: every pair gets a probability.
    @Test func manyGenesOfFewCellsAreReadInSubsets() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var stream = RandomStream(seed: 2)
        let values = Matrix<Float>(rows: 24, columns: 300, values: (0..<7200).map { _ in Float(stream.normal()) })
        let data = AnnotatedMatrix(
            x: .dense(values), cells: AnnotationTable(names: (0..<24).map { "cell\($0)" }),
            genes: AnnotationTable(names: (0..<300).map { "g\($0)" }))
        try writeH5AD(data, to: path("wide.h5ad"))
        let output = path("edges.tsv")
        let summary = try job(
            path("wide.h5ad"),
            ["preprocess.scale=scaled", "structure.genesAtOnce=60"]
        ).structure(to: output, weights: Self.weights)
        #expect(try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n").count == 300 * 299 + 1)
        // A plane of order 5: 25 groups of 12 genes, on 30 lines.
        #expect(summary.json.contains("read in 30 overlapping subsets of 60"))
    }
}
