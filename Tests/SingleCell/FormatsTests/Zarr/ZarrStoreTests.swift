import AnnotatedData
import Foundation
import Testing

@testable import Formats

@Suite struct ZarrStoreTests {
    private func code(_ path: String) -> String? {
        do throws(FormatError) {
            _ = try readAnnotated(path)
            return nil
        } catch {
            return error.code
        }
    }

    @Test(arguments: [2, 3], [true, false])
    func storesOfAnndataAreRead(version: Int, isZip: Bool) throws {
        let scratch = try Scratch()
        let name = "anndata_v\(version)"
        let path = isZip ? ZarrFixture.path(name) : try ZarrFixture.unpacked(name, in: scratch)
        let result = try readAnnotated(path)
        var expected = H5ADTests.example
        expected.cellEmbeddings["X_pca"] = .numbers(
            NumberArray(.doubles([Double](repeating: 1, count: 8)), shape: [4, 2]))
        #expect(result.data == expected)
        #expect(result.format == .zarr && result.layout == "csc" && result.dtype == "float64")
        #expect(result.notices.isEmpty)
        #expect(try FileFormat.recognise(path) == .zarr)
    }

    /// `zip -r store.zip store.zarr` puts the folder on top.
    @Test func aStoreInsideOneFolderOfTheArchiveIsRead() throws {
        let scratch = try Scratch()
        let archive = try ZipWriting.renamed(ZarrFixture.path("anndata_v3")) { "adata.zarr/\($0)" }
        #expect(try readAnnotated(scratch.file("a.zip", archive)).data.x == H5ADTests.example.x)
        let deep = try ZipWriting.renamed(ZarrFixture.path("anndata_v3")) { "a/b/\($0)" }
        #expect(code(try scratch.file("deep.zip", deep)) == "NOT_THIS_FORMAT")
    }

    @Test func otherArchivesStayRefused() throws {
        let scratch = try Scratch()
        let archive = ZipWriting.archive([("readme.txt", [65])])
        let error = #expect(throws: FormatError.self) { try readAnnotated(scratch.file("a.zip", archive)) }
        #expect(error?.code == "NOT_THIS_FORMAT" && error?.message.contains("zip archive") == true)
    }

    @Test func aStoreThatIsOneArrayIsRefused() throws {
        let scratch = try Scratch()
        let folder = try ZarrFixture.unpacked("arrays_v3", in: scratch)
        #expect(code(folder + "/table") == "NOT_THIS_FORMAT")
        #expect(code(folder) == "MISSING_ELEMENT")
    }

    @Test func linksOutOfTheStoreAreRefused() throws {
        let scratch = try Scratch()
        let folder = try ZarrFixture.unpacked("anndata_v2", in: scratch)
        let chunk = folder + "/X/data/0"
        try FileManager.default.moveItem(atPath: chunk, toPath: scratch.path("elsewhere"))
        try FileManager.default.createSymbolicLink(atPath: chunk, withDestinationPath: scratch.path("elsewhere"))
        let error = #expect(throws: FormatError.self) { try readAnnotated(folder) }
        #expect(error?.code == "LINK" && error?.element == "/X/data chunk 0")

        try FileManager.default.removeItem(atPath: scratch.path("elsewhere"))
        #expect(code(folder) == "LINK")
        // A link inside the store is one more name.
        try FileManager.default.removeItem(atPath: chunk)
        try FileManager.default.moveItem(atPath: folder + "/X/indices", toPath: folder + "/X/moved")
        try FileManager.default.createSymbolicLink(atPath: folder + "/X/indices", withDestinationPath: "moved")
        let group = try ZarrStore.root(folder)
        #expect(try ZarrFixture.values(group, "X/indices").integers() == [0, 3, 2, 0, 3])
    }

    @Test func aFolderThatContainsItselfEnds() throws {
        let scratch = try Scratch()
        let folder = try ZarrFixture.unpacked("anndata_v3", in: scratch)
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/uns/nested/again", withDestinationPath: "../../uns")
        let result = try readAnnotated(folder)
        #expect(result.notices.map(\.code) == ["CYCLE"])
    }

    @Test func namesThatLeadOutAreNone() throws {
        let store = try ZarrStore.root(ZarrFixture.path("anndata_v3"))
        for name in ["../x", "a//b", "/etc", ".", "obs/..", "a\\b", "a\0b", ""] {
            #expect(!store.contains(name))
            #expect(#expect(throws: FormatError.self) { try store.node(name) }?.code == "LINK", "\(name)")
        }
        #expect(store.contains("obs/drug/codes") && !store.contains("obs/none"))
        #expect(#expect(throws: FormatError.self) { try store.node("obs/none") }?.code == "MISSING_ELEMENT")
    }

    @Test func aPipeInPlaceOfAChunkIsNotWaitedFor() throws {
        let scratch = try Scratch()
        let folder = try ZarrFixture.unpacked("anndata_v2", in: scratch)
        try FileManager.default.removeItem(atPath: folder + "/X/data/0")
        #expect(mkfifo(folder + "/X/data/0", 0o600) == 0)
        #expect(code(folder) == "LINK")
    }

    @Test func damagedChunksAreNamed() throws {
        let scratch = try Scratch()
        let folder = try ZarrFixture.unpacked("anndata_v3", in: scratch)
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: folder + "/X/data/c/0"))
        let error = #expect(throws: FormatError.self) { try readAnnotated(folder) }
        #expect(error?.code == "CORRUPT_CHUNK" && error?.element == "/X/data chunk 0" && error?.file == folder)
    }

    @Test func wrongMetadataAreNamed() throws {
        let scratch = try Scratch()
        let folder = try ZarrFixture.unpacked("arrays_v2", in: scratch)
        let path = folder + "/table/.zarray"
        let original = try String(contentsOfFile: path, encoding: .utf8)
        func code(_ old: String, _ new: String) throws -> String? {
            let changed = original.replacingOccurrences(of: old, with: new)
            #expect(changed != original, "\(old)")
            try changed.write(toFile: path, atomically: true, encoding: .utf8)
            do throws(FormatError) {
                _ = try ZarrStore.root(folder).array("table").values.integers()
                return nil
            } catch {
                #expect(error.element?.hasPrefix("/table") == true && error.file == folder)
                return error.code
            }
        }
        let flat = original.replacingOccurrences(of: "[\\s]+", with: "", options: .regularExpression)
        try flat.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try code("\"<i2\"", "\"<i3\"") == "BAD_ENCODING")
        #expect(try code("\"blosc\"", "\"zfp\"") == "FILTER_UNAVAILABLE")
        #expect(try code("\"order\": \"C\"", "\"order\": \"X\"") == "BAD_ENCODING")
        #expect(try code("\"zarr_format\": 2", "\"zarr_format\": 4") == "BAD_ENCODING")
        #expect(try code("7", "70000000000000000000") == "BAD_ENCODING")
        #expect(try code("7", "7000000000000000") == "LIMIT")
        // Never written chunks cost nothing to declare: what they would become must not be made.
        #expect(try code("7", "70000000000") == "LIMIT")
        #expect(try code("    4,", "    0,") == "BAD_ENCODING")
        #expect(try code("{", "[") == "BAD_ENCODING")
    }

    @Test(arguments: [
        (#""rectangular""#, #""regular""#, "BAD_ENCODING"), (#""struct""#, #""array""#, "BAD_ENCODING"),
        (#""zfp""#, #""zstd""#, "FILTER_UNAVAILABLE"), (#""float12""#, #""int16""#, "BAD_ENCODING"),
        (#""bytes2""#, #""bytes""#, "FILTER_UNAVAILABLE"), ("[1,1]", "[1,0]", "BAD_ENCODING"),
        (#""fill_value":"x""#, #""fill_value":0"#, "BAD_ENCODING"),
        (#""storage_transformers":[{"name":"odd"}]"#, #""storage_transformers":[]"#, "FILTER_UNAVAILABLE"),
        (#""zarr_format":2"#, #""zarr_format":3"#, "BAD_ENCODING"),
        (#""separator":"-""#, #""separator":"/""#, "BAD_ENCODING"),
        (#""attributes":[]"#, #""attributes":{}"#, "BAD_ENCODING"),
        ("[1000000000,1000000000]", "[4,3]", "LIMIT"),
    ])
    func wrongMetadataOfVersion3AreNamed(new: String, old: String, code: String) throws {
        let scratch = try Scratch()
        let folder = try ZarrFixture.unpacked("arrays_v3", in: scratch)
        let path = folder + "/table_columns/zarr.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
            .replacingOccurrences(of: "\\s+", with: "", options: .regularExpression)
        #expect(text.contains(old))
        try text.replacingOccurrences(of: old, with: new).write(toFile: path, atomically: true, encoding: .utf8)
        let error = #expect(throws: FormatError.self) {
            try ZarrStore.root(folder).array("table_columns").values.integers()
        }
        #expect(error?.code == code && error?.element?.hasPrefix("/table_columns") == true)
    }

    @Test func aSingleValueInAShardIsReadOrRefused() throws {
        let scratch = try Scratch()
        let folder = try ZarrFixture.unpacked("arrays_v3", in: scratch)
        let sharding =
            #"[{"name":"sharding_indexed","configuration":{"chunk_shape":[],"codecs":[{"name":"bytes"}],"#
            + #""index_codecs":[{"name":"bytes"}]}}]"#
        let path = folder + "/scalar/zarr.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
            .replacingOccurrences(of: "\\s+", with: "", options: .regularExpression)
            .replacingOccurrences(
                of: #""codecs":\[.*?\]"#, with: #""codecs":\#(sharding)"#, options: .regularExpression)
        #expect(text.contains("sharding_indexed"))
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        // 3.5 as the only chunk, and the index behind it.
        let chunk: [UInt8] = [0, 0, 0, 0, 0, 0, 0x0C, 0x40]
        let index = [UInt8](repeating: 0, count: 8) + [8, 0, 0, 0, 0, 0, 0, 0]
        try Data(chunk + index).write(to: URL(fileURLWithPath: folder + "/scalar/c"))
        #expect(try ZarrFixture.values(ZarrStore.root(folder), "scalar").doubles() == [3.5])
        try Data(index.dropLast()).write(to: URL(fileURLWithPath: folder + "/scalar/c"))
        let error = #expect(throws: FormatError.self) {
            try ZarrFixture.values(ZarrStore.root(folder), "scalar").doubles()
        }
        #expect(error?.code == "CORRUPT_CHUNK")
    }
}
