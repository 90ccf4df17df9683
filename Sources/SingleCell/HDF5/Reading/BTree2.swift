/// A version 2 B-tree: records of one size, sorted. Format specification, section III.A.2.
struct BTree2 {
    private let file: FileStructures
    private let type: Int
    private let nodeBytes: Int
    let recordBytes: Int
    private let depth: Int
    private let root: (address: UInt64, count: Int)?
    /// Bytes of the number of a child's records, by the child's level.
    private var countWidth = 0
    /// Bytes of the number of records in and below a child, by the child's level.
    private var totalWidths: [Int] = []
    private var mostRecords: [Int] = []

    private static let deepest = 32

    init(_ file: FileStructures, at address: UInt64, types: Set<Int>) throws(HDF5Error) {
        self.file = file
        let size = 16 + file.widths.address + 2 + file.widths.length + 4
        var reader = try file.checkedReader(at: address, size, "a B-tree")
        try reader.signature("BTHD")
        try reader.version(0, of: "a B-tree")
        type = try reader.byte()
        nodeBytes = try reader.count(4)
        recordBytes = try reader.count(2)
        depth = try reader.count(2)
        try reader.skip(2)
        let rootAddress = try reader.address()
        let count = try reader.count(2)
        guard types.contains(type), recordBytes > 0, nodeBytes > 10 + recordBytes, depth < Self.deepest else {
            throw .corrupt("a B-tree of the wrong kind")
        }
        root = count == 0 ? nil : rootAddress.map { ($0, count) }
        // The sizes of the fields follow from how many records fit.
        var most = (nodeBytes - 10) / recordBytes
        mostRecords = [most]
        countWidth = Self.width(of: most)
        totalWidths = [0]
        var total = most
        for _ in 0..<depth {
            let pointer = file.widths.address + countWidth + totalWidths.last!
            guard nodeBytes > 10 + pointer else { throw .corrupt("a B-tree whose nodes hold nothing") }
            most = (nodeBytes - 10 - pointer) / (recordBytes + pointer)
            guard most > 0, let below = (most + 1).multipliedChecked(total), below < Int.max - most else {
                throw .corrupt("a B-tree whose nodes hold nothing")
            }
            total = below + most
            mostRecords.append(most)
            totalWidths.append(Self.width(of: total))
        }
    }

    /// Bytes needed for numbers up to the given one.
    static func width(of largest: Int) -> Int { (Int.bitWidth - 1 - max(largest, 1).leadingZeroBitCount) / 8 + 1 }

    /// Calls the body with the record type and each record. Not in the order of keys.
    func forEachRecord(_ body: (Int, ByteReader) throws(HDF5Error) -> Void) throws(HDF5Error) {
        guard let root else { return }
        var visited: Set<UInt64> = []
        var budget = ByteBudget(file)
        var pending = [(address: root.address, count: root.count, level: depth)]
        while let node = pending.popLast() {
            guard visited.insert(node.address).inserted else { throw .corrupt("a B-tree leads back to itself") }
            guard node.count <= mostRecords[node.level] else { throw .corrupt("a B-tree node of too many records") }
            let level = node.level
            let totalWidth = level > 0 ? totalWidths[level - 1] : 0
            let pointerBytes = level > 0 ? file.widths.address + countWidth + totalWidth : 0
            let size = 6 + node.count * recordBytes + (level > 0 ? (node.count + 1) * pointerBytes : 0) + 4
            try budget.spend(size, "nodes of a B-tree")
            var reader = try file.checkedReader(at: node.address, size, "a B-tree node")
            try reader.signature(level > 0 ? "BTIN" : "BTLF")
            try reader.version(0, of: "a B-tree node")
            guard try reader.byte() == type else { throw .corrupt("a B-tree node of the wrong kind") }
            for _ in 0..<node.count {
                try body(type, ByteReader(reader.take(recordBytes), file.widths))
            }
            guard level > 0 else { continue }
            for _ in 0...node.count {
                let address = try reader.definedAddress()
                let count = try reader.count(countWidth)
                try reader.skip(totalWidth)
                pending.append((address, count, level - 1))
            }
        }
    }
}
