/// One entry of an array of chunks.
struct ChunkElement {
    let number: Int
    let address: UInt64
    /// Its bytes in the file and the filters left out, where the chunks are filtered.
    let filtered: (bytes: Int, mask: UInt32)?
}

/// What fixed and extensible arrays share: how an entry is written, and pages of entries.
private struct ChunkElementReader {
    let file: FileStructures
    let isFiltered: Bool
    let bytes: Int

    init(_ file: FileStructures, client: Int, bytes: Int) throws(HDF5Error) {
        self.file = file
        isFiltered = client == 1
        self.bytes = bytes
        let fits =
            isFiltered
            ? (1...8).contains(bytes - file.widths.address - 4) : bytes == file.widths.address
        guard client <= 1, fits else { throw .corrupt("an index of chunks of an unknown kind") }
    }

    /// Entries that were never set are left out.
    func read(
        _ count: Int, first: Int, from reader: inout ByteReader, into elements: inout [ChunkElement]
    ) throws(HDF5Error) {
        for number in 0..<count {
            let address = try reader.address()
            var filtered: (bytes: Int, mask: UInt32)?
            if isFiltered {
                let size = try reader.count(bytes - file.widths.address - 4)
                filtered = (size, UInt32(truncatingIfNeeded: try reader.number(4)))
            }
            guard let address else { continue }
            elements.append(ChunkElement(number: first + number, address: address, filtered: filtered))
        }
    }

    /// Pages of entries, each with a checksum; a clear bit (the first is the highest of its byte) says that a page was
    /// never written.
    func readPages(
        _ count: Int, perPage: Int, first: Int, at start: UInt64, isSet: (Int) -> Bool,
        into elements: inout [ChunkElement]
    ) throws(HDF5Error) {
        let pageBytes = perPage * bytes + 4
        for page in 0..<(count + perPage - 1) / perPage where isSet(page) {
            let inPage = min(perPage, count - page * perPage)
            guard let offset = page.multipliedChecked(pageBytes), let address = start.addingChecked(offset) else {
                throw .corrupt("a page of chunks beyond all files")
            }
            var reader = try file.checkedReader(at: address, inPage * bytes + 4, "a page of chunks")
            try read(inPage, first: first + page * perPage, from: &reader, into: &elements)
        }
    }
}

private func isSet(_ bit: Int, in bitmap: ArraySlice<UInt8>) -> Bool {
    let position = bitmap.startIndex + bit / 8
    return position < bitmap.endIndex && bitmap[position] & (0x80 >> UInt8(bit % 8)) != 0
}

/// The index of chunks of an array whose axes have limits. Format specification, appendix C ("Fixed
/// Array Index").
struct FixedArray {
    private let file: FileStructures
    private let reader: ChunkElementReader
    private let count: Int
    private let pageBits: Int
    private let block: UInt64?

    init(_ file: FileStructures, at address: UInt64) throws(HDF5Error) {
        self.file = file
        let size = 8 + file.widths.length + file.widths.address + 4
        var header = try file.checkedReader(at: address, size, "an index of chunks")
        try header.signature("FAHD")
        try header.version(0, of: "an index of chunks")
        let client = try header.byte()
        reader = try ChunkElementReader(file, client: client, bytes: header.byte())
        pageBits = try header.byte()
        count = try header.length()
        block = try header.address()
        guard pageBits < 32, count <= file.bytes.byteCount / reader.bytes else {
            throw .limit("an index of \(count) chunks in a file of \(file.bytes.byteCount) bytes")
        }
    }

    func elements() throws(HDF5Error) -> [ChunkElement] {
        var elements: [ChunkElement] = []
        guard let block, count > 0 else { return [] }
        let prefix = 6 + file.widths.address
        let perPage = 1 << pageBits
        guard count > perPage else {
            var body = try file.checkedReader(at: block, prefix + count * reader.bytes + 4, "an index of chunks")
            try body.signature("FADB")
            try body.skip(prefix - 4)
            try reader.read(count, first: 0, from: &body, into: &elements)
            return elements
        }
        let pages = (count + perPage - 1) / perPage
        let bitmapBytes = (pages + 7) / 8
        var body = try file.checkedReader(at: block, prefix + bitmapBytes + 4, "an index of chunks")
        try body.signature("FADB")
        try body.skip(prefix - 4)
        let bitmap = try body.take(bitmapBytes)
        guard let start = block.addingChecked(prefix + bitmapBytes + 4) else {
            throw .corrupt("a page of chunks beyond all files")
        }
        try reader.readPages(
            count, perPage: perPage, first: 0, at: start, isSet: { isSet($0, in: bitmap) }, into: &elements)
        return elements
    }
}

/// The index of chunks of an array of which one axis may grow without end. Format specification, appendix C
/// ("Extensible Array Index").
///
/// The first entries stand in the index block, the next in data blocks named there, the rest in data blocks named by
/// secondary blocks. Secondary block s has 2^⌊s/2⌋ data blocks of 2^⌈s/2⌉ times the least number of entries.
struct ExtensibleArray {
    private let file: FileStructures
    private let address: UInt64
    private let reader: ChunkElementReader
    private let offsetBytes: Int
    private let inIndexBlock: Int
    private let leastInDataBlock: Int
    private let leastPointers: Int
    private let perPage: Int
    private let secondaryCount: Int
    /// One more than the largest entry ever set.
    private let used: Int
    private let indexBlock: UInt64?

    init(_ file: FileStructures, at address: UInt64) throws(HDF5Error) {
        self.file = file
        self.address = address
        let size = 12 + 6 * file.widths.length + file.widths.address + 4
        var header = try file.checkedReader(at: address, size, "an index of chunks")
        try header.signature("EAHD")
        try header.version(0, of: "an index of chunks")
        let client = try header.byte()
        reader = try ChunkElementReader(file, client: client, bytes: header.byte())
        let countBits = try header.byte()
        inIndexBlock = try header.byte()
        leastInDataBlock = try header.byte()
        leastPointers = try header.byte()
        let pageBits = try header.byte()
        try header.skip(4 * file.widths.length)
        used = try header.length()
        try header.skip(file.widths.length)
        indexBlock = try header.address()
        guard (1...64).contains(countBits), leastInDataBlock.isPowerOfTwo, leastPointers.isPowerOfTwo, pageBits < 32,
            leastInDataBlock.trailingZeroBitCount <= countBits
        else { throw .corrupt("an index of chunks of an impossible shape") }
        offsetBytes = (countBits + 7) / 8
        perPage = 1 << pageBits
        secondaryCount = 1 + countBits - leastInDataBlock.trailingZeroBitCount
    }

    private struct Found {
        var elements: [ChunkElement] = []
        var budget: ByteBudget
    }

    func elements() throws(HDF5Error) -> [ChunkElement] {
        guard let indexBlock else { return [] }
        var found = Found(budget: ByteBudget(file))
        let named = 2 * (leastPointers - 1)
        let secondaryInIndex = 2 * leastPointers.trailingZeroBitCount
        let secondary = max(0, secondaryCount - secondaryInIndex)
        let size =
            6 + file.widths.address + inIndexBlock * reader.bytes + (named + secondary) * file.widths.address + 4
        var body = try file.checkedReader(at: indexBlock, size, "an index of chunks")
        try body.signature("EAIB")
        try body.skip(2 + file.widths.address)
        try reader.read(inIndexBlock, first: 0, from: &body, into: &found.elements)
        var first = inIndexBlock
        for level in 0..<secondaryCount {
            guard first < used else { break }
            // Blocks beyond this could not be in any file.
            guard level < 60 else { throw .corrupt("an index of chunks of an impossible shape") }
            let blocks = 1 << (level / 2)
            let perBlock = leastInDataBlock << ((level + 1) / 2)
            if level < secondaryInIndex {
                for _ in 0..<blocks {
                    if let block = try body.address() {
                        try readDataBlock(block, perBlock, first, isSet: { _ in true }, &found)
                    }
                    first += perBlock
                }
            } else {
                if let block = try body.address() {
                    try readSecondary(block, blocks, perBlock, first, &found)
                }
                guard let count = blocks.multipliedChecked(perBlock), first < Int.max - count else {
                    throw .corrupt("an index of chunks of an impossible shape")
                }
                first += count
            }
        }
        return found.elements
    }

    private func readSecondary(
        _ block: UInt64, _ blocks: Int, _ perBlock: Int, _ first: Int, _ found: inout Found
    ) throws(HDF5Error) {
        let pages = perBlock > perPage ? perBlock / perPage : 0
        guard blocks <= file.bytes.byteCount, pages <= file.bytes.byteCount,
            let bitmapBytes = blocks.multipliedChecked((pages + 7) / 8), bitmapBytes <= file.bytes.byteCount
        else { throw .corrupt("an index of chunks of an impossible shape") }
        let size = 6 + file.widths.address + offsetBytes + bitmapBytes + blocks * file.widths.address + 4
        var body = try file.checkedReader(at: block, size, "an index of chunks")
        try body.signature("EASB")
        try body.skip(2 + file.widths.address + offsetBytes)
        let bitmap = try body.take(bitmapBytes)
        for index in 0..<blocks {
            guard let address = try body.address() else { continue }
            try readDataBlock(
                address, perBlock, first + index * perBlock, isSet: { isSet(index * pages + $0, in: bitmap) },
                &found)
        }
    }

    private func readDataBlock(
        _ block: UInt64, _ count: Int, _ first: Int, isSet: (Int) -> Bool, _ found: inout Found
    ) throws(HDF5Error) {
        let prefix = 6 + file.widths.address + offsetBytes
        guard count <= file.bytes.byteCount / reader.bytes else {
            throw .corrupt("an index of \(count) chunks in a file of \(file.bytes.byteCount) bytes")
        }
        try found.budget.spend(prefix + count * reader.bytes + 4, "blocks of an index of chunks")
        let isPaged = count > perPage
        let size = prefix + (isPaged ? 0 : count * reader.bytes) + 4
        var body = try file.checkedReader(at: block, size, "an index of chunks")
        try body.signature("EADB")
        try body.skip(prefix - 4)
        guard isPaged else { return try reader.read(count, first: first, from: &body, into: &found.elements) }
        guard let start = block.addingChecked(size) else { throw .corrupt("a page of chunks beyond all files") }
        try reader.readPages(count, perPage: perPage, first: first, at: start, isSet: isSet, into: &found.elements)
    }
}
