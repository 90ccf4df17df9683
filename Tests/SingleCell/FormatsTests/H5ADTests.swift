import AnnotatedData
import Foundation
import Matrices
import Testing

@testable import Formats

struct H5ADTests {
    /// Every kind of column and of unstructured value, missing ones among them.
    static let example = AnnotatedMatrix(
        x: .sparse(
            SparseMatrix(
                rows: 4, columns: 3, rowStarts: [0, 2, 2, 3, 5], columnIndices: [0, 2, 1, 0, 2],
                values: [1, 2.5, 3, 5, 4])),
        cells: AnnotationTable(
            names: ["AAAC-1", "AAAG-1", "AAAT-1", "ΑΒΓ"],
            columns: [
                AnnotationColumn(
                    name: "drug",
                    values: .categories(codes: [0, -1, 1, 0], levels: ["control", "imatinib"], ordered: false)),
                AnnotationColumn(
                    name: "level", values: .categories(codes: [1, 0, 1, 1], levels: ["low", "high"], ordered: true)),
                AnnotationColumn(name: "dose", values: .floats([0, 0.1, 10, .infinity])),
                AnnotationColumn(name: "plate", values: .integers([1, 2, 3, Int64.max])),
                AnnotationColumn(name: "guides", values: .integers([1, nil, 3, 4])),
                AnnotationColumn(name: "is_control", values: .booleans([true, false, false, true])),
                AnnotationColumn(name: "passed", values: .booleans([true, nil, false, true])),
                AnnotationColumn(name: "note", values: .strings(["", "a", "β", "c"])),
                AnnotationColumn(name: "smiles", values: .strings(["C", nil, "CC", "O"])),
            ]),
        genes: AnnotationTable(names: ["TP53", "MYC", "MT-CO1"]),
        layers: ["counts": .dense(Matrix(rows: 4, columns: 3, values: (0..<12).map { Float($0) }))],
        raw: RawMatrix(
            x: .dense(Matrix(rows: 4, columns: 1, values: [1, 2, 3, 4])), genes: AnnotationTable(names: ["RAW1"])),
        unstructured: [
            "title": .string("Größe"), "seed": .integer(7), "alpha": .float(0.25), "isPaired": .boolean(true),
            "colors": .strings(["#ff0000", "#00ff00"]), "curve": .floats([1, 2, 3, 4], shape: [2, 2]),
            "counts": .integers([1, 2], shape: [2]), "mask": .booleans([true, false], shape: [2]),
            "nested": .dictionary(["inner": .dictionary(["x": .integer(1)]), "empty": .dictionary([:])]),
        ])

    @Test func whatIsWrittenIsReadBack() throws {
        let scratch = try Scratch()
        try writeH5AD(Self.example, to: scratch.path("a.h5ad"))
        let result = try readAnnotated(scratch.path("a.h5ad"))
        // Texts of which some are missing come back as categories, as anndata writes them.
        var expected = Self.example
        expected.cells["smiles"] = .categories(codes: [0, -1, 1, 2], levels: ["C", "CC", "O"], ordered: false)
        #expect(result.data == expected)
        #expect(result.format == .h5ad && result.layout == "csr" && result.dtype == "float32")
        #expect(result.notices.isEmpty)
    }

    @Test func theSameDataGiveTheSameBytes() throws {
        let scratch = try Scratch()
        try writeH5AD(Self.example, to: scratch.path("a.h5ad"))
        Thread.sleep(forTimeInterval: 1.1)
        try writeH5AD(Self.example, to: scratch.path("b.h5ad"))
        let (a, b) = (
            try Data(contentsOf: URL(fileURLWithPath: scratch.path("a.h5ad"))),
            try Data(contentsOf: URL(fileURLWithPath: scratch.path("b.h5ad")))
        )
        #expect(a == b)
    }

    @Test func manyChunksAreReadBack() throws {
        // More than one chunk on both axes' ends: 300 rows of 700 are 210,000 elements in chunks of 93 rows.
        let scratch = try Scratch()
        let matrix = Matrix<Float>(rows: 300, columns: 700, values: (0..<210_000).map { Float($0 % 977) - 3 })
        let data = AnnotatedMatrix(
            x: .dense(matrix), cells: AnnotationTable(names: (0..<300).map { "c\($0)" }),
            genes: AnnotationTable(names: (0..<700).map { "g\($0)" }))
        try writeH5AD(data, to: scratch.path("a.h5ad"))
        #expect(try readAnnotated(scratch.path("a.h5ad")).data == data)
    }

    @Test func emptyTablesAreReadBack() throws {
        let scratch = try Scratch()
        let data = AnnotatedMatrix(
            x: .dense(Matrix(rows: 0, columns: 2)), cells: AnnotationTable(names: []),
            genes: AnnotationTable(names: ["a", "b"]))
        try writeH5AD(data, to: scratch.path("a.h5ad"))
        let result = try readAnnotated(scratch.path("a.h5ad"))
        #expect(result.data == data)
        #expect(result.notices.map(\.code) == ["EMPTY_MATRIX"])
    }

    /// Written by anndata itself; `Pipelines/Golden/formats.py` made it.
    static let golden: String = {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.appendingPathComponent("Reference/Golden/Formats/anndata.h5ad").path
    }()

    @Test func filesOfAnndataAreRead() throws {
        let result = try readAnnotated(Self.golden)
        var expected = Self.example
        expected.cellEmbeddings["X_pca"] = .numbers(
            NumberArray(.doubles([Double](repeating: 1, count: 8)), shape: [4, 2]))
        expected.unstructured["table"] = .table(
            AnnotationTable(names: ["0", "1"], columns: [AnnotationColumn(name: "a", values: .integers([1, 2]))]))
        #expect(result.data == expected)
        #expect(result.layout == "csc" && result.dtype == "float64")
        #expect(result.notices.isEmpty)
    }

    /// Each damaged copy must be read or refused with an error that names the file; none may end the program.
    @Test(arguments: [true, false])
    func damagedFilesAreReadOrRefused(isOurs: Bool) throws {
        let scratch = try Scratch()
        try writeH5AD(Self.example, to: scratch.path("whole.h5ad"))
        let path = isOurs ? scratch.path("whole.h5ad") : Self.golden
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var random = SeededGenerator(state: 20_051)
        var refused = 0
        for _ in 0..<100 {
            var bytes = whole
            if Int.random(in: 0..<8, using: &random) == 0 {
                bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
            }
            for _ in 0...Int.random(in: 0..<6, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let path = try scratch.file("damaged.h5ad", bytes)
            do { _ = try readAnnotated(path) } catch {
                refused += 1
                #expect(error.file == path && !error.code.isEmpty)
            }
        }
        #expect(refused > 10)
    }

    @Test func nothingIsLeftWhereWritingFails() throws {
        let scratch = try Scratch()
        var data = Self.example
        data.cells["a//b"] = .floats([1, 2, 3, 4])
        let error = #expect(throws: FormatError.self) { try writeH5AD(data, to: scratch.path("a.h5ad")) }
        #expect(error?.code == "CANNOT_WRITE" && error?.file == scratch.path("a.h5ad"))
        let missing = #expect(throws: FormatError.self) {
            try writeH5AD(Self.example, to: scratch.path("none/a.h5ad"))
        }
        #expect(missing?.code == "CANNOT_WRITE")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.url.path).isEmpty)
    }

    /// A name that two genes have, or none, or that another row has, tells nothing apart: there the row's own name stays.
    @Test func genesAreNamedByAColumnOnRequest() throws {
        let scratch = try Scratch()
        let path = scratch.path("named.h5ad")
        let genes = AnnotationTable(
            names: ["E1", "E2", "E3", "E4", "E5"],
            columns: [AnnotationColumn(name: "symbol", values: .strings(["TP53", "A", "A", "", "E1"]))])
        let data = AnnotatedMatrix(
            x: .dense(Matrix(rows: 1, columns: 5, values: [1, 2, 3, 4, 5])), cells: AnnotationTable(names: ["c"]),
            genes: genes)
        try writeH5AD(data, to: path)
        var options = ReadingOptions()
        #expect(try readAnnotated(path, options: options).data.genes.names == genes.names)
        options.geneNameColumn = "symbol"
        let result = try readAnnotated(path, options: options)
        #expect(result.data.genes.names == ["TP53", "E2", "E3", "E4", "E5"])
        #expect(result.notices.contains { $0.code == "GENE_NAMES_KEPT" && $0.message.hasPrefix("4 genes") })
        options.geneNameColumn = "names"
        #expect { try readAnnotated(path, options: options) } throws: {
            let error = $0 as? FormatError
            return error?.code == "MISSING_ELEMENT" && error?.message.contains("symbol") == true
        }
    }
}
