import AnnotatedData
import Foundation
import Testing

@testable import Formats

/// Files that other projects made, with what anndata 0.12.19 reads from them.
@Suite(.enabled(if: RealData.folder != nil, "needs shared/data beside the package"))
struct ThirdPartyTests {
    struct Expected: CustomTestStringConvertible {
        let file: String
        let shape: [Int]
        /// Of X, summed in double precision; nil where there is none.
        let sum: Double?
        let columns: Int
        /// Numbers of entries in layers, obsm, varm, obsp.
        let entries: [Int]
        var rawShape: [Int]?
        var rawSum: Double?
        var notices: [String] = []
        var testDescription: String { file }
    }

    /// Of the file of 0.5 we have less than anndata: obsm and varm are records of lists there, which are left out, and the
    /// graphs stay in uns, where they are.
    static let files = [
        Expected(
            file: "anndata/archives/v0.11.4/adata.h5ad", shape: [10, 20], sum: nil, columns: 0,
            entries: [0, 0, 0, 0]),
        Expected(
            file: "anndata/archives/v0.5.0/adata.h5ad", shape: [700, 765], sum: -243.681057988666, columns: 8,
            entries: [0, 0, 0, 0], rawShape: [700, 765], rawSum: 319044.23824107647,
            notices: ["NOT_READ", "NOT_READ"]),
        Expected(
            file: "anndata/archives/v0.7.0/adata.h5ad", shape: [30, 20], sum: 285.0, columns: 5,
            entries: [2, 3, 3, 2], rawShape: [30, 40], rawSum: 627.0),
        Expected(
            file: "anndata/archives/v0.7.8/adata.h5ad", shape: [30, 20], sum: 302.0, columns: 5,
            entries: [2, 3, 3, 2], rawShape: [30, 40], rawSum: 568.0),
        Expected(
            file: "anndata_rs/sample.h5ad", shape: [999, 1], sum: nil, columns: 32,
            entries: [0, 0, 0, 0]),
        Expected(
            file: "scvi/TM_droplet_mat.h5ad", shape: [47, 10], sum: 633.0, columns: 0,
            entries: [0, 0, 0, 0]),
        Expected(
            file: "scvi/brainlarge_dataset_test.h5ad", shape: [70, 720], sum: 38735.0, columns: 8,
            entries: [0, 0, 0, 0]),
        Expected(
            file: "scvi/exp_activation_totalvi/adata.h5ad", shape: [400, 100], sum: 327771.0, columns: 4,
            entries: [0, 2, 0, 0]),
        Expected(
            file: "scvi/pbmc_10k_protein_v3.h5ad", shape: [200, 16727], sum: 909531.0, columns: 3,
            entries: [0, 1, 0, 0]),
        Expected(
            file: "scvi/pbmc_5k_protein_v3.h5ad", shape: [200, 16581], sum: 1351231.0, columns: 3,
            entries: [0, 1, 0, 0]),
        Expected(
            file: "scvi/pre_logits_fix_scanvi/adata.h5ad", shape: [400, 100], sum: 326997.0, columns: 4,
            entries: [0, 2, 0, 0]),
    ]

    @Test(arguments: files)
    func filesHoldWhatAnndataReads(expected: Expected) throws {
        let path = RealData.folder!.appendingPathComponent("formats/third_party/\(expected.file)").path
        let result = try readAnnotated(path)
        let data = result.data
        #expect([data.cells.count, data.genes.count] == expected.shape)
        #expect(data.cells.columns.count == expected.columns)
        let arrays = [data.cellEmbeddings, data.geneLoadings, data.cellGraphs]
        #expect([data.layers.count] + arrays.map(\.count) == expected.entries)
        #expect(data.raw.map { [$0.x.rows, $0.x.columns] } == expected.rawShape)
        #expect(result.notices.map(\.code) == expected.notices)
        // The order of summation differs.
        for (matrix, sum) in [(data.x, expected.sum), (data.raw?.x, expected.rawSum)] {
            let found = matrix?.storedValues.reduce(0) { $0 + Double($1) }
            #expect((found == nil) == (sum == nil) && abs((found ?? 0) - (sum ?? 0)) <= 1e-12 * abs(sum ?? 0))
        }
    }
}
