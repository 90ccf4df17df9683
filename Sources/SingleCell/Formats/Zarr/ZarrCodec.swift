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
    /// - Parameters:
    ///   - size: how many bytes must come out; nil where that is not known.
    ///   - limit: how many bytes may come out.
    func decode(_ bytes: [UInt8], size: Int?, limit: Int, _ place: ZarrPlace) throws(FormatError) -> [UInt8] {
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
            let wanted = size.map { "\($0) bytes" } ?? "allowed"
            throw place.corruptChunk(
                self == .crc32c
                    ? "the checksum is not that of the bytes"
                    : "the \(self) data are damaged or have another size than \(wanted)")
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
