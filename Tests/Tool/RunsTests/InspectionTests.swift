import AnnotatedData
import Formats
import Foundation
import Matrices
import Testing

@testable import Runs

struct InspectionTests {
    /// SHA-256 of 1, 0, 0, 2.5 as little-endian float64, by Python:
    /// hashlib.sha256(struct.pack("<4d", 1, 0, 0, 2.5)).hexdigest()
    private let expected = "9b4bbcc8a9cefac3ad5ecd6d2384230b40f89e92ae5c53e2e543bddb46f9ffad"

    @Test func theDigestIsThatOfTheDenseMatrix() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).h5ad").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        // The last entry is given twice and counts as the sum.
        let sparse = SparseMatrix(
            rows: 2, columns: 2, rowStarts: [0, 1, 3], columnIndices: [0, 1, 1], values: [1, 2, 0.5])
        try writeH5AD(
            AnnotatedMatrix(
                x: .sparse(sparse), cells: AnnotationTable(names: ["a", "b"]),
                genes: AnnotationTable(names: ["g", "h"])),
            to: path)
        let inspection = try Inspection.of(file: path, digest: true)
        #expect(inspection.sha256 == expected)
        #expect(inspection.lastCell == "b" && inspection.lastGene == "h")
        #expect(inspection.stored == 3 && inspection.sum == 3.5)
        #expect(try Inspection.of(file: path).sha256 == nil)
    }

    private func inspection(_ columns: [(String, [String])], genes: [String]) throws -> Inspection {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).h5ad").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let count = columns[0].1.count
        try writeH5AD(
            AnnotatedMatrix(
                x: .dense(
                    Matrix(rows: count, columns: genes.count, values: Array(repeating: 1, count: count * genes.count))),
                cells: AnnotationTable(
                    names: (0..<count).map { "c\($0)" },
                    columns: columns.map { AnnotationColumn(name: $0.0, values: .strings($0.1)) }),
                genes: AnnotationTable(names: genes)),
            to: path)
        return try Inspection.of(file: path)
    }

    @Test func dosesAndTargetsAreFound() throws {
        let found = try inspection(
            [
                ("drug", ["DMSO", "a", "a", "b"]), ("dose", ["vehicle", "100 nM", "0.5 uM", "100 nM"]),
                ("target", ["", "TP53", "TP53", "other"]),
            ], genes: ["TP53", "MYC"])
        #expect(found.dose?.column == "dose" && found.dose?.unit == "uM" && found.dose?.values == [0.1, 0.5])
        #expect(found.targets == .init(column: "target", perturbations: 1))
        #expect(
            found.text.contains(
                "dose          dose: 0.1, 0.5 uM\ntargets       target: measured genes for 1 of 2 perturbations"))
        #expect(found.guides == nil && found.featureTypes == nil)
        let unclear = try inspection(
            [("drug", ["DMSO", "a", "b"]), ("dose", ["0", "1", "1,5"])], genes: ["TP53", "MYC"])
        #expect(unclear.dose == nil && unclear.perturbation?.labels == ["a", "b"])
        let said = unclear.notes.first { $0.code == "DOSE_VALUE" }?.message
        #expect(said?.contains("screen.useDoses") == true)
    }
}
