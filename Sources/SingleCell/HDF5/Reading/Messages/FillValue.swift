/// What stands where no value was written. Format specification, sections IV.A.2.e and IV.A.2.f.
enum FillValue {
    /// The bytes of one element; nil for zeros.
    static func bytes(_ header: ObjectHeader) throws(HDF5Error) -> [UInt8]? {
        if let message = header.first(.fillValue) {
            var reader = try header.reader(message)
            let version = try reader.byte()
            switch version {
            case 1, 2:
                try reader.skip(2)
                let isDefined = try reader.byte() != 0
                guard version == 1 || isDefined else { return nil }
            case 3:
                guard try reader.byte() & 0x20 != 0 else { return nil }
            default: throw .corrupt("a fill value of the unknown version \(version)")
            }
            return try sized(&reader)
        }
        guard let message = header.first(.oldFillValue) else { return nil }
        var reader = try header.reader(message)
        return try sized(&reader)
    }

    private static func sized(_ reader: inout ByteReader) throws(HDF5Error) -> [UInt8]? {
        let count = try reader.count(4)
        // Sizes below 0 stand for no value.
        guard count > 0, count < 1 << 31 else { return nil }
        return [UInt8](try reader.take(count))
    }
}
