import CBlosc
import CZlib
import CZstd

/// Undoes one compression. What comes out has at most `limit` bytes, whatever the compressed bytes claim; nil stands for
/// damage, for more than that, and for a shortage of memory.
enum Decompression {
    /// Less than this is unpacked whatever its ratio.
    static let freeBytes = 1 << 26
    /// What deflate can reach; beyond it only data made of one value get.
    private static let largestRatio = 1032

    /// The most bytes that `packed` bytes may become.
    static func limit(packed: Int) -> Int {
        max(freeBytes, packed.multipliedReportingOverflow(by: largestRatio).partialValue)
    }

    /// Bytes without a header (as in zip), of a known size.
    static func deflate(_ packed: [UInt8], size: Int) -> [UInt8]? {
        inflated(packed, size: size, limit: size, libdeflate_deflate_decompress)
    }

    /// - Parameter size: how many bytes must come out; nil where any number up to the limit may.
    static func zlib(_ packed: [UInt8], size: Int?, limit: Int) -> [UInt8]? {
        inflated(packed, size: size, limit: limit, libdeflate_zlib_decompress)
    }

    static func gzip(_ packed: [UInt8], size: Int?, limit: Int) -> [UInt8]? {
        inflated(packed, size: size, limit: limit, libdeflate_gzip_decompress)
    }

    private typealias Inflate = (
        OpaquePointer?, UnsafeRawPointer?, Int, UnsafeMutableRawPointer?, Int, UnsafeMutablePointer<Int>?
    ) -> libdeflate_result

    private static func inflated(_ packed: [UInt8], size: Int?, limit: Int, _ inflate: Inflate) -> [UInt8]? {
        guard let decompressor = libdeflate_alloc_decompressor() else { return nil }
        defer { libdeflate_free_decompressor(decompressor) }
        return unpacked(packed, size: size, limit: limit) { target in
            var length = 0
            switch inflate(decompressor, packed, packed.count, target.baseAddress, target.count, &length) {
            case LIBDEFLATE_SUCCESS: return .whole(length)
            case LIBDEFLATE_INSUFFICIENT_SPACE: return .larger
            default: return .damaged
            }
        }
    }

    static func zstd(_ packed: [UInt8], size: Int?, limit: Int) -> [UInt8]? {
        // Two numbers that are too large to be sizes stand for: not given, and no frame.
        let declared = Int(exactly: ZSTD_getFrameContentSize(packed, packed.count))
        if let declared, declared > limit { return nil }
        return unpacked(packed, size: size ?? declared, limit: limit) { target in
            let outcome = ZSTD_decompress(target.baseAddress, target.count, packed, packed.count)
            guard ZSTD_isError(outcome) == 0 else {
                return ZSTD_getErrorCode(outcome) == ZSTD_error_dstSize_tooSmall ? .larger : .damaged
            }
            return .whole(outcome)
        }
    }

    /// LZ4 as numcodecs writes it: the size in four bytes, then one block.
    static func lz4(_ packed: [UInt8], size: Int?, limit: Int) -> [UInt8]? {
        guard let declared = packed.littleEndianSize(0, 4), declared <= limit, size ?? declared == declared else {
            return nil
        }
        return unpacked(packed, size: declared, limit: limit) { target in
            packed.withUnsafeBytes { source in
                LZ4Block.expand(UnsafeRawBufferPointer(rebasing: source[4...]), into: target).map { .whole($0) }
                    ?? .damaged
            }
        }
    }

    static func blosc(_ packed: [UInt8], size: Int?, limit: Int) -> [UInt8]? {
        var declared = 0
        guard packed.count >= Int(BLOSC_MIN_HEADER_LENGTH),
            blosc_cbuffer_validate(packed, packed.count, &declared) == 0, declared <= limit,
            size ?? declared == declared
        else { return nil }
        guard declared > 0 else { return [] }
        // Block size: work memory is taken of it.
        guard let block = packed.littleEndianSize(8, 4), block > 0, block <= declared else { return nil }
        return unpacked(packed, size: declared, limit: limit) { target in
            let length = blosc_decompress_ctx(packed, target.baseAddress, target.count, 1)
            return length >= 0 ? .whole(Int(length)) : .damaged
        }
    }

    private enum Outcome {
        case whole(Int)
        case larger
        case damaged
    }

    /// Runs a decompressor on a target of the size that must come out, or of growing ones up to the limit.
    private static func unpacked(
        _ packed: [UInt8], size: Int?, limit: Int, _ body: (UnsafeMutableRawBufferPointer) -> Outcome
    ) -> [UInt8]? {
        guard size ?? 0 <= limit else { return nil }
        var capacity = size ?? min(limit, max(4096, 4 * packed.count))
        while true {
            var outcome = Outcome.damaged
            let bytes = [UInt8](unsafeUninitializedCapacity: max(capacity, 1)) { buffer, filled in
                let target = UnsafeMutableRawBufferPointer(buffer)
                outcome = body(UnsafeMutableRawBufferPointer(rebasing: target[..<capacity]))
                if case .whole(let length) = outcome { filled = min(length, capacity) }
            }
            switch outcome {
            case .whole(let length): return length <= capacity && size ?? length == length ? bytes : nil
            case .larger:
                guard size == nil, capacity < limit else { return nil }
                capacity = min(limit, 4 * capacity)
            case .damaged: return nil
            }
        }
    }
}
