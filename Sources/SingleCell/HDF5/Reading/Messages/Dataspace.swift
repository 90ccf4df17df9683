/// The shape of a dataset or an attribute. Format specification, section IV.A.2.b.
struct Dataspace: Sendable {
    let isNull: Bool
    let shape: [Int]
    /// How far each axis may grow; nil for without end.
    let limits: [Int?]

    static let mostAxes = 32
    /// More elements than memory can count.
    private static let tooMany = 1 << 48

    init(_ reader: ByteReader) throws(HDF5Error) {
        var reader = reader
        let version = try reader.byte()
        let rank = try reader.byte()
        let flags = try reader.byte()
        switch version {
        case 1:
            try reader.skip(5)
            isNull = false
        case 2:
            let type = try reader.byte()
            guard type <= 2, type == 1 || rank == 0 else { throw .corrupt("a shape of an unknown kind") }
            isNull = type == 2
        default: throw .corrupt("a shape of the unknown version \(version)")
        }
        guard rank <= Self.mostAxes else { throw .impossibleShape }
        var shape: [Int] = []
        var product = 1
        for _ in 0..<rank {
            guard let extent = Int(exactly: try reader.number(reader.widths.length)),
                let next = max(product, 1).multipliedChecked(max(extent, 1)), next < Self.tooMany
            else { throw .impossibleShape }
            product = next
            shape.append(extent)
        }
        self.shape = shape
        guard flags & 1 != 0 else {
            limits = shape
            return
        }
        var limits: [Int?] = []
        for extent in shape {
            let limit = try reader.number(reader.widths.length)
            let isUnlimited = limit == UInt64.max >> UInt64(64 - 8 * reader.widths.length)
            guard isUnlimited || limit >= UInt64(extent) else { throw .impossibleShape }
            limits.append(isUnlimited ? nil : Int(clamping: limit))
        }
        self.limits = limits
    }
}

extension HDF5Error {
    fileprivate static var impossibleShape: HDF5Error {
        HDF5Error(
            code: "LIMIT", file: nil, message: "the shape in the file cannot be that of data",
            remedy: "the file is damaged: fetch or write it again")
    }
}
