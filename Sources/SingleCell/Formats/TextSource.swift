import CZlib
import Foundation

/// The bytes of a text file, unpacked where they are packed with gzip (whatever the suffix).
enum TextSource {
    /// Unpacked text beyond this is refused.
    static let largestSize = 1 << 33
    /// Text shrinks by a few times; beyond this ratio the file is made to exhaust memory.
    private static let largestRatio = 500

    /// The first bytes, for recognition.
    static func start(of path: String) throws(FormatError) -> (bytes: [UInt8], isCompressed: Bool, isText: Bool) {
        guard let file = FileHandle(forReadingAtPath: path) else { throw unreadable(path) }
        defer { try? file.close() }
        let packed = [UInt8]((try? file.read(upToCount: 1 << 16)) ?? Data())
        let isCompressed = isGzip(packed)
        let bytes = isCompressed ? try unpack(packed, path, upTo: 4096).bytes : packed
        let hasMark = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        return (bytes, isCompressed, hasMark || !bytes.prefix(4096).contains(0))
    }

    /// The whole text as UTF-8 bytes, without a byte order mark.
    /// - Throws: `GZIP` for damaged compression, `BAD_UTF8` for UTF-16, `EMPTY_FILE`, `LIMIT`.
    static func read(_ path: String) throws(FormatError) -> [UInt8] {
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.readToEnd() ?? Data() else {
            throw unreadable(path)
        }
        try? file.close()
        var bytes = [UInt8](data)
        if isGzip(bytes) {
            let (unpacked, isWhole) = try unpack(bytes, path, upTo: nil)
            guard isWhole else {
                throw gzip(path, "the compressed data end after \(bytes.count) bytes without their end mark")
            }
            bytes = unpacked
        }
        for (mark, name) in [([0xFF, 0xFE], "UTF-16"), ([0xFE, 0xFF], "UTF-16")] as [([UInt8], String)]
        where bytes.starts(with: mark) {
            throw FormatError(
                code: "BAD_UTF8", file: path, element: "byte 0",
                message: "UTF-8 expected, found the byte order mark of \(name)",
                remedy: "save the file as UTF-8")
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        guard bytes.contains(where: { $0 != 0x0A && $0 != 0x0D && $0 != 0x20 }) else {
            throw FormatError(
                code: "EMPTY_FILE", file: path, message: "the file holds no text", remedy: "fetch or write it again")
        }
        return bytes
    }

    private static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

    /// Unpacks all members of a gzip file, or as many bytes as asked for.
    private static func unpack(
        _ packed: [UInt8], _ path: String, upTo limit: Int?
    ) throws(FormatError) -> (bytes: [UInt8], isWhole: Bool) {
        let largest = min(
            largestSize, max(1 << 26, packed.count.multipliedReportingOverflow(by: largestRatio).partialValue))
        var stream = z_stream()
        // 15 bits of window + 16: gzip with its check sums.
        guard inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw gzip(path, "the decompressor does not start")
        }
        defer { inflateEnd(&stream) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 18)
        var consumed = 0
        var status = Z_OK
        while true {
            let (read, written) = packed.withUnsafeBufferPointer { input in
                block.withUnsafeMutableBufferPointer { output in
                    let available = min(packed.count - consumed, 1 << 30)
                    stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress! + consumed)
                    stream.avail_in = UInt32(available)
                    stream.next_out = output.baseAddress
                    stream.avail_out = UInt32(output.count)
                    status = inflate(&stream, Z_NO_FLUSH)
                    return (available - Int(stream.avail_in), output.count - Int(stream.avail_out))
                }
            }
            consumed += read
            bytes += block[..<written]
            if let limit, bytes.count >= limit { return (bytes, false) }
            guard bytes.count <= largest else {
                throw FormatError(
                    code: "LIMIT", file: path, message: "\(packed.count) bytes unpack to more than \(largest)",
                    remedy: "check where this file comes from")
            }
            switch status {
            case Z_STREAM_END:
                // Another member may follow; trailing zeros are padding.
                if packed[consumed...].allSatisfy({ $0 == 0 }) { return (bytes, true) }
                guard packed[consumed...].starts(with: [0x1F, 0x8B]) else {
                    throw gzip(path, "after the end of the compressed data something else follows at byte \(consumed)")
                }
                inflateReset(&stream)
            case Z_OK: break
            // No progress: the input is used up before its end mark.
            case Z_BUF_ERROR: return (bytes, false)
            default:
                if limit != nil { return (bytes, false) }
                throw gzip(path, "the compressed data are damaged near byte \(consumed)")
            }
        }
    }

    private static func gzip(_ path: String, _ message: String) -> FormatError {
        FormatError(code: "GZIP", file: path, message: message, remedy: "fetch or pack the file again")
    }

    private static func unreadable(_ path: String) -> FormatError {
        FormatError(
            code: "UNREADABLE", file: path, message: "the file cannot be opened for reading",
            remedy: "check its permissions")
    }
}
