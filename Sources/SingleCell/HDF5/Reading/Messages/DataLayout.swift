/// How the values of a dataset are stored. Format specification, section IV.A.2.i, versions 1 to 5.
enum DataLayout: Sendable {
    case compact([UInt8])
    /// Nil where nothing was ever written.
    case contiguous(UInt64?)
    case chunked(Chunking)
    /// In other files or datasets.
    case virtual

    struct Chunking: Sendable {
        /// The extents of a chunk.
        let shape: [Int]
        let elementBytes: Int
        let index: Index
        /// Nil where nothing was ever written.
        let address: UInt64?
        /// Whether chunks that reach over the array's edge are stored as they are.
        let leavesEdgesUnfiltered: Bool
    }

    enum Index: Sendable {
        case tree1
        /// The one chunk's bytes in the file and the filters left out, where it is filtered.
        case single(filtered: (bytes: Int, mask: UInt32)?)
        case implicit
        case fixedArray
        case extensibleArray
        case tree2
    }

    init(_ message: ByteReader) throws(HDF5Error) {
        var reader = message
        let version = try reader.byte()
        switch version {
        case 1, 2: self = try Self.old(&reader)
        case 3, 4, 5: self = try Self.new(&reader, version)
        default: throw .newer("the layout of the values has version \(version)")
        }
    }

    private static func old(_ reader: inout ByteReader) throws(HDF5Error) -> DataLayout {
        let rank = try reader.byte()
        let kind = try reader.byte()
        try reader.skip(5)
        switch kind {
        case 0:
            try reader.skip(4 * rank)
            return .compact([UInt8](try reader.take(reader.count(4))))
        case 1: return .contiguous(try reader.address())
        case 2:
            let address = try reader.address()
            return .chunked(try chunking(&reader, rank, 4, .tree1, address))
        default: throw .corrupt("the values are stored in an unknown way (\(kind))")
        }
    }

    private static func new(_ reader: inout ByteReader, _ version: Int) throws(HDF5Error) -> DataLayout {
        let kind = try reader.byte()
        switch kind {
        case 0: return .compact([UInt8](try reader.take(reader.count(2))))
        case 1: return .contiguous(try reader.address())
        case 2 where version == 3:
            let rank = try reader.byte()
            let address = try reader.address()
            return .chunked(try chunking(&reader, rank, 4, .tree1, address))
        case 2: return try indexed(&reader)
        case 3: return .virtual
        default: throw .corrupt("the values are stored in an unknown way (\(kind))")
        }
    }

    /// Versions 4 and 5, which differ only in the widths that the index names itself.
    private static func indexed(_ reader: inout ByteReader) throws(HDF5Error) -> DataLayout {
        let flags = try reader.byte()
        let rank = try reader.byte()
        let width = try reader.byte()
        var dimensions = ByteReader(try reader.take(rank * width), reader.widths)
        let index: Index
        let kind = try reader.byte()
        switch kind {
        case 1:
            index = .single(
                filtered: flags & 2 == 0
                    ? nil : (try reader.length(), UInt32(truncatingIfNeeded: try reader.number(4))))
        case 2: index = .implicit
        case 3:
            try reader.skip(1)
            index = .fixedArray
        case 4:
            try reader.skip(5)
            index = .extensibleArray
        case 5:
            try reader.skip(6)
            index = .tree2
        default: throw .corrupt("an unknown index of chunks (\(kind))")
        }
        let address = try reader.address()
        return .chunked(
            try chunking(&dimensions, rank, width, index, address, leavesEdgesUnfiltered: flags & 1 != 0))
    }

    /// The extents of a chunk; the last one is the size of an element.
    private static func chunking(
        _ reader: inout ByteReader, _ rank: Int, _ width: Int, _ index: Index, _ address: UInt64?,
        leavesEdgesUnfiltered: Bool = false
    ) throws(HDF5Error) -> Chunking {
        guard (2...Dataspace.mostAxes + 1).contains(rank), (1...8).contains(width) else {
            throw .corrupt("chunks of \(rank - 1) axes")
        }
        var extents: [Int] = []
        var product = 1
        for _ in 0..<rank {
            let extent = try reader.count(width)
            guard extent > 0, let next = product.multipliedChecked(extent), next < 1 << 48 else {
                throw .corrupt("chunks of an impossible size")
            }
            product = next
            extents.append(extent)
        }
        return Chunking(
            shape: extents.dropLast(), elementBytes: extents[rank - 1], index: index, address: address,
            leavesEdgesUnfiltered: leavesEdgesUnfiltered)
    }
}
