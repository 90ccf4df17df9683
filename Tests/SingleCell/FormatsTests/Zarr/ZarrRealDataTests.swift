import Foundation
import Matrices
import Testing

@testable import Formats

@Suite(.enabled(if: RealData.folder != nil, "needs shared/data beside the package"))
struct ZarrRealDataTests {
    private func read(_ name: String) throws -> ReadingResult {
        try readAnnotated(RealData.folder!.appendingPathComponent("formats/\(name)").path)
    }

    /// Files with one digest hold one matrix: that of the h5ad file that has the store's.
    @Test func theZooHoldsWhatItShould() throws {
        let expected = try RealData.json("formats/zoo/expected.json")
        let stores = expected.filter { ($0.value as? [String: Any])?["format"] as? String == "zarr" }
        #expect(!stores.isEmpty)
        for (name, value) in stores {
            let facts = try #require(value as? [String: Any])
            let result = try read("zoo/\(name)")
            let matrix = try #require(result.data.x).dense
            #expect([matrix.rows, matrix.columns] == facts["shape"] as? [Int])
            #expect(matrix.values.reduce(0) { $0 + Double($1) } == facts["sum"] as? Double)
            #expect(matrix.values.count { $0 != 0 } == facts["nnz"] as? Int)
            #expect(Array(result.data.genes.names.prefix(5)) == facts["genes"] as? [String])
            #expect(Array(result.data.cells.names.prefix(5)) == facts["cells"] as? [String])
            let twin = try #require(
                expected.first { other, value in
                    let value = value as? [String: Any]
                    return other.hasSuffix(".h5ad") && value?["kind"] as? String == "valid"
                        && value?["sha256"] as? String == facts["sha256"] as? String
                })
            let other = try read("zoo/\(twin.key)")
            #expect(other.data.x?.dense == matrix)
            #expect(other.data.cells.names == result.data.cells.names)
            for (column, value) in try #require(facts["obs"] as? [String: Any]) {
                let texts = try #require(result.data.cells[column]).texts
                let values = try #require((value as? [String: Any])?["values"] as? [Any])
                #expect(texts.count >= values.count, "\(column)")
                for (text, value) in zip(texts, values) {
                    switch value {
                    case is NSNull: #expect(text == nil, "\(column)")
                    case let expected as String: #expect(text == expected, "\(column)")
                    default: break
                    }
                }
            }
        }
    }

    @Test func allContainersHoldOneMatrix() throws {
        let expected = try read("same_matrix/csr_gzip.h5ad")
        for name in ["csr_v2.zarr.zip", "csr_v3.zarr.zip"] {
            let result = try read("same_matrix/\(name)")
            #expect(result.data == expected.data, "\(name)")
            #expect(result.layout == "csr" && result.dtype == expected.dtype)
        }
    }

    @Test func storesOfOthersAreRead() throws {
        let archives = "third_party/anndata/archives"
        for version in ["v0.7.0", "v0.7.8", "v0.11.4"] {
            let result = try read("\(archives)/\(version)/adata.zarr.zip")
            let twin = try read("\(archives)/\(version)/adata.h5ad")
            #expect(result.data == twin.data, "\(version)")
        }
        // Written by a zarr-python whose record type the current release cannot read.
        let reduced = try read("third_party/scanpy_datasets/10x_pbmc68k_reduced.zarr.zip")
        #expect(reduced.data.cells.count == 700 && reduced.data.genes.count == 765)
        #expect(reduced.data.cells["bulk_labels"] != nil)
        // The sum that zarr-python gives of X alone; another order of adding half a million floats may move its last digits.
        let sum = try #require(reduced.data.x).dense.values.reduce(0) { $0 + Double($1) }
        #expect(abs(sum - -243.681057988666) < 1e-8)
    }
}
