import AnnotatedData
import Foundation
import HDF5
import Matrices
import Testing

@testable import Formats

/// The files are also read by scanpy: `Pipelines/Golden/tenx.py check`.
struct TenXWriterTests {
    @Test func whatIsWrittenIsReadBack() throws {
        let scratch = try Scratch()
        let source = try openAnnotated(TenXGolden.path("multi.h5"))
        try writeTenXHDF5(source, to: scratch.path("a.h5"))
        let (written, original) = (try readAnnotated(scratch.path("a.h5")), try source.load())
        #expect(written.data.cells == original.data.cells && written.data.genes == original.data.genes)
        #expect(written.data.x == original.data.x && written.dtype == "int32")
        // Exactly, though Float does not hold one of them.
        var exact: [Double] = []
        try openAnnotated(scratch.path("a.h5")).x?.forEachBlock { exact += $0.exact ?? [] }
        #expect(exact.contains(16_777_217))
    }

    @Test func denseMatricesAreWrittenWithoutTheirZeros() throws {
        let scratch = try Scratch()
        var data = AnnotatedMatrix(
            x: .dense(TenXGolden.matrix), cells: AnnotationTable(names: TenXGolden.cells),
            genes: AnnotationTable(names: TenXGolden.genes))
        data.cells["filtered_barcodes"] = .booleans([true, false, true, true])
        try writeTenXHDF5(data, to: scratch.path("a.h5"))
        let source = try openAnnotated(scratch.path("a.h5"))
        #expect(source.x?.storedCount == 8 && source.dtype == "int32")
        #expect(source.annotation.cells == data.cells)
        #expect(source.annotation.genes["gene_ids"] == .strings(TenXGolden.genes))
        #expect(source.annotation.genes["feature_types"]?.labels.allSatisfy { $0 == "Gene Expression" } == true)
        #expect(try source.load().data.x?.dense == TenXGolden.matrix)
    }

    @Test func whatIsNoCountIsWrittenAsFloats() throws {
        let scratch = try Scratch()
        for odd in [Float(0.5), 3e9, -0.25] {
            let matrix = Matrix<Float>(rows: 2, columns: 2, values: [1, 0, 0, odd])
            let data = AnnotatedMatrix(
                x: .dense(matrix), cells: AnnotationTable(names: ["a", "β"]), genes: AnnotationTable(names: ["A", "A"]))
            try writeTenXHDF5(data, to: scratch.path("a.h5"))
            let result = try readAnnotated(scratch.path("a.h5"))
            #expect(result.dtype == "float32" && result.data.x?.dense == matrix)
            #expect(result.data.cells.names == ["a", "β"])
        }
    }

    @Test func noCellsAreWrittenAsSuch() throws {
        let scratch = try Scratch()
        let data = AnnotatedMatrix(
            x: .dense(Matrix(rows: 0, columns: 2)), cells: AnnotationTable(names: []),
            genes: AnnotationTable(names: ["A", "B"]))
        try writeTenXHDF5(data, to: scratch.path("a.h5"))
        let read = try readAnnotated(scratch.path("a.h5")).data
        #expect(read.cells.count == 0 && read.genes.names == ["A", "B"])
    }

    @Test func nothingIsLeftWhereWritingFails() throws {
        let scratch = try Scratch()
        let empty = AnnotatedMatrix(x: nil, cells: AnnotationTable(names: []), genes: AnnotationTable(names: []))
        let missing = #expect(throws: FormatError.self) { try writeTenXHDF5(empty, to: scratch.path("a.h5")) }
        #expect(missing?.code == "MISSING_ELEMENT")
        // The error of a matrix that cannot be read shows while it is written.
        let file = try HDF5File(creating: scratch.path("bad.h5"))
        let group = try file.root.makeGroup("matrix")
        try group.write("barcodes", .strings(["a"]))
        try group.write("features/id", .strings(["A"]))
        try group.write("data", .smallIntegers([1]))
        try group.write("indices", .integers([7]))
        try group.write("indptr", .integers([0, 1]))
        try group.write("shape", .integers([1, 1]))
        try file.close()
        let source = try openAnnotated(scratch.path("bad.h5"))
        let error = #expect(throws: FormatError.self) { try writeTenXHDF5(source, to: scratch.path("b.h5")) }
        #expect(error?.code == "INDEX_RANGE")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.url.path) == ["bad.h5"])
    }

    @Test func theSameDataGiveTheSameBytes() throws {
        let scratch = try Scratch()
        let source = try openAnnotated(TenXGolden.path("multi.h5"))
        for name in ["a.h5", "b.h5"] { try writeTenXHDF5(source, to: scratch.path(name)) }
        let bytes = try ["a.h5", "b.h5"].map { try Data(contentsOf: URL(fileURLWithPath: scratch.path($0))) }
        #expect(bytes[0] == bytes[1])
    }
}
