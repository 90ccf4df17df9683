import CZlib
import Foundation

@testable import Formats

/// Archives for tests: members stored, as APPNOTE.TXT has them.
enum ZipWriting {
    private static func little(_ number: Int, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    static func archive(_ members: [(name: String, bytes: [UInt8])], method: Int = 0) -> [UInt8] {
        var (file, list): ([UInt8], [UInt8]) = ([], [])
        for (name, bytes) in members {
            let checksum = little(Int(libdeflate_crc32(0, bytes, bytes.count)), 4)
            let sizes = checksum + little(bytes.count, 4) + little(bytes.count, 4) + little(name.utf8.count, 2)
            let start = file.count
            file += [0x50, 0x4B, 3, 4] + little(20, 2) + little(0, 2) + little(method, 2) + little(0, 4) + sizes
            file += little(0, 2) + name.utf8 + bytes
            list +=
                [0x50, 0x4B, 1, 2] + little(20, 2) + little(20, 2) + little(0, 2) + little(method, 2) + little(0, 4)
            list += sizes + little(0, 12) + little(start, 4) + name.utf8
        }
        let end = [0x50, 0x4B, 5, 6] + little(0, 4) + little(members.count, 2) + little(members.count, 2)
        return file + list + end + little(list.count, 4) + little(file.count, 4) + little(0, 2)
    }

    /// The members of an archive under other names.
    static func renamed(_ path: String, _ name: (String) -> String) throws -> [UInt8] {
        let archive = try ZipArchive(path)!
        return try Self.archive(
            archive.members.keys.sorted().map { member in
                (name(member), try archive.open(member, ZarrPlace(file: path, element: member))!.read()!)
            })
    }
}
