import AnnotatedData
import Formats
import Foundation
import Matrices
import Testing

struct LongTableTests {
    private func read(_ text: String) throws -> ReadingResult {
        let scratch = try Scratch()
        return try readAnnotated(try scratch.file("long.tsv", text))
    }

    @Test(arguments: [
        "gene\tcell\tcount\nB\ty\t3\nA\tx\t1\nA\ty\t2\n", "Cell,Gene,Count\ny,B,1\ny,A,2\nx,A,1\ny,B,2\n",
    ])
    func linesBecomeCells(text: String) throws {
        let result = try read(text)
        #expect(result.data.cells.names == ["x", "y"] && result.data.genes.names == ["A", "B"])
        #expect(result.data.x?.dense == Matrix(rows: 2, columns: 2, values: [1, 0, 2, 3]))
        #expect(result.layout == "csr" && result.dtype == "int64" && result.data.x?.storedCount == 3)
        #expect(result.notices.contains { $0.code == "LONG_TABLE" })
        #expect(result.notices.contains { $0.code == "DUPLICATE_ENTRIES" } == text.hasPrefix("Cell"))
    }

    @Test(arguments: [
        ("gene\tcell\tcount\nA\tx\tmany\n", "CSV_VALUE"), ("gene\tcell\tcount\nA\tx\n", "CSV_RAGGED"),
        ("gene\tcell\tcount\n", "EMPTY_FILE"),
    ])
    func whatIsNoCountIsRefused(text: String, code: String) {
        #expect { try read(text) } throws: { ($0 as? FormatError)?.code == code }
    }

    /// anndata 0.13, `read_umi_tools`: 2 cells × 13 genes, 22 entries of sum 145, of which the first cell has 70.
    @Test(.enabled(if: RealData.folder != nil, "no folder with real data"))
    func countsOfUMITools() throws {
        let path = try #require(RealData.folder).appendingPathComponent("formats/third_party/anndata/umi_tools.tsv.gz")
        let data = try readAnnotated(path.path).data
        #expect(data.cells.names == ["ACAAGG", "TTCACG"])
        #expect(data.genes.names.first == "ENSG00000011304.18" && data.genes.names.last == "ENSG00000267751.5")
        let x = try #require(data.x)
        #expect(x.columns == 13 && x.storedCount == 22 && x.sum == 145 && x.dense.row(0).reduce(0, +) == 70)
    }

    @Test func namesInACommentAboveTheNumbers() throws {
        var options = ReadingOptions()
        options.orientation = .cellsByGenes
        let scratch = try Scratch()
        func genes(_ text: String) throws -> ReadingResult {
            try readAnnotated(try scratch.file("m.tsv", text), options: options)
        }
        let named = try genes("# about x\n# a b\nr1\t1\t0\nr2\t3\t0\n")
        #expect(named.data.genes.names == ["a", "b"] && named.data.cells.names == ["r1", "r2"])
        #expect(named.notices.map(\.code) == ["HEADER_COMMENT"])
        let whole = try genes("# it a b\n  0 1 0\n  1 3 0\n")
        #expect(whole.data.genes.names == ["it", "a", "b"])
        // Neither a comment of other length nor one above a header.
        #expect(try genes("# a b c d\nr1\t1\t0\nr2\t3\t0\n").data.genes.names == ["1", "2"])
        #expect(try genes("# a b\n\nr1\t1\t0\nr2\t3\t0\n").data.genes.names == ["1", "2"])
        #expect(try genes("# a b\n\tTP53\tMYC\nr1\t1\t0\nr2\t3\t0\n").data.genes.names == ["TP53", "MYC"])
    }
}
