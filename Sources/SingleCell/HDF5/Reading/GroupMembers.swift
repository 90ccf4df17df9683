/// Where a name in a group leads. Format specification, section IV.A.2.g.
enum Link: Sendable, Equatable {
    case object(UInt64)
    /// A path inside the file.
    case soft(String)
    /// To another file, or of a kind defined by a user.
    case external
}

/// The members of a group, be it of the old kind or the new one. Format specification, sections III.B, III.C, IV.A.2.c and
/// IV.A.2.g.
struct GroupMembers {
    private(set) var links: [String: Link] = [:]
    private let file: FileStructures

    init(_ file: FileStructures, _ header: ObjectHeader) throws(HDF5Error) {
        self.file = file
        if let table = header.first(.symbolTable) {
            try readTable(header.reader(table))
        }
        for message in header.all(.link) { try add(header.reader(message)) }
        if let info = header.first(.linkInfo) { try readDense(header.reader(info)) }
    }

    static func isGroup(_ header: ObjectHeader) -> Bool {
        header.first(.symbolTable) != nil || header.first(.linkInfo) != nil || header.first(.link) != nil
    }

    /// A B-tree that leads to nodes of names, which stand in a heap.
    private mutating func readTable(_ message: ByteReader) throws(HDF5Error) {
        var message = message
        let tree = try message.definedAddress()
        var heap = try LocalHeap(file, at: message.definedAddress())
        let entryBytes = 2 * file.widths.address + 24
        var budget = ByteBudget(file)
        var found: [(String, Link)] = []
        try BTree1(file: file, kind: .group, keyBytes: file.widths.length).forEachLeaf(from: tree) {
            (_, address) throws(HDF5Error) in
            var prefix = try file.reader(at: address, 8)
            try prefix.signature("SNOD")
            try prefix.version(1, of: "a node of names")
            try prefix.skip(1)
            let count = try prefix.count(2)
            guard let start = address.addingChecked(8) else { throw .corrupt("a node of names beyond all files") }
            try budget.spend(prefix.offset + count * entryBytes, "nodes of names")
            var reader = try file.reader(at: start, count * entryBytes)
            for _ in 0..<count {
                let name = try heap.text(at: reader.count(file.widths.address))
                let object = try reader.address()
                let cached = try reader.count(4)
                try reader.skip(4)
                var scratch = ByteReader(try reader.take(16), file.widths)
                if cached == 2 {
                    found.append((name, .soft(try heap.text(at: scratch.count(4)))))
                } else {
                    guard let object else { throw .corrupt("the member '\(name)' has no address") }
                    found.append((name, .object(object)))
                }
            }
        }
        for (name, link) in found { try insert(name, link) }
    }

    private mutating func readDense(_ message: ByteReader) throws(HDF5Error) {
        var message = message
        try message.version(0, of: "a list of members")
        if try message.byte() & 1 != 0 { try message.skip(8) }
        guard let heapAddress = try message.address(), let tree = try message.address() else { return }
        let heap = try FractalHeap(file, at: heapAddress)
        var found: [ByteReader] = []
        try BTree2(file, at: tree, types: [5, 6]).forEachRecord { (type, record) throws(HDF5Error) in
            var record = record
            try record.skip(type == 5 ? 4 : 8)
            found.append(ByteReader(try heap.object(record.take(record.remaining)), file.widths))
        }
        for link in found { try add(link) }
    }

    private mutating func add(_ message: ByteReader) throws(HDF5Error) {
        var reader = message
        try reader.version(1, of: "a link")
        let flags = try reader.byte()
        let type = flags & 8 != 0 ? try reader.byte() : 0
        if flags & 4 != 0 { try reader.skip(8) }
        if flags & 16 != 0 { try reader.skip(1) }
        let length = try reader.count(1 << (flags & 3))
        let name = String(decoding: try reader.take(length), as: UTF8.self)
        switch type {
        case 0: try insert(name, .object(reader.definedAddress()))
        case 1:
            let length = try reader.count(2)
            try insert(name, .soft(String(decoding: reader.take(length), as: UTF8.self)))
        default: try insert(name, .external)
        }
    }

    private mutating func insert(_ name: String, _ link: Link) throws(HDF5Error) {
        guard !name.isEmpty, links.updateValue(link, forKey: name) == nil else {
            throw .corrupt(name.isEmpty ? "a member without a name" : "two members have the name '\(name)'")
        }
    }
}
