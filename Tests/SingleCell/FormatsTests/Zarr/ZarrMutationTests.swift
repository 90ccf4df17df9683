import Foundation
import Testing

@testable import Formats

/// Damaged copies of the stores must be read or refused with an error that names the file; none may end the program.
@Suite struct ZarrMutationTests {
    private func damaged(_ whole: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = whole
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: bytes.removeLast(Int.random(in: 1..<bytes.count, using: &generator))
        case 1:
            let start = Int.random(in: 0..<bytes.count - 64, using: &generator)
            let other = Int.random(in: 0..<bytes.count - 64, using: &generator)
            for offset in 0..<Int.random(in: 1...64, using: &generator) {
                bytes[start + offset] = whole[other + offset]
            }
        default:
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[place] = [0, 0xFF, 0x7F, bytes[place] ^ 1, UInt8.random(in: 0...255, using: &generator)]
                    .randomElement(using: &generator)!
            }
        }
        return bytes
    }

    /// Reads every value of a group and all below it.
    private func readAll(_ group: ZarrGroup, file: String, depth: Int = 0) {
        func attempt(_ body: () throws(FormatError) -> Void) {
            do throws(FormatError) {
                try body()
            } catch {
                #expect(error.file == file && !error.code.isEmpty && !error.message.isEmpty && !error.remedy.isEmpty)
            }
        }
        guard depth < 8 else { return }
        attempt { () throws(FormatError) in
            for name in try group.names {
                attempt { () throws(FormatError) in
                    switch try group.node(name) {
                    case .group(let group as ZarrGroup): readAll(group, file: file, depth: depth + 1)
                    case .group: break
                    case .array(let array):
                        guard array.values.kind.isNumeric else { return _ = try array.values.strings { _ in } }
                        _ = try array.values.doubles()
                        let rows = array.values.shape.first ?? 1
                        _ = try array.values.smallIntegers(in: rows / 3..<rows / 2)
                    }
                }
            }
        }
    }

    /// Flips in the archive: its checksums catch most of those in members.
    @Test(arguments: ["anndata_v2", "anndata_v3"])
    func damagedArchivesAreReadOrRefused(name: String) throws {
        let scratch = try Scratch()
        let whole = try ZarrFixture.bytes(name)
        var generator = SeededGenerator(state: 7)
        var refused = 0
        for _ in 0..<1500 {
            let path = try scratch.file("damaged.zip", damaged(whole, &generator))
            do throws(FormatError) {
                _ = try readAnnotated(path)
            } catch {
                refused += 1
                #expect(error.file == path && !error.message.isEmpty && !error.remedy.isEmpty)
            }
        }
        #expect(refused > 300)
    }

    /// Flips inside members whose checksums are right: what the codecs and the metadata must catch.
    @Test(arguments: ["arrays_v2", "arrays_v3"])
    func damagedMembersAreReadOrRefused(name: String) throws {
        let scratch = try Scratch()
        let archive = try #require(try ZipArchive(ZarrFixture.path(name)))
        var members: [(name: String, bytes: [UInt8])] = []
        for member in archive.members.keys.sorted() {
            let stored = try archive.open(member, ZarrPlace(file: name, element: member))
            members.append((member, try #require(stored?.read())))
        }
        var generator = SeededGenerator(state: 11)
        for round in 0..<60 {
            // Half of the rounds leave the metadata alone, so that the chunks are reached.
            let changed = members.map { member in
                let isMetadata = member.name.contains(".z") || member.name.hasSuffix("zarr.json")
                guard member.bytes.count > 64 || !isMetadata, !member.bytes.isEmpty, !isMetadata || round % 2 == 0
                else {
                    return member
                }
                var bytes = member.bytes
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let place = Int.random(in: 0..<bytes.count, using: &generator)
                    bytes[place] =
                        isMetadata
                        ? "0123456789[]{}\",:-ceXN".utf8.randomElement(using: &generator)!
                        : UInt8.random(in: 0...255, using: &generator)
                }
                if !isMetadata, Int.random(in: 0..<8, using: &generator) == 0 { bytes.removeLast() }
                return (member.name, bytes)
            }
            let path = try scratch.file("damaged.zip", ZipWriting.archive(changed))
            do throws(FormatError) {
                readAll(try ZarrStore.root(path), file: path)
            } catch {
                #expect(error.file == path)
            }
        }
    }
}
