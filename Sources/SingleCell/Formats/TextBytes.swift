import CZlib
import Foundation

/// The bytes of a file from its beginning on, unpacked where they are packed with gzip.
final class TextBytes {
    /// Text shrinks by a few times; beyond this ratio the file is made to exhaust memory.
    private static let largestRatio = 500
    /// Whatever the ratio, so many bytes may be unpacked.
    private static let alwaysAllowed = 1 << 26
    private static let magic: [UInt8] = [0x1F, 0x8B]

    let path: String
    /// The size of the file as it lies on the disk.
    let storedSize: Int
    let isCompressed: Bool
    private let descriptor: Int32
    private var stream = z_stream()
    /// What was read and not yet handed on: `packed[position..<count]`.
    private var packed: [UInt8]
    private var position = 0
    private var count = 0
    /// How much of the file was read.
    private var consumed = 0
    private var unpacked = 0
    private var isFinished = false

    init(_ path: String) throws(FormatError) {
        self.path = path
        // A pipe would be waited for.
        descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.unreadable(path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Self.unreadable(path)
        }
        storedSize = Int(status.st_size)
        packed = [UInt8](repeating: 0, count: min(storedSize + 1, 1 << 18))
        count = packed.withUnsafeMutableBytes { [descriptor] in max(0, read(descriptor, $0.baseAddress, $0.count)) }
        consumed = count
        isCompressed = packed[..<count].starts(with: Self.magic)
        guard isCompressed else { return }
        // 15 bits of window + 16: gzip with its check sums.
        guard inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            close(descriptor)
            throw gzip("the decompressor does not start")
        }
    }

    deinit {
        if isCompressed { inflateEnd(&stream) }
        close(descriptor)
    }

    /// `bytes` followed by up to `wanted` further ones, and how many these are: 0 only at the end of the file.
    /// - Throws: `GZIP`, `LIMIT`, `UNREADABLE`.
    func appending(_ wanted: Int, to bytes: [UInt8]) throws(FormatError) -> (bytes: [UInt8], count: Int) {
        var failure: FormatError?
        let result = [UInt8](unsafeUninitializedCapacity: bytes.count + wanted) { buffer, filled in
            _ = buffer.update(fromContentsOf: bytes)
            filled = bytes.count
            do throws(FormatError) {
                let space = UnsafeMutableBufferPointer(rebasing: buffer[bytes.count...])
                filled += try isCompressed ? unpack(into: space) : copy(into: space)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return (result, result.count - bytes.count)
    }

    private func copy(into space: UnsafeMutableBufferPointer<UInt8>) throws(FormatError) -> Int {
        var filled = 0
        while filled < space.count {
            if position == count {
                // Straight to where they are wanted; the first bytes lie in the buffer, since they were looked at.
                let got = read(descriptor, space.baseAddress! + filled, space.count - filled)
                guard got >= 0 else { throw Self.unreadable(path) }
                if got == 0 { break }
                filled += got
            } else {
                let some = min(count - position, space.count - filled)
                for offset in 0..<some { space[filled + offset] = packed[position + offset] }
                position += some
                filled += some
            }
        }
        return filled
    }

    /// Unpacks the members of a gzip file one after the other.
    private func unpack(into space: UnsafeMutableBufferPointer<UInt8>) throws(FormatError) -> Int {
        var filled = 0
        while filled < space.count, !isFinished {
            let hasMore = try refill()
            let (status, used, made) = inflate(into: UnsafeMutableBufferPointer(rebasing: space[filled...]))
            position += used
            filled += made
            unpacked += made
            try checkRatio()
            switch status {
            case Z_STREAM_END: try beginNextMember()
            case Z_OK: continue
            case Z_BUF_ERROR where hasMore: continue
            case Z_BUF_ERROR:
                throw gzip("the compressed data end after \(consumed) bytes without their end mark")
            default:
                throw gzip("the compressed data are damaged near byte \(consumed - count + position)")
            }
        }
        return filled
    }

    private func inflate(
        into space: UnsafeMutableBufferPointer<UInt8>
    ) -> (status: Int32, used: Int, made: Int) {
        packed.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress! + position
            stream.avail_in = UInt32(count - position)
            stream.next_out = space.baseAddress
            stream.avail_out = UInt32(space.count)
            let status = CZlib.inflate(&stream, Z_NO_FLUSH)
            return (status, count - position - Int(stream.avail_in), space.count - Int(stream.avail_out))
        }
    }

    /// Reads on where nothing is left to unpack; false at the end of the file.
    private func refill() throws(FormatError) -> Bool {
        guard position == count else { return true }
        let got = packed.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        guard got >= 0 else { throw Self.unreadable(path) }
        (position, count) = (0, got)
        consumed += got
        return got > 0
    }

    /// Another member may follow, or zeros, which are padding.
    private func beginNextMember() throws(FormatError) {
        let end = consumed - count + position
        while try refill(), packed[position] == 0 {
            let padding = packed[position..<count].prefix { $0 == 0 }.count
            position += padding
        }
        guard position < count else {
            isFinished = true
            return
        }
        // The magic number may be cut by the end of the buffer: the decompressor checks its second byte.
        guard packed[position] == Self.magic[0], consumed - count + position == end else {
            throw gzip("after the end of the compressed data something else follows at byte \(end)")
        }
        inflateReset(&stream)
    }

    private func checkRatio() throws(FormatError) {
        let (product, overflows) = storedSize.multipliedReportingOverflow(by: Self.largestRatio)
        guard overflows || unpacked <= max(Self.alwaysAllowed, product) else {
            throw FormatError(
                code: "LIMIT", file: path,
                message: "\(storedSize) bytes unpack to more than \(max(Self.alwaysAllowed, product))",
                remedy: "check where this file comes from")
        }
    }

    private func gzip(_ message: String) -> FormatError {
        FormatError(code: "GZIP", file: path, message: message, remedy: "fetch or pack the file again")
    }

    private static func unreadable(_ path: String) -> FormatError {
        FormatError(
            code: "UNREADABLE", file: path, message: "the file cannot be opened for reading",
            remedy: "check its permissions")
    }
}
