import Foundation
import Testing

@testable import Formats

@Suite struct ZipArchiveTests {
    private let place = ZarrPlace(file: "a.zip", element: "/")

    private func read(_ bytes: [UInt8], _ name: String) throws(FormatError) -> [UInt8]? {
        guard let scratch = try? Scratch(), let path = try? scratch.file("a.zip", bytes) else { return nil }
        return try ZipArchive(path)?.open(name, place)?.read()
    }

    @Test func membersAreRead() throws {
        let archive = ZipWriting.archive([("a", [1, 2, 3]), ("b/c", []), ("a", [4])])
        // Writers replace a member by writing it once more.
        #expect(try read(archive, "a") == [4])
        #expect(try read(archive, "b/c") == [])
        #expect(try read(archive, "c") == nil)
        #expect(try read([0x50, 0x4B, 7, 8], "a") == nil)
    }

    @Test func aFalseChecksumIsFound() throws {
        var archive = ZipWriting.archive([("a", [1, 2, 3])])
        archive[31] = 9
        #expect(try read(archive, "a") == nil)
        // Deflated: the metadata of the fixture.
        var store = try ZarrFixture.bytes("arrays_v2")
        let name = Array(".zgroup".utf8)
        let start = try #require(store.indices.first { store[$0...].starts(with: name) })
        store[start + name.count + 5] ^= 1
        let error = #expect(throws: FormatError.self) { try read(store, ".zgroup") }
        #expect(error?.code == "CORRUPT_CHUNK")
    }

    @Test func aCutOffArchiveIsTruncated() throws {
        let scratch = try Scratch()
        let whole = try ZarrFixture.bytes("anndata_v3")
        for length in [whole.count - 1, whole.count / 2, 5000] {
            let path = try scratch.file("cut.zip", whole.prefix(length))
            let error = #expect(throws: FormatError.self) { try readAnnotated(path) }
            #expect(error?.code == "TRUNCATED" && error?.message.contains("\(length)") == true)
        }
    }

    @Test func unknownMethodsAndEncryptionAreNamed() throws {
        let error = #expect(throws: FormatError.self) { try read(ZipWriting.archive([("a", [1])], method: 12), "a") }
        #expect(error?.code == "FILTER_UNAVAILABLE" && error?.message.contains("bzip2") == true)
        var archive = ZipWriting.archive([("a", [1])])
        let list = 30 + 1 + 1
        #expect(Array(archive[list..<list + 4]) == [0x50, 0x4B, 1, 2])
        archive[list + 8] = 1
        #expect(#expect(throws: FormatError.self) { try read(archive, "a") }?.code == "FILTER_UNAVAILABLE")
    }

    @Test func sizesOutsideTheArchiveAreRefused() throws {
        let whole = ZipWriting.archive([("a", [1, 2, 3])])
        let list = 30 + 1 + 3
        for (place, code) in [(list + 20, "CORRUPT_CHUNK"), (list + 45, "CORRUPT_CHUNK"), (list + 28, "CORRUPT_ZIP")] {
            var archive = whole
            archive[place] = 0x7F
            #expect(#expect(throws: FormatError.self) { try read(archive, "a") }?.code == code, "byte \(place)")
        }
        // The list itself.
        var archive = whole
        archive[whole.count - 22 + 19] = 0x7F
        #expect(#expect(throws: FormatError.self) { try read(archive, "a") }?.code == "CORRUPT_ZIP")
    }
}
