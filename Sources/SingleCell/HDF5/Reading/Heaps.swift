/// Names of the members of an old group. Format specification, section III.D.
struct LocalHeap {
    private let bytes: [UInt8]
    private var budget: ByteBudget

    init(_ file: FileStructures, at address: UInt64) throws(HDF5Error) {
        budget = ByteBudget(file)
        var reader = try file.reader(at: address, 8 + 2 * file.widths.length + file.widths.address)
        try reader.signature("HEAP")
        try reader.version(0, of: "a local heap")
        try reader.skip(3)
        let size = try reader.length()
        try reader.skip(file.widths.length)
        bytes = try file.bytes.bytes(at: reader.definedAddress(), size)
    }

    mutating func text(at offset: Int) throws(HDF5Error) -> String {
        guard offset >= 0, offset < bytes.count, let end = bytes[offset...].firstIndex(of: 0) else {
            throw .corrupt("a name that is not in the heap of its group")
        }
        try budget.spend(end - offset, "names of members")
        return String(decoding: bytes[offset..<end], as: UTF8.self)
    }
}

/// A collection of values of varying length, such as texts. Format specification, section III.E.
struct GlobalHeap: Sendable {
    private let bytes: [UInt8]
    private var objects: [Int: Range<Int>] = [:]

    var byteCount: Int { bytes.count }

    init(_ file: FileStructures, _ address: UInt64) throws(HDF5Error) {
        let prefixBytes = 8 + file.widths.length
        var prefix = try file.reader(at: address, prefixBytes)
        try prefix.signature("GCOL")
        try prefix.version(1, of: "a global heap")
        try prefix.skip(3)
        let size = try prefix.length()
        bytes = try file.bytes.bytes(at: address, size)
        var reader = ByteReader(bytes, file.widths)
        try reader.skip(prefixBytes)
        while reader.remaining >= 8 + file.widths.length {
            let index = try reader.count(2)
            try reader.skip(6)
            let length = try reader.length()
            // The object 0 is what is free, which ends the list.
            guard index > 0 else { break }
            let start = reader.position
            try reader.skip(length)
            objects[index] = start..<start + length
            try reader.skip(min((8 - length % 8) % 8, reader.remaining))
        }
    }

    func object(_ index: Int) throws(HDF5Error) -> ArraySlice<UInt8> {
        guard let range = objects[index] else { throw .corrupt("a value that is not in its heap") }
        return bytes[range]
    }
}
