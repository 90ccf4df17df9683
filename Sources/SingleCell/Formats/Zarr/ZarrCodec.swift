/// One step between the values of a chunk and its bytes in the store.
enum ZarrCodec: Sendable, Equatable {
    case blosc, crc32c, gzip, lz4, zlib, zstd

    /// - Returns: nil where no such codec is known.
    init?(_ name: String) {
        switch name {
        case "blosc": self = .blosc
        case "crc32c": self = .crc32c
        case "gzip": self = .gzip
        case "lz4": self = .lz4
        case "zlib": self = .zlib
        case "zstd": self = .zstd
        default: return nil
        }
    }

    /// Undoes the codec.
    /// - Parameter size: how many bytes must come out; nil where that is not known.
    func decode(_ bytes: [UInt8], size: Int?, _ place: ZarrPlace) throws(FormatError) -> [UInt8] {
        let limit = Decompression.limit(packed: bytes.count)
        if let size, size > limit {
            throw place.limit("\(bytes.count) stored bytes for \(size)")
        }
        let decoded: [UInt8]? =
            switch self {
            case .blosc: Decompression.blosc(bytes, size: size, limit: limit)
            case .gzip: Decompression.gzip(bytes, size: size, limit: limit)
            case .lz4: Decompression.lz4(bytes, size: size, limit: limit)
            case .zlib: Decompression.zlib(bytes, size: size, limit: limit)
            case .zstd: Decompression.zstd(bytes, size: size, limit: limit)
            case .crc32c: Self.checked(bytes)
            }
        guard let decoded else {
            throw place.corruptChunk(
                self == .crc32c
                    ? "the checksum is not that of the bytes"
                    : "the \(self) data are damaged or have another size than \(size.map { "\($0) bytes" } ?? "allowed")")
        }
        return decoded
    }

    /// The last four bytes are the checksum of the others.
    private static func checked(_ bytes: [UInt8]) -> [UInt8]? {
        guard let sum = bytes.littleEndian(bytes.count - 4, 4), sum == UInt64(CRC32C.of(bytes.dropLast(4))) else {
            return nil
        }
        return bytes.dropLast(4)
    }
}

/// How a chunk's values become bytes: first what arranges them, then what compresses those bytes.
struct ZarrPipeline: Sendable, Equatable {
    /// The axes of the array in the order in which a chunk stores them, the slowest first.
    var axes: [Int]
    /// Whether texts of varying length are written with their lengths.
    var isVariable = false
    /// In the order in which they were applied.
    var codecs: [ZarrCodec] = []

    /// Undoes the codecs; `size` is how many bytes must come out, nil where that is not known.
    func decode(_ stored: [UInt8], size: Int?, _ place: ZarrPlace) throws(FormatError) -> [UInt8] {
        var bytes = stored
        for (position, codec) in codecs.enumerated().reversed() {
            bytes = try codec.decode(bytes, size: position == 0 ? size : nil, place)
        }
        if let size, bytes.count != size {
            throw place.corruptChunk("\(size) bytes expected, found \(bytes.count)")
        }
        return bytes
    }

    /// In elements, how far apart two neighbours along each axis are in a chunk of that shape.
    func strides(_ chunk: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: chunk.count)
        var product = 1
        for axis in axes.reversed() {
            strides[axis] = product
            product *= chunk[axis]
        }
        return strides
    }
}
