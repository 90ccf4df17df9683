import CZlib
import Foundation

/// Writes a text file piece by piece, packed with gzip where asked for: every piece is a member of its own, so that pieces
/// are made and packed on all cores. The bytes do not depend on how many these are.
final class TextSink {
    /// Text of matrices gets as small as with zlib's default, in less than a third of the time.
    private static let compressionLevel: Int32 = 5

    private let path: String
    private let descriptor: Int32
    private let isCompressed: Bool

    /// Makes the file.
    /// - Throws: `CANNOT_WRITE`.
    init(creating path: String, compressed isCompressed: Bool) throws(FormatError) {
        self.path = path
        self.isCompressed = isCompressed
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw WholeFile.failure(path) }
    }

    deinit { close(descriptor) }

    /// Writes what `make` makes of 0, 1, …, `count` − 1, in this order; `make` is called on several threads.
    func write(pieces count: Int, _ make: @Sendable (Int) -> [UInt8]) throws(FormatError) {
        var pieces = [[UInt8]?](repeating: nil, count: count)
        let workers = min(ProcessInfo.processInfo.activeProcessorCount, count)
        let isCompressed = isCompressed
        pieces.withUnsafeMutableBufferPointer { buffer in
            // Each place is written by one worker only.
            nonisolated(unsafe) let places = buffer
            DispatchQueue.concurrentPerform(iterations: workers) { worker in
                for piece in stride(from: worker, to: count, by: workers) {
                    let bytes = make(piece)
                    places[piece] = isCompressed ? Self.packed(bytes, level: Self.compressionLevel) : bytes
                }
            }
        }
        for piece in pieces {
            guard let piece else { throw WholeFile.failure(path) }
            try put(piece, at: nil)
        }
    }

    /// Writes the beginning again, over bytes that `writeStart` wrote before of a text of the same length.
    func writeStart(_ text: String, over isSecond: Bool) throws(FormatError) {
        let bytes = Array(text.utf8)
        // Stored without compression, so that texts of one length have one size.
        guard let piece = isCompressed ? Self.packed(bytes, level: 0) : bytes else { throw WholeFile.failure(path) }
        try put(piece, at: isSecond ? 0 : nil)
    }

    private func put(_ bytes: [UInt8], at offset: Int?) throws(FormatError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
                return if let offset {
                    pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
                } else {
                    Foundation.write(descriptor, rest.baseAddress, rest.count)
                }
            }
            guard count > 0 else { throw WholeFile.failure(path) }
            done += count
        }
    }

    /// A member of a gzip file; nil where memory does not suffice.
    private static func packed(_ bytes: [UInt8], level: Int32) -> [UInt8]? {
        guard let compressor = libdeflate_alloc_compressor(level) else { return nil }
        defer { libdeflate_free_compressor(compressor) }
        let bound = libdeflate_gzip_compress_bound(compressor, bytes.count)
        return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            count = libdeflate_gzip_compress(compressor, bytes, bytes.count, buffer.baseAddress, buffer.count)
        }
    }
}
