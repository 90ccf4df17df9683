import AnnotatedData
import Formats
import Foundation
import Matrices
import Testing

@testable import Runs

struct PreprocessingJobTests {
    private static let folder = (ProcessInfo.processInfo.environment["INTERVENTOME_DATA"] ?? "") + "/golden/scanpy"
    private static let hasData = FileManager.default.fileExists(atPath: folder + "/nb400.h5ad")

    /// Runs the verb on 400 cells × 600 genes for which scanpy's results are known, and reads what it wrote.
    private func preprocessed(
        _ settings: [String], groups: [String] = ["perturbation"]
    ) throws -> (data: AnnotatedMatrix, bulk: AnnotatedMatrix) {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "preprocess-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let job = try PreprocessingJob(
            input: Self.folder + "/nb400.h5ad", configuration: nil,
            settings: ["preprocess.minGenesPerCell=3"] + settings, isCompressed: true,
            pseudobulk: scratch + "/bulk.h5ad", pseudobulkColumns: groups, console: Console(style: .quiet))
        _ = try job.run(to: scratch + "/out.h5ad")
        return (try readAnnotated(scratch + "/out.h5ad").data, try readAnnotated(scratch + "/bulk.h5ad").data)
    }

    private func golden(_ name: String) throws -> Golden {
        try Golden(Self.folder + "/nb400.\(name).tsv.gz")
    }

    /// A table of scanpy's results.
    private struct Golden {
        let rows: [String]
        let columns: [String]
        let fields: [[String]]

        init(_ path: String) throws {
            let text = try #require(try gunzipped(path))
            let lines = text.split(separator: "\n").map {
                $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            }
            columns = Array(lines[0].dropFirst())
            rows = lines.dropFirst().map { $0[0] }
            fields = lines.dropFirst().map { Array($0.dropFirst()) }
        }

        func numbers(_ column: String) -> [Double] {
            let place = columns.firstIndex(of: column) ?? -1
            return fields.map { Double($0[place]) ?? .nan }
        }

        func flags(_ column: String) -> [Bool] {
            let place = columns.firstIndex(of: column) ?? -1
            return fields.map { $0[place] == "True" }
        }
    }

    private func difference(_ found: [Double], _ expected: [Double]) -> Double {
        guard found.count == expected.count else { return .infinity }
        return zip(found, expected).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 0
    }

    @Test(.enabled(if: hasData, "INTERVENTOME_DATA names no folder with golden values"))
    func metricsAreScanpys() throws {
        let data = try preprocessed(["preprocess.percentTop=[5, 20]", "preprocess.targetSum=10000"]).data
        let cells = try golden("qc_obs")
        #expect(data.cells.names == cells.rows)
        for column in cells.columns where column != "perturbation" && column != "batch" {
            // Single precision there.
            #expect(difference(try #require(data.cells[column]?.numbers), cells.numbers(column)) < 1e-6, "\(column)")
        }
        let genes = try golden("qc_var")
        let kept = genes.rows.indices.filter { Set(data.genes.names).contains(genes.rows[$0]) }
        #expect(kept.count == 599 && data.genes.count == 599)
        for column in genes.columns where column != "mt" {
            let expected = genes.numbers(column)
            #expect(
                difference(try #require(data.genes[column]?.numbers), kept.map { expected[$0] }) < 1e-6, "\(column)")
        }
        #expect(data.genes["mt"]?.truths == kept.map { genes.flags("mt")[$0] })
    }

    @Test(.enabled(if: hasData, "INTERVENTOME_DATA names no folder with golden values"))
    func valuesAreScanpys() throws {
        let data = try preprocessed(["preprocess.targetSum=10000"]).data
        let expected = try golden("log1p_1e4")
        let x = try #require(data.x).dense
        for (row, fields) in expected.fields.enumerated() {
            for (column, field) in fields.enumerated() {
                let value = try #require(Float(field))
                // numpy's logarithm of single precision is not rounded correctly, nor need ours be.
                #expect(abs(x[row, column] - value) <= 2 * value.ulp)
            }
        }
        let excluded = try preprocessed([
            "preprocess.targetSum=10000", "preprocess.excludeHighlyExpressed=true", "preprocess.maxFraction=0.2",
        ]).data
        let normalised = try golden("norm_1e4_excl")
        let logarithms = try #require(excluded.x).dense
        for (row, fields) in normalised.fields.enumerated() {
            for (column, field) in fields.enumerated() {
                let value = log1p(try #require(Float(field)))
                #expect(abs(logarithms[row, column] - value) <= value.ulp)
            }
        }
    }

    @Test(.enabled(if: hasData, "INTERVENTOME_DATA names no folder with golden values"))
    func genesChosenAreScanpys() throws {
        let data = try preprocessed([
            "preprocess.targetSum=10000", "preprocess.topGenes=100", "preprocess.annotateOnly=true",
            "preprocess.geneSelection=seuratV3", "preprocess.annotatedSelections=[seurat, cellRanger]",
        ]).data
        let v3 = try golden("hvg.seurat_v3")
        #expect(difference(try #require(data.genes["variances"]?.numbers), v3.numbers("variances")) < 1e-9)
        // The local regression is interpolated there and here.
        #expect(difference(try #require(data.genes["variances_norm"]?.numbers), v3.numbers("variances_norm")) < 1e-6)
        #expect(data.genes["highly_variable"]?.truths == v3.flags("highly_variable"))
        for (name, suffix) in [("seurat", "_seurat"), ("cell_ranger", "_cell_ranger")] {
            let expected = try golden("hvg.\(name).top")
            let found = try #require(data.genes["highly_variable" + suffix]?.truths)
            let norm = expected.numbers("dispersions_norm")
            let cutoff = norm.filter { !$0.isNaN }.sorted(by: >)[99]
            for (gene, flag) in expected.flags("highly_variable").enumerated() {
                // Genes tied at the cut-off are chosen by rounding there.
                #expect(found[gene] == flag || abs(norm[gene] - cutoff) < 1e-5, "\(name) \(expected.rows[gene])")
            }
        }
    }

    @Test(.enabled(if: hasData, "INTERVENTOME_DATA names no folder with golden values"))
    func componentsAreScanpys() throws {
        let data = try preprocessed(["preprocess.targetSum=10000", "preprocess.components=10"]).data
        let (scores, loadings) = (try golden("pca"), try golden("pca_loadings"))
        #expect(data.genes.names == loadings.rows)
        let count = scores.columns.count
        guard case .numbers(let found)? = data.cellEmbeddings["X_pca"],
            case .numbers(let weights)? = data.geneLoadings["PCs"],
            case .dictionary(let about)? = data.unstructured["pca"], case .numbers(let variance)? = about["variance"],
            case .numbers(let ratio)? = about["variance_ratio"]
        else {
            Issue.record("no components were written")
            return
        }
        #expect(found.shape == [400, count] && weights.shape == [599, count])
        // Logarithms here have single precision as scanpy's; scores are of the order of 10.
        #expect(difference(found.doubles, scores.fields.flatMap { $0.map { Double($0) ?? .nan } }) < 1e-4)
        #expect(difference(weights.doubles, loadings.fields.flatMap { $0.map { Double($0) ?? .nan } }) < 1e-5)
        // golden.json of the same folder.
        #expect(abs(variance.doubles[0] - 18.41155821515096) < 1e-4)
        #expect(abs(ratio.doubles[9] - 0.007913879257214622) < 1e-7)
    }

    /// scanpy was given logarithms in double precision, and cut at ±3.
    @Test(.enabled(if: hasData, "INTERVENTOME_DATA names no folder with golden values"))
    func standardisedValuesAreScanpys() throws {
        let data = try preprocessed([
            "preprocess.targetSum=10000", "preprocess.standardise=true", "preprocess.standardiseLimit=3",
        ]).data
        let expected = try golden("scale_max3")
        let x = try #require(data.x).dense
        #expect(difference(x.values.map(Double.init), expected.fields.flatMap { $0.map { Double($0) ?? .nan } }) < 1e-5)
        #expect(data.genes["mean"] != nil && data.genes["std"] != nil)
    }

    /// Chosen, standardised and turned as the fitted cells alone say.
    @Test(.enabled(if: hasData, "INTERVENTOME_DATA names no folder with golden values"))
    func whatIsFittedSeesTheCellsNamedOnly() throws {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "preprocess-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        func run(_ settings: [String], fittedCells: [String]) throws -> AnnotatedMatrix {
            let job = try PreprocessingJob(
                input: Self.folder + "/nb400.h5ad", configuration: nil,
                settings: ["preprocess.targetSum=10000"] + settings, fittedCells: fittedCells, isCompressed: false,
                pseudobulk: nil, pseudobulkColumns: [], console: Console(style: .quiet))
            _ = try job.run(to: scratch + "/\(UUID().uuidString).h5ad")
            let file = try #require(
                FileManager.default.contentsOfDirectory(atPath: scratch).first { $0.hasSuffix(".h5ad") })
            defer { try? FileManager.default.removeItem(atPath: scratch + "/" + file) }
            return try readAnnotated(scratch + "/" + file).data
        }
        let derived = ["preprocess.standardise=true", "preprocess.components=5", "preprocess.topGenes=100"]
        let part = try run(derived, fittedCells: ["batch=b0"])
        let cells = try #require(part.cells["batch"]?.labels.indices.filter { part.cells["batch"]?.labels[$0] == "b0" })
        #expect(part.cells.count == 400 && cells.count > 50 && cells.count < 350)
        // The same from a file of these cells alone.
        let alone = try run(derived + ["screen.where={batch: [b0]}"], fittedCells: [])
        #expect(alone.genes.names == part.genes.names)
        #expect(
            difference(
                try #require(part.x).selectingRows(cells).dense.values.map(Double.init),
                try #require(alone.x).dense.values.map(Double.init)) < 1e-5)
        guard case .numbers(let fitted)? = part.geneLoadings["PCs"], case .numbers(let own)? = alone.geneLoadings["PCs"]
        else {
            Issue.record("no components were written")
            return
        }
        #expect(difference(fitted.doubles, own.doubles) < 1e-5)
        #expect { try run([], fittedCells: ["batch=b9"]) } throws: { ($0 as? Failure)?.code == "MISSING_ELEMENT" }
        #expect { try run([], fittedCells: ["batch"]) } throws: { ($0 as? Failure)?.code == "USAGE" }
        #expect { try run(["preprocess.components=0"], fittedCells: []) } throws: {
            ($0 as? Failure)?.element == "preprocess.components"
        }
    }

    @Test(.enabled(if: hasData, "INTERVENTOME_DATA names no folder with golden values"))
    func pseudobulkIsScanpys() throws {
        let bulk = try preprocessed(["preprocess.targetSum=10000"]).bulk
        let (sums, means) = (try golden("pseudobulk.sum"), try golden("pseudobulk.mean"))
        #expect(bulk.cells.names == sums.rows && bulk.genes.names == sums.columns)
        let found = try #require(bulk.x).dense
        let averages = try #require(bulk.layers["mean"]).dense
        for (row, fields) in sums.fields.enumerated() {
            // Whole numbers below 2²⁴ are exact in single precision.
            #expect(found.row(row).map(Double.init) == fields.map { Double($0) ?? .nan })
            let expected = means.fields[row].map { Double($0) ?? .nan }
            #expect(difference(averages.row(row).map(Double.init), expected) < 1e-6)
        }
    }
}

/// The text of a file packed with gzip, by the tool of that name.
private func gunzipped(_ path: String) throws -> String? {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd()
    process.waitUntilExit()
    return data.flatMap { String(data: $0, encoding: .utf8) }
}
