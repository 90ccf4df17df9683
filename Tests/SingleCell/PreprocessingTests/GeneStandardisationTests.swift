import AnnotatedData
import Foundation
import Matrices
import Preprocessing
import Testing

/// Against scanpy 1.11.5; `Reference/Golden/Preprocessing/provenance.json`.
struct GeneStandardisationTests {
    private func logarithms() throws -> CellMatrix {
        GoldenTable.sparse(try GoldenTable("log1p").matrix.float)
    }

    @Test func withoutCentresMatricesStaySparse() throws {
        let x = try logarithms()
        let scaled = try GeneStandardisation(blocks: x, isCentred: false, limit: 1.5).applied(to: x)
        guard case .sparse = scaled else {
            Issue.record("made dense")
            return
        }
        let expected = try GoldenTable("scaled_sparse").matrix
        // The result is in single precision.
        #expect(largestDifference(scaled.dense.double.values, expected.values) < 1e-6)
    }

    /// The golden values are of the first 40 cells; the others stay as they were.
    @Test(arguments: [true, false]) func fittedAndAppliedToSomeCells(sparse: Bool) throws {
        let x = try logarithms()
        let cells = Array(0..<40)
        let scaling = try GeneStandardisation(blocks: sparse ? x : .dense(x.dense), cells: cells)
        let found = scaling.applied(to: x, cells: cells)
        let expected = try GoldenTable("scaled_masked").matrix
        #expect(largestDifference(found.dense.double.values, expected.values) < 1e-6)
        // What was found in training cells is applied to the others alike.
        let all = scaling.applied(to: x).dense
        let (cell, gene) = (45, 20)
        let value = (Double(x.dense[cell, gene]) - scaling.means[gene]) / scaling.deviations[gene]
        #expect(abs(Double(all[cell, gene]) - value) < 1e-6)
        #expect(scaling.columns.map(\.name) == ["mean", "std"])
    }

    @Test func constantGenesAreOnlyCentredAndScalingsAreKept() throws {
        let x = CellMatrix.dense(Matrix(rows: 3, columns: 2, values: [5, 0, 5, 3, 5, 6]))
        let scaling = try GeneStandardisation(blocks: x, limit: 0.5)
        #expect(scaling.deviations == [1, 3])
        #expect(scaling.applied(to: x).dense.values == [0, -0.5, 0, 0, 0, 0.5])
        let kept = try JSONDecoder().decode(GeneStandardisation.self, from: JSONEncoder().encode(scaling))
        #expect(kept == scaling)
    }
}
