import CZlib
import Foundation

/// A zip archive (PKWARE's APPNOTE.TXT 6.3.10), with its extension for large files, read in place: members stored or
/// deflated. Nothing is unpacked to disk.
struct ZipArchive: Sendable {
    struct Member: Sendable {
        let method: Int
        let isEncrypted: Bool
        let checksum: UInt32
        let packedSize: Int
        let size: Int
        /// Where its local header starts.
        let start: Int
        /// Its place in the list of members.
        let position: Int
    }

    /// The largest list of members, and the largest member that is inflated, in bytes.
    private static let largestUnpacked = 1 << 28
    /// Deflate cannot expand by more than 1,032 to 1.
    private static let largestRatio = 1032

    let path: String
    /// By name; of a name given twice the last one counts, since writers replace members so. Folders are left out.
    let members: [String: Member]
    private let file: OpenFile

    static func checksum(_ bytes: [UInt8]) -> UInt32 { libdeflate_crc32(0, bytes, bytes.count) }

    /// - Returns: nil where the file is no zip archive or cannot be opened.
    /// - Throws: `TRUNCATED` where it starts as one and lacks its end, `CORRUPT_ZIP`, `LIMIT`.
    init?(_ path: String) throws(FormatError) {
        guard let file = try? OpenFile.open(path, ZarrPlace(file: path, element: "/")),
            let start = file.read(0..<min(4, file.count)),
            start == [0x50, 0x4B, 3, 4] || start == [0x50, 0x4B, 5, 6]
        else { return nil }
        self.path = path
        self.file = file
        let list = try Self.listing(file, path)
        members = try Self.members(list.bytes, count: list.count, path)
    }

    private static func corrupt(_ path: String, _ message: String) -> FormatError {
        FormatError(
            code: "CORRUPT_ZIP", file: path, message: message,
            remedy: "fetch or pack the archive again; compare its checksum with the source's")
    }

    /// The central directory: its bytes and the number of members.
    private static func listing(_ file: OpenFile, _ path: String) throws(FormatError) -> (bytes: [UInt8], count: Int) {
        // The end record has 22 bytes and a comment of at most 65,535.
        let tailStart = max(0, file.count - 22 - 65535)
        guard let tail = file.read(tailStart..<file.count) else { throw corrupt(path, "the archive cannot be read") }
        let end = stride(from: tail.count - 22, through: 0, by: -1).first { offset in
            tail.littleEndian(offset, 4) == 0x0605_4B50
                && tail.littleEndianSize(offset + 20, 2).map { offset + 22 + $0 <= tail.count } == true
        }
        guard let end else {
            throw FormatError(
                code: "TRUNCATED", file: path,
                message: "the list of members at the archive's end is missing after \(file.count) bytes",
                remedy: "the download or copy is incomplete: fetch the archive again")
        }
        var (count, size, start) = (
            tail.littleEndianSize(end + 10, 2), tail.littleEndianSize(end + 12, 4), tail.littleEndianSize(end + 16, 4)
        )
        if count == 0xFFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF,
            let locator = file.read(max(0, tailStart + end - 20)..<tailStart + end),
            locator.littleEndian(0, 4) == 0x0706_4B50
        {
            guard let position = locator.littleEndianSize(8, 8), position <= file.count - 56,
                let record = file.read(position..<position + 56), record.littleEndian(0, 4) == 0x0606_4B50
            else { throw corrupt(path, "the end record of a large archive is not where it should be") }
            (count, size, start) = (
                record.littleEndianSize(32, 8), record.littleEndianSize(40, 8), record.littleEndianSize(48, 8)
            )
        }
        guard let count, let size, let start, size <= file.count, start <= file.count - size else {
            throw corrupt(path, "the list of members lies outside the archive")
        }
        guard size <= largestUnpacked else {
            throw FormatError(
                code: "LIMIT", file: path, message: "a list of members of \(size) bytes",
                remedy: "unpack the archive and name the folder")
        }
        guard let bytes = file.read(start..<start + size) else { throw corrupt(path, "the archive cannot be read") }
        return (bytes, count)
    }

    private static func members(
        _ list: [UInt8], count: Int, _ path: String
    ) throws(FormatError) -> [String: Member] {
        var members: [String: Member] = [:]
        var offset = 0
        for position in 0..<count {
            guard list.littleEndian(offset, 4) == 0x0201_4B50, let flags = list.littleEndian(offset + 8, 2),
                let method = list.littleEndianSize(offset + 10, 2), let checksum = list.littleEndian(offset + 16, 4),
                let packed = list.littleEndianSize(offset + 20, 4), let size = list.littleEndianSize(offset + 24, 4),
                let nameLength = list.littleEndianSize(offset + 28, 2),
                let extraLength = list.littleEndianSize(offset + 30, 2),
                let commentLength = list.littleEndianSize(offset + 32, 2),
                let start = list.littleEndianSize(offset + 42, 4),
                offset + 46 + nameLength + extraLength + commentLength <= list.count
            else { throw corrupt(path, "member \(position) of \(count) cannot be read in the list of members") }
            let name = String(decoding: list[offset + 46..<offset + 46 + nameLength], as: UTF8.self)
            let extraStart = offset + 46 + nameLength
            guard
                let (size, packed, start) = large(
                    (size, packed, start), list[extraStart..<extraStart + extraLength])
            else { throw corrupt(path, "the sizes of '\(name)' cannot be read") }
            if !name.hasSuffix("/") {
                members[name] = Member(
                    method: method, isEncrypted: flags & 1 == 1, checksum: UInt32(truncatingIfNeeded: checksum),
                    packedSize: packed, size: size, start: start, position: position)
            }
            offset = extraStart + extraLength + commentLength
        }
        return members
    }

    /// Numbers that do not fit in 32 bits stand in the extra field 1, in this order, where the usual place is all ones.
    private static func large(
        _ numbers: (size: Int, packed: Int, start: Int), _ extra: ArraySlice<UInt8>
    ) -> (size: Int, packed: Int, start: Int)? {
        var all = [numbers.size, numbers.packed, numbers.start]
        guard all.contains(0xFFFF_FFFF) else { return numbers }
        var offset = 0
        while let identifier = extra.littleEndian(offset, 2), let length = extra.littleEndianSize(offset + 2, 2) {
            if identifier == 1 {
                var field = offset + 4
                for place in all.indices where all[place] == 0xFFFF_FFFF {
                    guard field + 8 <= offset + 4 + length, let number = extra.littleEndianSize(field, 8) else {
                        return nil
                    }
                    all[place] = number
                    field += 8
                }
                break
            }
            offset += 4 + length
        }
        return (all[0], all[1], all[2])
    }

    /// The bytes of a member; nil where there is none of that name.
    /// - Throws: `FILTER_UNAVAILABLE`, `CORRUPT_CHUNK` (also for a wrong checksum), `LIMIT`.
    func open(_ name: String, _ place: ZarrPlace) throws(FormatError) -> StoredBytes? {
        guard let member = members[name] else { return nil }
        guard !member.isEncrypted else { throw place.unknownCodec("encryption") }
        guard member.start <= file.count - 30, let header = file.read(member.start..<member.start + 30),
            header.littleEndian(0, 4) == 0x0403_4B50,
            let nameLength = header.littleEndianSize(26, 2), let extraLength = header.littleEndianSize(28, 2)
        else { throw place.corruptChunk("the member '\(name)' is not where the archive says") }
        let start = member.start + 30 + nameLength + extraLength
        guard start <= file.count, member.packedSize <= file.count - start else {
            throw place.corruptChunk("the member '\(name)' ends outside the archive")
        }
        switch member.method {
        case 0:
            guard member.size == member.packedSize else {
                throw place.corruptChunk("the member '\(name)' has two sizes: \(member.size), \(member.packedSize)")
            }
            return StoredBytes(
                source: .file(file, start: start), count: member.size, packedCount: member.size,
                checksum: member.checksum)
        case 8:
            guard let packed = file.read(start..<start + member.packedSize) else {
                throw place.corruptChunk("the member '\(name)' cannot be read")
            }
            return StoredBytes(
                source: .memory(try inflate(packed, member, place)), count: member.size, packedCount: packed.count)
        case let method: throw place.unknownCodec(Self.methods[method] ?? "zip method \(method)")
        }
    }

    private static let methods = [9: "deflate64", 12: "bzip2", 14: "lzma", 93: "zstd in zip", 95: "xz"]

    private func inflate(_ packed: [UInt8], _ member: Member, _ place: ZarrPlace) throws(FormatError) -> [UInt8] {
        guard member.size <= Self.largestUnpacked else {
            throw place.limit("a packed member of \(member.size) bytes; unpack the archive and name the folder")
        }
        guard member.size / Self.largestRatio <= packed.count else {
            throw place.corruptChunk("\(packed.count) packed bytes cannot be \(member.size)")
        }
        let bytes = Decompression.deflate(packed, size: member.size)
        guard let bytes, Self.checksum(bytes) == member.checksum else {
            throw place.corruptChunk("the member of the archive is damaged: its checksum or size is another")
        }
        return bytes
    }
}
