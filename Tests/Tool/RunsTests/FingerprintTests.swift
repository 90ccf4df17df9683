import Foundation
import Testing

@testable import Runs

struct FingerprintTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
        "fingerprint-\(UUID().uuidString)")

    private func write(_ text: String, to name: String) throws {
        let file = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    @Test func aFileHasTheDigestOfItsBytes() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write("abc", to: "file")
        // FIPS 180-4, the example of one block.
        #expect(
            try Fingerprint.ofFile(folder.path + "/file")
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(throws: Failure.self) { try Fingerprint.ofFile(folder.path + "/none") }
    }

    /// Names, bytes and nothing else decide: neither the order of files nor where the folder lies.
    @Test func aFolderIsToldByItsFiles() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        for (place, name) in ["a/.zgroup", "a/X/0", "b/X/0", "b/.zgroup", "c/.zgroup", "c/X/1", "d/.zgroup", "d/X/0"]
            .enumerated()
        {
            try write(name.hasSuffix("p") ? "{}" : place == 7 ? "other" : "bytes", to: name)
        }
        let digests = try ["a", "b", "c", "d"].map { try Fingerprint.ofFile(folder.path + "/" + $0) }
        #expect(digests[0] == digests[1])
        // Another name of a file, other bytes of one.
        #expect(Set(digests).count == 3)
    }
}
