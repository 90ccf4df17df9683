import AnnotatedData
import Foundation
import HDF5
import Matrices
import Testing

@testable import Formats

struct LoomTests {
    private let drugs = ["TGF-β", "A & B", "β+", "A&B;"]

    @Test(arguments: ["old.loom", "recent.loom"])
    func bothGenerationsAreRead(name: String) throws {
        let result = try readAnnotated(TenXGolden.path(name))
        let data = result.data
        #expect(result.format == .loom && data.cells.names == TenXGolden.cells && data.genes.names == TenXGolden.genes)
        #expect(data.cells["drug"] == .strings(drugs))
        #expect(data.cells["n_counts"] == .integers([16_777_227, 0, 9, 4]))
        #expect(data.genes["Accession"]?.labels.first == "ENSG01")
        #expect(data.cells.columns.map(\.name) == ["drug", "n_counts"])
        #expect(
            data.cellEmbeddings == [
                "X_pca": .numbers(NumberArray(.floats((0..<8).map { Float($0) }), shape: [4, 2], type: .float32))
            ])
        let spliced = Matrix(rows: 4, columns: 6, values: TenXGolden.counts.map { ($0 / 2).rounded(.down) })
        #expect(data.layers["spliced"]?.dense == spliced)
        #expect(result.notices.contains { $0.code == "NOT_READ" && $0.message.contains("knn") })
        guard case .sparse(let matrix)? = data.x else {
            Issue.record("the main matrix is not sparse")
            return
        }
        #expect(matrix.values.count == 8)
        // Version 3 of the file holds 0.1 more, in float64; 2^24 + 1.1 is next to 2^24 + 2.
        let expected =
            name == "old.loom" ? [3, 7, 0x1p24, 1, 2, 5, 1, 4] : [3.1, 7.1, 0x1p24 + 2, 1.1, 2.1, 5.1, 1.1, 4.1]
        #expect(matrix.values == expected.map { Float($0) })
        #expect(matrix.columnIndices == [0, 3, 5, 0, 1, 4, 5, 2] && matrix.rowStarts == [0, 3, 3, 7, 8])
    }

    @Test func valuesBeyondFloatAreGivenExactly() throws {
        let source = try openAnnotated(TenXGolden.path("recent.loom"))
        var exact: [Double] = []
        try source.x?.forEachBlock { exact += $0.exact ?? [] }
        #expect(exact == [3, 7, 16_777_217, 1, 2, 5, 1, 4].map { $0 + 0.1 })
    }

    @Test func lettersStandForTheirEntities() {
        #expect("TGF-&#946;1 &#x3B1; &lt;5 &amp;#946;".decodingEntities == "TGF-β1 α <5 &#946;")
        #expect("a & b; &none; &#0000000000; &#xD800; &".decodingEntities == "a & b; &none; &#0000000000; &#xD800; &")
    }

    private func error(_ path: String) -> FormatError? {
        do throws(FormatError) {
            _ = try readAnnotated(path)
            return nil
        } catch {
            return error
        }
    }

    /// Writes genes × cells and what else the body adds.
    private func loom(
        _ path: String, _ matrix: HDF5Content?, shape: [Int], _ body: (HDF5Group) throws -> Void
    ) throws -> String {
        let file = try HDF5File(creating: path)
        if let matrix { try file.root.write("matrix", matrix, shape: shape) }
        try file.root.makeGroup("row_attrs")
        try file.root.makeGroup("col_attrs")
        try body(try file.root)
        try file.close()
        return path
    }

    @Test func everyFaultIsNamedWithItsPlace() throws {
        let scratch = try Scratch()
        let six = HDF5Content.floats([1, 0, 2, 0, 0, 3])
        func expect(_ code: String, _ element: String, _ path: String) {
            let found = error(path)
            #expect(found?.code == code && found?.element == element, "\(String(describing: found))")
            #expect(found?.file == path)
        }
        expect("MISSING_ELEMENT", "/matrix", try loom(scratch.path("a.loom"), nil, shape: []) { _ in })
        expect("SHAPE_MISMATCH", "/matrix", try loom(scratch.path("b.loom"), six, shape: [6]) { _ in })
        expect(
            "DTYPE", "/matrix", try loom(scratch.path("c.loom"), .strings(["a", "b"]), shape: [2, 1]) { _ in })
        expect(
            "SHAPE_MISMATCH", "/row_attrs/Gene",
            try loom(scratch.path("d.loom"), six, shape: [2, 3]) {
                try $0.write("row_attrs/Gene", .strings(["A", "B", "C"]))
            })
        expect(
            "SHAPE_MISMATCH", "/layers/a",
            try loom(scratch.path("e.loom"), six, shape: [2, 3]) { try $0.write("layers/a", six, shape: [3, 2]) })
        let nan = try loom(scratch.path("f.loom"), .floats([1, 0, 2, 0, .nan, 3]), shape: [2, 3]) {
            try $0.write("row_attrs/Gene", .strings(["A", "B"]))
            try $0.write("col_attrs/CellID", .strings(["x", "y", "z"]))
        }
        expect("NONFINITE", "/matrix", nan)
        #expect(error(nan)?.message.contains("cell 'y' and gene 'B'") == true)
    }

    @Test func oddFilesAreReadWithANotice() throws {
        let scratch = try Scratch()
        let path = try loom(scratch.path("a.loom"), .codes([1, 0, 2, 0, 0, -3]), shape: [2, 3]) {
            try $0.write("layers/a", .floats([0, .infinity, 0, 0, 0, 0]), shape: [2, 3])
            try $0.write("col_attrs/texts", .strings(["a", "b", "c", "d", "e", "f"]), shape: [3, 2])
            try $0.write("col_attrs/barcode", .integers([7, 7, 8]))
        }
        let result = try readAnnotated(path)
        #expect(result.data.x?.dense == Matrix(rows: 3, columns: 2, values: [1, 0, 0, 0, 2, -3]))
        #expect(result.data.genes.names == ["0", "1"] && result.data.cells.names == ["7", "7", "8"])
        #expect(result.notices.map(\.code) == ["NO_NAMES", "NOT_READ", "DUPLICATE_NAMES", "NONFINITE"])
    }

    /// Extents that no file of this size holds, all of them the fill value.
    @Test func noNamesAreMadeWithoutEnd() throws {
        let scratch = try Scratch()
        let path = try loom(
            scratch.path("a.loom"), .codes([Int8](repeating: 0, count: 3_000_000)), shape: [3_000_000, 1]
        ) {
            _ in
        }
        #expect(error(path)?.code == "LIMIT")
    }

    /// More than a block of rows: 70 genes of 70,000 cells are read in two parts.
    @Test func genesAreReadInParts() throws {
        let scratch = try Scratch()
        let (genes, cells) = (70, 70_000)
        var values = [Int8](repeating: 0, count: genes * cells)
        for gene in 0..<genes { values[gene * cells + gene * 997] = Int8(gene + 1) }
        let path = try loom(scratch.path("a.loom"), .codes(values), shape: [genes, cells]) { _ in }
        let source = try openAnnotated(path)
        #expect(source.x?.storedCount == genes)
        guard case .sparse(let matrix)? = try source.load().data.x else { return }
        #expect(matrix.columnIndices.map { Int($0) } == Array(0..<genes))
        #expect(matrix.values == (1...70).map { Float($0) })
        for gene in 0..<genes {
            #expect(matrix.rowStarts[gene * 997] == gene && matrix.rowStarts[gene * 997 + 1] == gene + 1)
        }
    }

    @Test func damagedFilesAreReadOrRefused() throws {
        try TenXGolden.expectAnswers("old.loom", refusing: 20)
        try TenXGolden.expectAnswers("recent.loom", refusing: 20)
    }

    @Test(.enabled(if: RealData.folder != nil, "needs shared/data beside the package"))
    func aFileOfLoompyIsRead() throws {
        let result = try readAnnotated(
            RealData.folder!.appendingPathComponent("formats/third_party/loompy_test.loom").path)
        #expect(result.data.cells.count == 200 && result.data.genes.names.prefix(3) == ["A", "B", "C"])
        #expect(result.data.x?.storedValues.isEmpty == true)
        // One gene is there twice; the column `Cell` is none of the names known.
        #expect(result.notices.map(\.code) == ["DUPLICATE_NAMES", "NO_NAMES"])
        #expect(result.data.cells["Cell"] == .integers((0..<200).map { Int64($0 % 100) }))
    }
}
