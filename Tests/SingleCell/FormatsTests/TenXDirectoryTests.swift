import AnnotatedData
import Foundation
import Matrices
import Testing

@testable import Formats

struct TenXDirectoryTests {
    /// Three genes × two cells: 5 and 1 in the first cell, 7 in the second.
    private static let matrix = "%%MatrixMarket matrix coordinate integer general\n3 2 3\n1 1 5\n3 1 1\n2 2 7\n"
    /// The same with cells as rows.
    private static let turned = "%%MatrixMarket matrix coordinate integer general\n2 3 3\n1 1 5\n2 2 7\n1 3 1\n"
    private static let features =
        "E1\tTP53\tGene Expression\nE2\tMYC\tGene Expression\nE3\tg\"1\"\tCRISPR Guide Capture\n"
    private static let barcodes = "AC-1\nGT-1\n"
    private static let expected = Matrix<Float>(rows: 2, columns: 3, values: [5, 0, 1, 0, 7, 0])

    private func folder(_ files: [String: String]) throws -> Scratch {
        let scratch = try Scratch()
        for (name, text) in files {
            let parent = (scratch.path(name) as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            _ = try scratch.file(name, text)
        }
        return scratch
    }

    private func failure(_ files: [String: String]) throws -> FormatError? {
        let scratch = try folder(files)
        return #expect(throws: FormatError.self) { try readAnnotated(scratch.url.path) }
    }

    @Test(arguments: [
        ["matrix.mtx": matrix, "features.tsv": features, "barcodes.tsv": barcodes],
        ["GSM1_a_matrix.mtx": matrix, "GSM1_a_features.tsv": features, "GSM1_a_barcodes.tsv": barcodes],
        ["matrix.mtx": turned, "features.tsv": features, "barcodes.tsv": barcodes],
        ["outs/x/matrix.mtx.gz": matrix, "outs/x/features.tsv.gz": features, "outs/x/barcodes.tsv.gz": barcodes],
        [
            "matrix.mtx": matrix, "UniqueAndMult-EM.mtx": turned, "features.tsv": features,
            "barcodes.tsv": "AC-1\r\nGT-1",
        ],
    ])
    func layoutsOfOneMatrix(files: [String: String]) throws {
        let scratch = try folder(files)
        let result = try readAnnotated(scratch.url.path + "/")
        #expect(result.format == .tenXDirectory)
        #expect(result.data.x?.dense == Self.expected)
        #expect(result.data.cells.names == ["AC-1", "GT-1"])
        #expect(result.data.genes.names == ["TP53", "MYC", "g\"1\""])
        #expect(result.data.genes["gene_ids"] == .strings(["E1", "E2", "E3"]))
        #expect(
            result.data.genes["feature_types"]
                == .strings(["Gene Expression", "Gene Expression", "CRISPR Guide Capture"]))
        let isBeside = files["UniqueAndMult-EM.mtx"] != nil
        #expect(result.notices.map(\.code) == (isBeside ? ["OTHER_MATRICES"] : []) + ["SEVERAL_KINDS"])
    }

    @Test func kallistoAndAlevinHaveCellsAsRows() throws {
        let kallisto = try folder([
            "cells_x_genes.mtx": Self.turned, "cells_x_genes.barcodes.txt": Self.barcodes,
            "cells_x_genes.genes.txt": "E1\nE2\nE3\n", "cells_x_genes.genes.names.txt": "TP53\nMYC\n\u{3B2}\n",
        ])
        let result = try readAnnotated(kallisto.url.path)
        #expect(result.data.x?.dense == Self.expected)
        #expect(result.data.genes.names == ["TP53", "MYC", "\u{3B2}"])
        #expect(result.data.genes["gene_ids"] == .strings(["E1", "E2", "E3"]))
        // A square matrix: only the files' names tell.
        let square = "%%MatrixMarket matrix coordinate integer general\n2 2 1\n1 2 5\n"
        let alevin = try folder([
            "alevin/quants_mat.mtx": square, "alevin/quants_mat_rows.txt": Self.barcodes,
            "alevin/quants_mat_cols.txt": "E1\nE2\n",
        ])
        let read = try readAnnotated(alevin.url.path)
        #expect(read.data.x?.dense == Matrix(rows: 2, columns: 2, values: [0, 5, 0, 0]))
        #expect(read.notices.map(\.code) == ["ORIENTATION"])
        let binary = try failure(["quants_mat.gz": "x", "quants_mat_rows.txt": Self.barcodes])
        #expect(binary?.code == "NOT_THIS_FORMAT" && binary?.message.contains("alevin") == true)
    }

    @Test func squareMatricesHaveFeaturesAsRows() throws {
        let square = "%%MatrixMarket matrix coordinate integer general\n2 2 1\n1 2 5\n"
        let scratch = try folder(["matrix.mtx": square, "genes.tsv": "E1\tA\nE2\tB\n", "barcodes.tsv": Self.barcodes])
        let result = try readAnnotated(scratch.url.path)
        #expect(result.data.x?.dense == Matrix(rows: 2, columns: 2, values: [0, 0, 5, 0]))
        #expect(result.notices.map(\.code) == ["ORIENTATION"])
        let asked = try readAnnotated(scratch.url.path, options: ReadingOptions(orientation: .cellsByGenes))
        #expect(asked.data.x?.dense == Matrix(rows: 2, columns: 2, values: [0, 5, 0, 0]))
    }

    @Test func headersAndFurtherColumnsAreRead() throws {
        let scratch = try folder([
            "matrix.mtx": Self.matrix, "features.tsv": "gene_id\tgene_name\ttype\n" + Self.features,
            "barcodes.tsv": "AC-1\tcell1\nGT-1\tcell2\n",
        ])
        let result = try readAnnotated(scratch.url.path)
        #expect(result.notices.map(\.code) == ["SEVERAL_KINDS", "HEADER_LINE"])
        #expect(result.data.genes.names.first == "TP53")
        #expect(result.data.cells["column2"] == .strings(["cell1", "cell2"]))
    }

    @Test func oneColumnOfFeaturesNamesThem() throws {
        let scratch = try folder(["matrix.mtx": Self.matrix, "genes.tsv": "a\nb\nb\n", "barcodes.tsv": Self.barcodes])
        let result = try readAnnotated(scratch.url.path)
        #expect(result.data.genes.names == ["a", "b", "b"] && result.data.genes.columns.isEmpty)
        #expect(result.notices.map(\.code) == ["DUPLICATE_NAMES"])
    }

    @Test func aFileOfItsFolderMayBeNamed() throws {
        let scratch = try folder([
            "gene_mat.mtx": Self.turned, "grna_mat.mtx": Self.matrix,
            "all_genes.csv": "gene_id,gene_name,genome\nE1,TP53,hg38\nE2,MYC,hg38\nE3,\"a,b\",hg38\n",
        ])
        let result = try readAnnotated(scratch.path("gene_mat.mtx"))
        #expect(result.format == .matrixMarket)
        #expect(result.data.x?.dense == Self.expected)
        #expect(result.data.genes.names == ["TP53", "MYC", "a,b"])
        #expect(result.data.genes["genome"] == .strings(["hg38", "hg38", "hg38"]))
        #expect(result.notices.map(\.code) == ["NO_NAMES"])
        let error = #expect(throws: FormatError.self) { try readAnnotated(scratch.url.path) }
        #expect(error?.code == "AMBIGUOUS")
        #expect(error?.message.contains("gene_mat.mtx, grna_mat.mtx") == true)
    }

    @Test func whatIsMissingOrDoesNotFitIsNamed() throws {
        let empty = try failure([:])
        #expect(empty?.code == "MISSING_ELEMENT" && empty?.message.contains("matrix.mtx") == true)
        let nameless = try failure(["matrix.mtx": Self.matrix, "features.tsv": Self.features])
        #expect(nameless?.code == "MISSING_ELEMENT" && nameless?.message.contains("barcodes") == true)
        let long = try failure([
            "matrix.mtx": Self.matrix, "features.tsv": Self.features, "barcodes.tsv": "AC-1\nGT-1\nTT-1\n",
        ])
        #expect(long?.code == "SHAPE_MISMATCH" && long?.element == "barcodes.tsv")
        #expect(long?.message.contains("3 barcodes") == true)
        let other = try failure(["notes.txt": "x"])
        #expect(other?.code == "IS_DIRECTORY")
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let values: [Float] = [0, 1, 0.1, 3e-7, 0, 16_777_216]
        let genes = AnnotationTable(
            names: ["A", "β \"q\"", "c,d"],
            columns: [
                AnnotationColumn(name: "gene_ids", values: .strings(["E1", "E2", "E3"])),
                AnnotationColumn(name: "feature_types", values: .strings(["Gene Expression", "Peaks", "Custom"])),
            ])
        let data = AnnotatedMatrix(x: nil, cells: AnnotationTable(names: ["AC-1", "GT-1"]), genes: genes)
        let dense = Matrix<Float>(rows: 2, columns: 3, values: values)
        let sparse = SparseMatrix(
            rows: 2, columns: 3, rowStarts: [0, 2, 4], columnIndices: [2, 1, 0, 2], values: [0.1, 1, 3e-7, 16_777_216])
        let scratch = try Scratch()
        let path = scratch.path("written")
        for x in [CellMatrix.dense(dense), .sparse(sparse)] {
            let source = AnnotatedSource(format: .h5ad, layout: "csr", dtype: "float32", x: x, annotation: data)
            try writeTenXDirectory(source, to: path)
            let result = try readAnnotated(path)
            #expect(result.data.x?.dense == dense)
            #expect(result.data.x?.storedValues.count == 4)
            #expect(result.dtype == "float64")
            #expect(result.data.cells == data.cells && result.data.genes == genes)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.url.path) == ["written"])
    }

    /// More entries than one piece has, in blocks that begin within the matrix.
    @Test func manyPiecesAreOneMatrix() throws {
        let (cells, genes) = (700, 500)
        let values = (0..<cells * genes).map { Float($0 % 7 == 0 ? $0 % 1000 : 0) }
        let matrix = Matrix<Float>(rows: cells, columns: genes, values: values)
        let data = AnnotatedMatrix(
            x: nil, cells: AnnotationTable(names: (0..<cells).map { "c\($0)" }),
            genes: AnnotationTable(names: (0..<genes).map { "g\($0)" }))
        let scratch = try Scratch()
        let source = AnnotatedSource(
            format: .h5ad, layout: "dense", dtype: "float32", x: .dense(matrix) as CellMatrix, annotation: data)
        try writeTenXDirectory(source, to: scratch.path("d"))
        let read = try readAnnotated(scratch.path("d"))
        #expect(read.data.x?.dense == matrix && read.dtype == "int64")
        try writeDelimited(source, to: scratch.path("m.csv.gz"))
        let table = try readAnnotated(scratch.path("m.csv.gz"), options: ReadingOptions(orientation: .cellsByGenes))
        #expect(table.data.x == .dense(matrix) && table.data.cells == data.cells && table.data.genes == data.genes)
    }

    @Test func whatTextCannotHoldIsRefusedAndLeavesNothing() throws {
        let scratch = try Scratch()
        let x = CellMatrix.dense(Matrix(rows: 1, columns: 2, values: [1, .nan]))
        func source(_ x: CellMatrix?, _ genes: [String]) -> AnnotatedSource {
            AnnotatedSource(
                format: .h5ad, layout: "dense", dtype: "float32", x: x,
                annotation: AnnotatedMatrix(
                    x: nil, cells: AnnotationTable(names: ["c"]), genes: AnnotationTable(names: genes)))
        }
        for write in [writeTenXDirectory, writeDelimited] {
            let error = #expect(throws: FormatError.self) { try write(source(x, ["a", "b"]), scratch.path("out")) }
            #expect(error?.code == "NONFINITE" && error?.message.contains("gene b") == true)
            #expect(error?.file == scratch.path("out"))
            let none = #expect(throws: FormatError.self) { try write(source(nil, ["a", "b"]), scratch.path("out")) }
            #expect(none?.code == "MISSING_ELEMENT")
        }
        let ones = CellMatrix.dense(Matrix(rows: 1, columns: 2, values: [1, 1]))
        let tab = #expect(throws: FormatError.self) {
            try writeTenXDirectory(source(ones, ["a\tb", "c"]), to: scratch.path("out"))
        }
        #expect(tab?.code == "CANNOT_WRITE")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.url.path).isEmpty)
        // A folder with anything else in it is not replaced.
        try FileManager.default.createDirectory(atPath: scratch.path("out"), withIntermediateDirectories: true)
        _ = try scratch.file("out/thesis.txt", "x")
        let taken = #expect(throws: FormatError.self) {
            try writeTenXDirectory(source(ones, ["a", "b"]), to: scratch.path("out"))
        }
        #expect(taken?.code == "CANNOT_WRITE")
        #expect(FileManager.default.fileExists(atPath: scratch.path("out/thesis.txt")))
    }

    /// A few packed bytes may unpack to more names than memory holds.
    @Test func moreNamesThanAreStored() throws {
        let scratch = try Scratch()
        let path = scratch.path("barcodes.tsv.gz")
        let lines = [UInt8]("a\n".utf8)
        try TextSink(creating: path, compressed: true).write(pieces: 1) { _ in
            [UInt8](repeatElement(lines, count: 50_000).joined())
        }
        #expect(try TenXDirectoryNames(path).count == 50_000)
        let error = #expect(throws: FormatError.self) { try TenXDirectoryNames(path, alwaysAllowed: 49_999) }
        #expect(error?.code == "LIMIT")
    }
}
