/// A named value beside an object. Format specification, section IV.A.2.m.
struct AttributeMessage: Sendable {
    let name: String
    let type: Datatype
    let space: Dataspace
    let bytes: ArraySlice<UInt8>

    init(_ file: FileStructures, _ message: ByteReader) throws(HDF5Error) {
        var reader = message
        let version = try reader.byte()
        guard (1...3).contains(version) else { throw .corrupt("an attribute of the unknown version \(version)") }
        let flags = try reader.byte()
        let sizes = (try reader.count(2), try reader.count(2), try reader.count(2))
        if version == 3 { try reader.skip(1) }
        let unit = version == 1 ? 8 : 1
        func padded(_ size: Int) -> Int { (size + unit - 1) / unit * unit }
        let name = try reader.take(padded(sizes.0))
        self.name = String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
        var typeReader = ByteReader(try reader.take(padded(sizes.1)), file.widths)
        if version > 1, flags & 1 != 0 {
            typeReader = try ObjectHeader.shared(typeReader, ObjectHeader.Kind.datatype.rawValue, file)
        }
        var spaceReader = ByteReader(try reader.take(padded(sizes.2)), file.widths)
        if version > 1, flags & 2 != 0 {
            spaceReader = try ObjectHeader.shared(spaceReader, ObjectHeader.Kind.dataspace.rawValue, file)
        }
        type = try Datatype(typeReader)
        space = try Dataspace(spaceReader)
        bytes = try reader.take(reader.remaining)
    }

    /// The name alone, which stands at the start whatever follows.
    static func name(_ file: FileStructures, _ message: ByteReader) throws(HDF5Error) -> String {
        var reader = message
        let version = try reader.byte()
        try reader.skip(1)
        let size = try reader.count(2)
        try reader.skip(version == 3 ? 5 : 4)
        return String(decoding: try reader.take(size).prefix { $0 != 0 }, as: UTF8.self)
    }

    /// The attribute of that name of an object; nil where there is none.
    static func named(
        _ name: String, of header: ObjectHeader, _ file: FileStructures
    ) throws(HDF5Error) -> AttributeMessage? {
        for message in header.all(.attribute) {
            let reader = try header.reader(message)
            if try Self.name(file, reader) == name { return try AttributeMessage(file, reader) }
        }
        var found: ByteReader?
        try forEachDense(header, file) { (reader) throws(HDF5Error) in
            if try Self.name(file, reader) == name { found = reader }
        }
        return try found.map { (reader) throws(HDF5Error) in try AttributeMessage(file, reader) }
    }

    /// The names of all attributes of an object, sorted.
    static func names(of header: ObjectHeader, _ file: FileStructures) throws(HDF5Error) -> [String] {
        var names: [String] = []
        for message in header.all(.attribute) { names.append(try name(file, header.reader(message))) }
        try forEachDense(header, file) { (reader) throws(HDF5Error) in names.append(try name(file, reader)) }
        return names.sorted()
    }

    /// Many or large attributes stand in a heap, with a B-tree of their names (section IV.A.2.v).
    private static func forEachDense(
        _ header: ObjectHeader, _ file: FileStructures, _ body: (ByteReader) throws(HDF5Error) -> Void
    ) throws(HDF5Error) {
        guard let info = header.first(.attributeInfo) else { return }
        var reader = try header.reader(info)
        try reader.version(0, of: "a list of attributes")
        if try reader.byte() & 1 != 0 { try reader.skip(2) }
        guard let heapAddress = try reader.address(), let tree = try reader.address() else { return }
        let heap = try FractalHeap(file, at: heapAddress)
        var ids: [(id: ArraySlice<UInt8>, flags: Int)] = []
        try BTree2(file, at: tree, types: [8]).forEachRecord { (_, record) throws(HDF5Error) in
            var record = record
            let id = try record.take(8)
            ids.append((id, try record.byte()))
        }
        for (id, flags) in ids {
            let reader = ByteReader(try heap.object(id), file.widths)
            let isShared = flags & 2 != 0
            try body(isShared ? ObjectHeader.shared(reader, ObjectHeader.Kind.attribute.rawValue, file) : reader)
        }
    }
}
