/// The heap behind groups and attribute lists of the newer kind. Format specification, section III.G.
final class FractalHeap {
    private let file: FileStructures
    private let address: UInt64
    private let idBytes: Int
    private let hasChecksums: Bool
    private let hugeTree: UInt64?
    private let width: Int
    private let startBytes: Int
    private let largestDirect: Int
    private let root: UInt64?
    private let rootRows: Int
    private let offsetBytes: Int
    private let lengthBytes: Int
    private var budget: ByteBudget
    /// The large objects, once one was asked for.
    private var largeObjects: [UInt64: (address: UInt64, length: Int)]?
    /// The direct block read last, which holds many neighbours.
    private var lastBlock: (address: UInt64, bytes: [UInt8], dataStart: Int)?

    init(_ file: FileStructures, at address: UInt64) throws(HDF5Error) {
        self.file = file
        self.address = address
        budget = ByteBudget(file)
        let (a, l) = (file.widths.address, file.widths.length)
        let size = 22 + 12 * l + 3 * a + 4
        var reader = try file.reader(at: address, size)
        try reader.signature("FRHP")
        try reader.version(0, of: "a heap")
        idBytes = try reader.count(2)
        guard try reader.count(2) == 0 else {
            throw HDF5Error(
                code: "FILTER_UNAVAILABLE", file: nil, message: "the list of names or attributes is compressed",
                remedy: "write the file again with anndata")
        }
        reader = try file.checkedReader(at: address, size, "a heap")
        try reader.skip(9)
        hasChecksums = try reader.byte() & 2 != 0
        let largestManaged = try reader.count(4)
        try reader.skip(l)
        hugeTree = try reader.address()
        try reader.skip(l + a + 8 * l)
        width = try reader.count(2)
        startBytes = try reader.length()
        largestDirect = try reader.length()
        let sizeBits = try reader.count(2)
        try reader.skip(2)
        root = try reader.address()
        rootRows = try reader.count(2)
        guard width > 0, width.isPowerOfTwo, startBytes.isPowerOfTwo, largestDirect.isPowerOfTwo,
            startBytes <= largestDirect, largestDirect <= 1 << 32, (1...64).contains(sizeBits), idBytes >= 2,
            rootRows <= 64, width <= 1 << 16
        else { throw .corrupt("a heap of an impossible shape") }
        offsetBytes = (sizeBits + 7) / 8
        lengthBytes = min((largestDirect.trailingZeroBitCount + 7) / 8, BTree2.width(of: largestManaged))
    }

    /// The object of that identifier.
    func object(_ id: ArraySlice<UInt8>) throws(HDF5Error) -> ArraySlice<UInt8> {
        var reader = ByteReader(id, file.widths)
        let head = try reader.byte()
        guard head >> 6 == 0 else { throw .corrupt("an unknown kind of heap identifier") }
        switch head >> 4 & 3 {
        case 0:
            let (offset, length) = (try reader.count(offsetBytes), try reader.count(lengthBytes))
            try budget.spend(length, "objects of a heap")
            return try managed(offset, length)
        case 1: return try huge(&reader)
        case 2:
            if idBytes - 1 <= 16 { return try reader.take((head & 15) + 1) }
            let low = try reader.byte()
            return try reader.take((head & 15) << 8 + low + 1)
        default: throw .corrupt("an unknown kind of heap identifier")
        }
    }

    /// An object with a place of its own in the file.
    private func huge(_ reader: inout ByteReader) throws(HDF5Error) -> ArraySlice<UInt8> {
        if idBytes - 1 >= file.widths.address + file.widths.length {
            return try large(reader.definedAddress(), reader.length())
        }
        let key = try reader.number(min(idBytes - 1, 8))
        if largeObjects == nil { largeObjects = try listLargeObjects() }
        guard let found = largeObjects?[key] else { throw .corrupt("an object that is not in its heap") }
        return try large(found.address, found.length)
    }

    private func large(_ address: UInt64, _ length: Int) throws(HDF5Error) -> ArraySlice<UInt8> {
        try budget.spend(length, "objects of a heap")
        return try file.bytes.bytes(at: address, length)[...]
    }

    private func listLargeObjects() throws(HDF5Error) -> [UInt64: (address: UInt64, length: Int)] {
        guard let hugeTree else { throw .corrupt("a heap without a list of its large objects") }
        var objects: [UInt64: (address: UInt64, length: Int)] = [:]
        try BTree2(file, at: hugeTree, types: [1]).forEachRecord { (_, record) throws(HDF5Error) in
            var record = record
            let place = (try record.definedAddress(), try record.length())
            objects[try record.number(file.widths.length)] = place
        }
        return objects
    }

    /// Walks from the root block down to the direct block that covers the offset.
    private func managed(_ offset: Int, _ length: Int) throws(HDF5Error) -> ArraySlice<UInt8> {
        guard var block = root else { throw .corrupt("an object in an empty heap") }
        var rows = rootRows
        var start = 0
        guard rows > 0 else { return try direct(block, start, startBytes, offset, length) }
        // Each step goes to a block that covers less.
        for _ in 0..<64 {
            guard let (row, column) = place(offset - start, rows) else {
                throw .corrupt("an object that is not in its heap")
            }
            let blockBytes = rowBytes(row)
            let child = try child(of: block, rows, row * width + column)
            start += rowStart(row) + column * blockBytes
            if blockBytes <= largestDirect { return try direct(child, start, blockBytes, offset, length) }
            rows = (blockBytes / startBytes / width).trailingZeroBitCount + 1
            guard rows < 64, blockBytes / startBytes / width > 0 else {
                throw .corrupt("a heap of an impossible shape")
            }
            block = child
        }
        throw .corrupt("a heap of an impossible shape")
    }

    private func rowBytes(_ row: Int) -> Int { row == 0 ? startBytes : startBytes << (row - 1) }

    private func rowStart(_ row: Int) -> Int { row == 0 ? 0 : startBytes * width << (row - 1) }

    private func place(_ offset: Int, _ rows: Int) -> (row: Int, column: Int)? {
        guard offset >= 0 else { return nil }
        for row in 0..<rows {
            // Shifts beyond the width of a number would turn around.
            guard startBytes.trailingZeroBitCount + width.trailingZeroBitCount + row < 62 else { return nil }
            let within = offset - rowStart(row)
            if within < rowBytes(row) * width { return (row, within / rowBytes(row)) }
        }
        return nil
    }

    private func child(of block: UInt64, _ rows: Int, _ index: Int) throws(HDF5Error) -> UInt64 {
        // Direct blocks come first, but all addresses have one width.
        let size = 5 + file.widths.address + offsetBytes + rows * width * file.widths.address + 4
        var reader = try file.checkedReader(at: block, size, "a heap block")
        try reader.signature("FHIB")
        try reader.version(0, of: "a heap block")
        try reader.skip(file.widths.address + offsetBytes + index * file.widths.address)
        return try reader.definedAddress()
    }

    private func direct(
        _ block: UInt64, _ start: Int, _ size: Int, _ offset: Int, _ length: Int
    ) throws(HDF5Error) -> ArraySlice<UInt8> {
        let (bytes, dataStart) = try directBlock(block, size)
        guard offset - start >= dataStart else { throw .corrupt("an object that is not in its heap") }
        var object = ByteReader(bytes, file.widths)
        try object.skip(offset - start)
        return try object.take(length)
    }

    private func directBlock(_ block: UInt64, _ size: Int) throws(HDF5Error) -> ([UInt8], Int) {
        if let lastBlock, lastBlock.address == block, lastBlock.bytes.count == size {
            return (lastBlock.bytes, lastBlock.dataStart)
        }
        var bytes = try file.bytes.bytes(at: block, size)
        var reader = ByteReader(bytes, file.widths)
        try reader.signature("FHDB")
        try reader.version(0, of: "a heap block")
        try reader.skip(file.widths.address + offsetBytes)
        if hasChecksums {
            let position = reader.offset
            let stored = UInt32(truncatingIfNeeded: try reader.number(4))
            bytes.replaceSubrange(position..<position + 4, with: [0, 0, 0, 0])
            guard lookup3(bytes[...]) == stored else { throw .corrupt("the checksum of a heap block is wrong") }
        }
        lastBlock = (block, bytes, reader.offset)
        return (bytes, reader.offset)
    }
}

extension Int {
    var isPowerOfTwo: Bool { self > 0 && self & (self - 1) == 0 }
}
