/// A version 1 B-tree, which leads to the members of an old group or to the chunks of a dataset. Format specification,
/// section III.A.1.
struct BTree1 {
    enum Kind: Int {
        case group = 0
        case chunks = 1
    }

    let file: FileStructures
    let kind: Kind
    /// Bytes of a key.
    let keyBytes: Int

    private static let deepest = 32

    /// Calls the body with the key before each child of the lowest level, and the child's address.
    func forEachLeaf(
        from root: UInt64, _ body: (ByteReader, UInt64) throws(HDF5Error) -> Void
    ) throws(HDF5Error) {
        var visited: Set<UInt64> = []
        var budget = ByteBudget(file)
        var pending: [(address: UInt64, level: Int?)] = [(root, nil)]
        while let node = pending.popLast() {
            guard visited.insert(node.address).inserted else { throw .corrupt("a B-tree leads back to itself") }
            var prefix = try file.reader(at: node.address, 8 + 2 * file.widths.address)
            try prefix.signature("TREE")
            let type = try prefix.byte()
            let level = try prefix.byte()
            let count = try prefix.count(2)
            guard type == kind.rawValue, level < Self.deepest, node.level.map({ $0 == level + 1 }) ?? true else {
                throw .corrupt("a B-tree node of the wrong kind or level")
            }
            let entryBytes = keyBytes + file.widths.address
            guard let start = node.address.addingChecked(8 + 2 * file.widths.address) else {
                throw .corrupt("a B-tree node beyond all files")
            }
            try budget.spend(prefix.offset + count * entryBytes, "nodes of a B-tree")
            var reader = try file.reader(at: start, count * entryBytes)
            var children: [(address: UInt64, level: Int?)] = []
            for _ in 0..<count {
                let key = ByteReader(try reader.take(keyBytes), file.widths)
                let child = try reader.definedAddress()
                if level == 0 {
                    try body(key, child)
                } else {
                    children.append((child, level))
                }
            }
            pending += children.reversed()
        }
    }
}
