/// The filters of a dataset's chunks, in the order in which they were applied. Format specification, section IV.A.2.l.
struct FilterPipeline: Sendable {
    struct Filter: Sendable {
        let id: Int
        let parameters: [UInt32]
    }

    /// The filters that can be undone, by their registered numbers.
    enum Known: Int {
        case deflate = 1
        case shuffle = 2
        case fletcher32 = 3
        case lzf = 32000
    }

    var filters: [Filter] = []

    init() {}

    init(_ message: ByteReader) throws(HDF5Error) {
        var reader = message
        let version = try reader.byte()
        let count = try reader.byte()
        guard version == 1 || version == 2, count <= 32 else {
            throw .corrupt("\(count) filters in a list of version \(version)")
        }
        if version == 1 { try reader.skip(6) }
        for _ in 0..<count {
            let id = try reader.count(2)
            let nameBytes = version == 1 || id >= 256 ? try reader.count(2) : 0
            try reader.skip(2)
            let parameterCount = try reader.count(2)
            try reader.skip(version == 1 ? (nameBytes + 7) / 8 * 8 : nameBytes)
            var parameters: [UInt32] = []
            for _ in 0..<parameterCount { parameters.append(UInt32(truncatingIfNeeded: try reader.number(4))) }
            if version == 1, parameterCount % 2 == 1 { try reader.skip(4) }
            filters.append(Filter(id: id, parameters: parameters))
        }
    }

    /// How many bytes one stored byte can stand for at most: 1,032 with deflate, 264 with LZF.
    var largestRatio: Int {
        filters.reduce(1) { ratio, filter in
            switch Known(rawValue: filter.id) {
            case .deflate: max(ratio, 1032)
            case .lzf: max(ratio, 264)
            case .shuffle, .fletcher32, nil: ratio
            }
        }
    }

    /// - Throws: `FILTER_UNAVAILABLE` where a filter cannot be undone.
    func check() throws(HDF5Error) {
        for filter in filters where Known(rawValue: filter.id) == nil {
            let names = [
                4: "szip", 5: "n-bit", 6: "scale-offset", 307: "bzip2", 32001: "blosc", 32004: "lz4",
                32008: "bitshuffle", 32013: "zfp", 32015: "zstd", 32026: "blosc2",
            ]
            let name = names[filter.id] ?? "an unknown filter"
            throw HDF5Error(
                code: "FILTER_UNAVAILABLE", file: nil,
                message: "the values are compressed with \(name) (filter \(filter.id))",
                remedy: "write the file again with gzip: anndata's write_h5ad(path, compression='gzip')")
        }
    }
}

/// The checksum of the fletcher32 filter: sums of 16-bit words, high byte first.
func fletcher32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var (low, high) = (UInt64(0), UInt64(0))
    func folded(_ sum: UInt64) -> UInt64 { (sum & 0xFFFF) + (sum >> 16) }
    let words = bytes.count / 2
    for word in 0..<words {
        low += UInt64(bytes[2 * word]) << 8 | UInt64(bytes[2 * word + 1])
        high += low
        if word % 256 == 255 { (low, high) = (folded(low), folded(high)) }
    }
    if bytes.count % 2 == 1 {
        low += UInt64(bytes[bytes.count - 1]) << 8
        high += low
    }
    while low > 0xFFFF { low = folded(low) }
    while high > 0xFFFF { high = folded(high) }
    return UInt32(high << 16 | low)
}

/// Undoes the shuffle filter, which stores the first bytes of all elements, then the second ones, …; what is left over
/// at the end stays as it is.
func unshuffle(_ source: UnsafeRawBufferPointer, width: Int, into target: UnsafeMutableRawBufferPointer) {
    let count = source.count / width
    let planes = source.baseAddress!
    func plane(_ byte: Int, _ element: Int) -> UInt8 {
        planes.load(fromByteOffset: byte * count + element, as: UInt8.self)
    }
    let start = target.baseAddress!
    switch width {
    case 2:
        for element in 0..<count {
            let value = UInt16(plane(0, element)) | UInt16(plane(1, element)) << 8
            start.storeBytes(of: value.littleEndian, toByteOffset: 2 * element, as: UInt16.self)
        }
    case 4:
        for element in 0..<count {
            let low = UInt32(plane(0, element)) | UInt32(plane(1, element)) << 8
            let high = UInt32(plane(2, element)) << 16 | UInt32(plane(3, element)) << 24
            start.storeBytes(of: (low | high).littleEndian, toByteOffset: 4 * element, as: UInt32.self)
        }
    case 8:
        let whole = count / 8 * 8
        for first in stride(from: 0, to: whole, by: 8) {
            unshuffleEight(planes + first, stride: count, into: start + 8 * first)
        }
        for byte in 0..<8 {
            for element in whole..<count {
                start.storeBytes(of: plane(byte, element), toByteOffset: 8 * element + byte, as: UInt8.self)
            }
        }
    default:
        for byte in 0..<width {
            for element in 0..<count {
                start.storeBytes(of: plane(byte, element), toByteOffset: width * element + byte, as: UInt8.self)
            }
        }
    }
    for position in count * width..<source.count { target[position] = source[position] }
}

/// Eight elements of eight bytes, one byte of each every `stride` bytes. Halves, quarters and single bytes of the square are
/// exchanged across its diagonal in turn (H. S. Warren, Hacker's Delight, 7-3).
@inline(__always)
private func unshuffleEight(_ planes: UnsafeRawPointer, stride: Int, into target: UnsafeMutableRawPointer) {
    func row(_ byte: Int) -> UInt64 {
        UInt64(littleEndian: planes.loadUnaligned(fromByteOffset: byte * stride, as: UInt64.self))
    }
    func exchange(_ first: inout UInt64, _ second: inout UInt64, _ shift: UInt64, _ mask: UInt64) {
        let difference = (first &>> shift ^ second) & mask
        second ^= difference
        first ^= difference &<< shift
    }
    var (a, b, c, d, e, f, g, h) = (row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7))
    let halves: UInt64 = 0x0000_0000_FFFF_FFFF
    exchange(&a, &e, 32, halves)
    exchange(&b, &f, 32, halves)
    exchange(&c, &g, 32, halves)
    exchange(&d, &h, 32, halves)
    let quarters: UInt64 = 0x0000_FFFF_0000_FFFF
    exchange(&a, &c, 16, quarters)
    exchange(&b, &d, 16, quarters)
    exchange(&e, &g, 16, quarters)
    exchange(&f, &h, 16, quarters)
    let bytes: UInt64 = 0x00FF_00FF_00FF_00FF
    exchange(&a, &b, 8, bytes)
    exchange(&c, &d, 8, bytes)
    exchange(&e, &f, 8, bytes)
    exchange(&g, &h, 8, bytes)
    let elements = SIMD8(a, b, c, d, e, f, g, h)
    for element in 0..<8 {
        target.storeBytes(of: elements[element].littleEndian, toByteOffset: 8 * element, as: UInt64.self)
    }
}
