import AnnotatedData
import Formats
import Foundation
import Matrices
import Testing

/// The zoo's Matrix Market folders, the containers of text of one real matrix, and text files of other packages.
@Suite(.enabled(if: RealData.folder != nil, "needs shared/data beside the package"))
struct TextZooTests {
    private func read(_ name: String) throws -> ReadingResult {
        try readAnnotated(RealData.folder!.appendingPathComponent("formats/\(name)").path)
    }

    private static func entries() throws -> [(name: String, facts: [String: Any])] {
        try RealData.json("formats/zoo/expected.json").compactMap { name, facts in
            guard let facts = facts as? [String: Any], facts["format"] as? String == "10x_mtx" else { return nil }
            return (name, facts)
        }.sorted { $0.name < $1.name }
    }

    @Test func validFoldersHoldWhatTheyShould() throws {
        // Its digest is that of the folders.
        let table = try read("zoo/csv_cells_by_genes.csv").data.x?.dense
        let digest = try RealData.json("formats/zoo/expected.json")["csv_cells_by_genes.csv"] as? [String: Any]
        var count = 0
        for (name, facts) in try Self.entries() where facts["kind"] as? String != "malformed" {
            let result = try read("zoo/\(name)")
            let data = result.data
            count += 1
            #expect([data.cells.count, data.genes.count] == facts["shape"] as? [Int], "\(name)")
            let (genes, cells) = (facts["genes"] as? [String] ?? [], facts["cells"] as? [String] ?? [])
            #expect(!genes.isEmpty && Array(data.genes.names.prefix(genes.count)) == genes, "\(name)")
            #expect(!cells.isEmpty && Array(data.cells.names.prefix(cells.count)) == cells, "\(name)")
            #expect(data.genes.names.last == facts["last_gene"] as? String, "\(name)")
            #expect(data.cells.names.last == facts["last_cell"] as? String, "\(name)")
            let values = data.x?.storedValues ?? []
            #expect(values.reduce(0) { $0 + Double($1) } == facts["sum"] as? Double, "\(name)")
            #expect(values.count { $0 != 0 } == facts["nnz"] as? Int, "\(name)")
            #expect(facts["sha256"] as? String == digest?["sha256"] as? String)
            #expect(data.x?.dense == table, "\(name)")
            let codes = result.notices.map(\.code).filter { $0 != "SEVERAL_KINDS" }
            #expect(codes == [facts["warning"] as? String].compactMap(\.self), "\(name)")
            if let types = facts["feature_types"] as? [String: Int] {
                let found = data.genes["feature_types"]?.labels.compactMap(\.self) ?? []
                #expect(Dictionary(found.map { ($0, 1) }, uniquingKeysWith: +) == types, "\(name)")
                #expect(result.notices.map(\.code) == ["SEVERAL_KINDS"])
                var options = ReadingOptions()
                options.featureTypes = ["Gene Expression"]
                let path = RealData.folder!.appendingPathComponent("formats/zoo/\(name)").path
                let some = try readAnnotated(path, options: options).data
                let expected = (facts["gex_only"] as? [String: Any])?["shape"] as? [Int]
                #expect([some.cells.count, some.genes.count] == expected && some.x?.columns == expected?[1])
                #expect(some.genes.names == Array(data.genes.names.prefix(some.genes.count)))
                options.featureTypes = ["Peaks"]
                let error = #expect(throws: FormatError.self) { try readAnnotated(path, options: options) }
                #expect(error?.code == "MISSING_ELEMENT")
            }
        }
        #expect(count >= 11)
    }

    @Test func malformedFoldersAreRefusedByName() throws {
        var count = 0
        for (name, facts) in try Self.entries() where facts["kind"] as? String == "malformed" {
            count += 1
            let error = #expect(throws: FormatError.self, "\(name)") { try read("zoo/\(name)") }
            #expect(error?.code == facts["error"] as? String, "\(name): \(error as Any)")
            #expect(error?.file != nil && error?.message.isEmpty == false && error?.remedy.isEmpty == false)
        }
        #expect(count >= 13)
    }

    @Test func allContainersOfTextHoldOneMatrix() throws {
        let first = try read("same_matrix/csr_gzip.h5ad").data
        for name in ["10x_v2_mtx", "10x_v3_mtx", "cells_by_genes.csv.gz", "genes_by_cells.tsv.gz"] {
            let data = try read("same_matrix/\(name)").data
            #expect(data.x?.dense == first.x?.dense, "\(name)")
            #expect(data.cells.names == first.cells.names, "\(name)")
            // The tables have the id behind symbols that occur twice; the folders have ids of their own.
            let ids = data.genes["gene_ids"]?.labels
            let names = zip(data.genes.names, first.genes.names).enumerated()
            #expect(
                names.allSatisfy { gene, pair in
                    pair.0 == pair.1 || ids.map { "\(pair.0)_\($0[gene] ?? "")" } == pair.1
                }, "\(name)")
        }
    }

    /// Shapes and sums as scipy and pandas read them: `Pipelines/Golden/other_texts.py`.
    @Test(arguments: [
        ("monocle3/cr2.0", 80, 240, 23110.0), ("monocle3/cr3.0", 5, 5, 80147),
        ("scanpy/10x_data/1.2.0/filtered_gene_bc_matrices", 12, 343, 12),
        ("scanpy/10x_data/3.0.0/filtered_feature_bc_matrix", 1107, 507, 41549),
        ("scanpy/10x_data/int-ids", 5, 6, 8), ("sceptre/highmoi_example/gem_group_1", 242, 160, 101805),
        ("sceptre/highmoi_example/gem_group_2", 258, 160, 98912), ("scprep/test_10X", 100, 100, 7663),
        ("scprep/test_10X_cellranger3", 100, 100, 7663), ("scprep/test_10X_duplicate_gene_names", 100, 100, 7663),
        ("scprep/test_small.csv", 100, 100, 7663), ("scprep/test_small.tsv", 100, 100, 7663),
        ("scprep/test_small_duplicate_gene_names.csv", 100, 100, 7663), ("seurat/pbmc_raw.txt", 80, 230, 19633),
        ("seurat/matrix.mtx", 80, 240, 23110), ("seurat/cr3.0", 5, 5, 80147),
        ("sceptre/parse_example/gene_mat.mtx", 5000, 266, 23316), ("scanpy_datasets/toggleswitch.txt", 200, 3, nil),
    ])
    func filesOfOtherPackagesAreRead(name: String, cells: Int, genes: Int, sum: Double?) throws {
        let data = try read("third_party/\(name)").data
        #expect(data.cells.count == cells && data.genes.count == genes)
        if let sum { #expect((data.x?.storedValues ?? []).reduce(0) { $0 + Double($1) } == sum) }
    }
}
