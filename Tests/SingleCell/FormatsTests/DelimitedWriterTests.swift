import AnnotatedData
import Formats
import Foundation
import Matrices
import Testing

struct DelimitedWriterTests {
    private func source(_ x: CellMatrix, cells: [String], genes: [String]) -> AnnotatedSource {
        AnnotatedSource(
            format: .h5ad, layout: "csr", dtype: "float32", x: x,
            annotation: AnnotatedMatrix(
                x: nil, cells: AnnotationTable(names: cells), genes: AnnotationTable(names: genes)))
    }

    @Test func theTextIsPlain() throws {
        let scratch = try Scratch()
        // An entry given twice counts as its sum.
        let sparse = SparseMatrix(
            rows: 2, columns: 3, rowStarts: [0, 3, 4], columnIndices: [2, 0, 2, 1], values: [1, 0.1, 2, -1.5e-7])
        let data = source(.sparse(sparse), cells: ["a,b", "#c"], genes: ["x", "y \"q\"", "z"])
        try writeDelimited(data, to: scratch.path("m.csv"))
        #expect(
            try String(contentsOfFile: scratch.path("m.csv"), encoding: .utf8)
                == "cell,x,\"y \"\"q\"\"\",z\n\"a,b\",0.1,0,3\n\"#c\",0,-1.5e-07,0\n")
        try writeDelimited(data, to: scratch.path("m.tsv"))
        #expect(
            try String(contentsOfFile: scratch.path("m.tsv"), encoding: .utf8)
                == "cell\tx\t\"y \"\"q\"\"\"\tz\na,b\t0.1\t0\t3\n\"#c\"\t0\t-1.5e-07\t0\n")
    }

    /// Every float comes back as it was, through text.
    @Test func numbersComeBackEqual() throws {
        var random = SeededGenerator(state: 7)
        let values = (0..<4000).map { place -> Float in
            while true {
                let value = Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &random))
                if value.isFinite { return place.isMultiple(of: 2) ? value : value.rounded() }
            }
        }
        let x = CellMatrix.dense(Matrix(rows: 100, columns: 40, values: values))
        let scratch = try Scratch()
        let names = (0..<100).map { "c\($0)" }
        try writeDelimited(source(x, cells: names, genes: (0..<40).map { "g\($0)" }), to: scratch.path("m.tsv.gz"))
        let read = try readAnnotated(scratch.path("m.tsv.gz"), options: ReadingOptions(orientation: .cellsByGenes))
        #expect(read.data.x?.storedValues == values)
        #expect(read.data.cells.names == names)
    }
}
