import AnnotatedData
import Foundation
import HDF5
import Matrices
import Testing

@testable import Formats

struct H5ADOutputTests {
    private let data = H5ADTests.example

    private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    /// A matrix written cell by cell or whole: the file is the same.
    @Test func theFileDoesNotDependOnTheBlocks() throws {
        let scratch = try Scratch()
        try writeH5AD(data, to: scratch.path("whole.h5ad"))
        for heights in [[1, 1, 1, 1], [3, 1], [0, 4]] {
            let path = scratch.path("\(heights).h5ad")
            let output = try H5ADOutput(to: path)
            try append(try #require(data.x), heights, to: output.makeMatrix(at: .main, columns: 3))
            let counts = try #require(data.layers["counts"])
            try append(counts, heights, to: output.makeMatrix(at: .layer("counts"), columns: 3))
            try append(try #require(data.raw).x, heights, to: output.makeMatrix(at: .raw, columns: 1))
            try output.finish(data, raw: data.raw.map { ($0.genes, $0.geneLoadings) })
            #expect(try bytes(path) == bytes(scratch.path("whole.h5ad")), "\(heights)")
        }
    }

    private func append(_ matrix: CellMatrix, _ heights: [Int], to output: H5ADMatrixOutput) throws {
        var first = 0
        for height in heights {
            try output.append(matrix.selectingRows(Array(first..<first + height)))
            first += height
        }
    }

    @Test func matricesAreWrittenInTurn() throws {
        let scratch = try Scratch()
        let output = try H5ADOutput(to: scratch.path("a.h5ad"))
        let x = try output.makeMatrix(at: .main, columns: 3)
        let counts = try output.makeMatrix(at: .layer("counts"), columns: 3)
        for row in 0..<4 {
            try x.append(try #require(data.x).selectingRows([row]))
            try counts.append(try #require(data.layers["counts"]).selectingRows([row]))
        }
        try output.finish(AnnotatedMatrix(x: nil, cells: data.cells, genes: data.genes))
        let result = try readAnnotated(scratch.path("a.h5ad")).data
        #expect(result.x == data.x && result.layers == data.layers)
    }

    @Test func blocksAreTurnedIntoWhatTheFirstOneIs() throws {
        let scratch = try Scratch()
        let matrix = try #require(data.x)
        for isSparseFirst in [true, false] {
            let path = scratch.path("\(isSparseFirst).h5ad")
            let output = try H5ADOutput(to: path, compression: .none)
            let x = try output.makeMatrix(at: .main, columns: 3)
            let (top, bottom) = (matrix.selectingRows([0, 1]), matrix.selectingRows([2, 3]))
            try x.append(isSparseFirst ? top : .dense(top.dense))
            try x.append(isSparseFirst ? .dense(bottom.dense) : bottom)
            try output.finish(AnnotatedMatrix(x: nil, cells: data.cells, genes: data.genes))
            let result = try readAnnotated(path)
            #expect(result.layout == (isSparseFirst ? "csr" : "dense"))
            #expect(result.data.x == (isSparseFirst ? matrix : .dense(matrix.dense)))
        }
    }

    @Test func nothingIsLeftUnlessItIsFinished() throws {
        let scratch = try Scratch()
        do {
            let output = try H5ADOutput(to: scratch.path("a.h5ad"))
            try output.makeMatrix(at: .main, columns: 3).append(try #require(data.x))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.url.path).isEmpty)
        let missing = #expect(throws: FormatError.self) { try H5ADOutput(to: scratch.path("none/a.h5ad")) }
        #expect(missing?.code == "CANNOT_WRITE")
    }

    /// A file written from another one has its numbers in their type: float64 here, whose tenths `Float` does not hold.
    @Test func aFileIsCopiedWithItsNumbers() throws {
        let scratch = try Scratch()
        let output = try H5ADOutput(to: scratch.path("a.h5ad"))
        let x = try output.makeMatrix(at: .main, columns: 2, type: .float64)
        let exact = [0.1, 16_777_217, -1e300]
        let sparse = SparseMatrix(
            rows: 2, columns: 2, rowStarts: [0, 1, 3], columnIndices: [1, 0, 1], values: exact.map { Float($0) })
        try x.append(MatrixBlock(firstRow: 0, matrix: .sparse(sparse), exact: exact))
        let counts = try output.makeMatrix(at: .layer("counts"), columns: 2, type: .uint16)
        try counts.append(.dense(Matrix(rows: 2, columns: 2, values: [0, 65535, 1, 2])))
        try output.finish(
            AnnotatedMatrix(
                x: nil, cells: AnnotationTable(names: ["a", "b"]), genes: AnnotationTable(names: ["g", "h"])))
        // −1e300 is infinite as Float, which in the main matrix would be an error.
        #expect { try readAnnotated(scratch.path("a.h5ad")) } throws: { ($0 as? FormatError)?.code == "NONFINITE" }
        let file = try HDF5File(reading: scratch.path("a.h5ad"))
        #expect(try file.root.dataset("X/data").values.doubles() == exact)
        #expect(try file.root.dataset("layers/counts").values.kind == .integer(bytes: 2, signed: false))
        #expect(try file.root.dataset("layers/counts").values.integers() == [0, 65535, 1, 2])
    }

    @Test func aSourceIsWrittenBlockByBlock() throws {
        let scratch = try Scratch()
        try writeH5AD(AnnDataReaderTests.everything, to: scratch.path("a.h5ad"))
        let notices = try writeH5AD(try openAnnotated(scratch.path("a.h5ad")), to: scratch.path("b.h5ad"))
        #expect(notices.isEmpty)
        #expect(try bytes(scratch.path("a.h5ad")) == bytes(scratch.path("b.h5ad")))
    }
}
