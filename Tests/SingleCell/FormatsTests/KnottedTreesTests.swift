import AnnotatedData
import Foundation
import HDF5
import Testing

@testable import Formats

/// Trees that links make endless, and arrays that hold nothing where something is expected.
struct KnottedTreesTests {
    private static func text(_ text: String) -> MemoryNode { MemoryNode(.texts([text])) }

    private static func frame(_ names: [String], _ columns: [String: MemoryNode] = [:]) -> MemoryNode {
        var members = columns
        members["_index"] = MemoryNode(.texts(names), shape: [names.count])
        return MemoryNode(
            .group(members),
            attributes: [
                "encoding-type": text("dataframe"), "_index": text("_index"),
                "column-order": MemoryNode(.texts(columns.keys.sorted()), shape: [columns.count]),
            ])
    }

    private static func tree(_ members: [String: MemoryNode]) -> MemoryNode {
        let usual = ["obs": frame(["a", "b"]), "var": frame(["g"])]
        return MemoryNode(.group(usual.merging(members) { $1 }))
    }

    private func read(_ root: MemoryNode) throws(FormatError) -> ReadingResult {
        var reader = AnnDataReader(MemoryGroup(root: root), path: "memory", format: .h5ad)
        return try reader.open(.init()).load()
    }

    /// A column of categories whose categories are itself.
    @Test func categoriesOfThemselves() throws {
        let column = MemoryNode(.group([:]), attributes: ["encoding-type": Self.text("categorical")])
        let codes = MemoryNode(.numbers([0, 0], .integer(bytes: 1, signed: true)), shape: [2])
        column.content = .group(["categories": column, "codes": codes])
        let error = #expect(throws: FormatError.self) {
            try read(Self.tree(["obs": Self.frame(["a", "b"], ["drug": column])]))
        }
        #expect(error?.code == "DTYPE" && error?.element == "/obs/drug")
    }

    /// Each of 40 groups holds the next one twice: 2⁴⁰ ways to the last.
    @Test func manyWaysToTheSameGroup() throws {
        var group = MemoryNode(.group([:]))
        for _ in 0..<40 { group = MemoryNode(.group(["left": group, "right": group])) }
        let result = try read(Self.tree(["uns": group]))
        #expect(result.notices.contains { $0.code == "LIMIT" })
    }

    @Test(arguments: ["data", "indices", "indptr"])
    func aGraphOfNothing(part: String) throws {
        var members = [
            "data": MemoryNode(.numbers([1], .float(bytes: 4)), shape: [1]),
            "indices": MemoryNode(.numbers([0], .integer(bytes: 4, signed: true)), shape: [1]),
            "indptr": MemoryNode(.numbers([0, 1, 1], .integer(bytes: 4, signed: true)), shape: [3]),
        ]
        func graph() -> MemoryNode {
            MemoryNode(
                .group(members),
                attributes: [
                    "encoding-type": Self.text("csr_matrix"),
                    "shape": MemoryNode(.numbers([2, 2], .integer(bytes: 8, signed: true)), shape: [2]),
                ])
        }
        #expect(try read(Self.tree(["obsp": MemoryNode(.group(["g": graph()]))])).data.cellGraphs["g"] != nil)
        members[part] = MemoryNode(.null)
        let result = try read(Self.tree(["obsp": MemoryNode(.group(["g": graph()]))]))
        #expect(result.data.cellGraphs.isEmpty && result.notices.count == 1)
        #expect(throws: FormatError.self) { try read(Self.tree(["X": graph(), "var": Self.frame(["g", "h"])])) }
    }

    /// anndata writes nothing to zarr as an array that has a shape.
    @Test func anArrayOfNothingInZarr() throws {
        let scratch = try Scratch()
        let folder = scratch.path("store.zarr")
        try FileManager.default.createDirectory(atPath: folder + "/a", withIntermediateDirectories: true)
        let documents = [
            ".zgroup": #"{"zarr_format": 2}"#, "a/.zattrs": #"{"encoding-type": "null"}"#,
            "a/.zarray": #"{"zarr_format": 2, "shape": [3], "chunks": [3], "dtype": "<i4", "order": "C", "#
                + #""fill_value": 0, "filters": null, "compressor": null}"#,
        ]
        for (name, text) in documents { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
        let values = try ZarrFixture.values(ZarrStore.root(folder), "a")
        #expect(values.isNull && values.shape.isEmpty && values.count == 0)
        #expect(try values.integers().isEmpty)
    }

    /// An array of 2⁴⁰ values that has no chunk.
    @Test func anArrayOfMoreThanIsStoredInZarr() throws {
        let scratch = try Scratch()
        let folder = scratch.path("store.zarr")
        try FileManager.default.createDirectory(atPath: folder + "/a", withIntermediateDirectories: true)
        let documents = [
            ".zgroup": #"{"zarr_format": 2}"#,
            "a/.zarray": #"{"zarr_format": 2, "shape": [1099511627776], "chunks": [1000], "dtype": "<i4", "#
                + #""order": "C", "fill_value": 0, "filters": null, "compressor": null}"#,
        ]
        for (name, text) in documents { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
        let values = try ZarrFixture.values(ZarrStore.root(folder), "a")
        #expect(try values.integers(in: 5..<7) == [0, 0])
        let error = #expect(throws: FormatError.self) { try values.checkSize() }
        #expect(error?.code == "LIMIT" && error?.element == "/a")
    }

    /// Names that repeat in the order of columns, which may be long, are read once.
    @Test func aColumnNamedTwice() throws {
        let score = MemoryNode(.numbers([1, 2], .float(bytes: 8)), shape: [2])
        let obs = Self.frame(["a", "b"], ["score": score])
        obs.attributes["column-order"] = MemoryNode(.texts(["score", "score"]), shape: [2])
        let cells = try read(Self.tree(["obs": obs])).data.cells
        #expect(cells.columns.map(\.name) == ["score"])
    }
}
