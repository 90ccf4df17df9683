/// The header of a group, dataset or named type: a list of messages. Format specification, section IV.A.
struct ObjectHeader: Sendable {
    /// The kinds of messages that are read (section IV.A.2).
    enum Kind: Int {
        case dataspace = 0x01
        case linkInfo = 0x02
        case datatype = 0x03
        case oldFillValue = 0x04
        case fillValue = 0x05
        case link = 0x06
        case externalFiles = 0x07
        case layout = 0x08
        case filters = 0x0B
        case attribute = 0x0C
        case continuation = 0x10
        case symbolTable = 0x11
        case attributeInfo = 0x15
    }

    struct Message: Sendable {
        let kind: Int
        let flags: Int
        let bytes: ArraySlice<UInt8>
        var isShared: Bool { flags & 2 != 0 }
    }

    let address: UInt64
    private(set) var messages: [Message] = []
    private let file: FileStructures

    /// Bytes that all blocks of one header may have together.
    private static let mostBytes = 1 << 26
    private static let mostBlocks = 1 << 12

    init(_ file: FileStructures, _ address: UInt64) throws(HDF5Error) {
        self.file = file
        self.address = address
        let start = try file.bytes.bytes(at: address, 4)
        if start.elementsEqual("OHDR".utf8) {
            try readNew()
        } else {
            try readOld()
        }
    }

    func first(_ kind: Kind) -> Message? { messages.first { $0.kind == kind.rawValue } }

    func all(_ kind: Kind) -> [Message] { messages.filter { $0.kind == kind.rawValue } }

    /// A reader of a message's fields; of one kept elsewhere where the message is shared.
    func reader(_ message: Message) throws(HDF5Error) -> ByteReader {
        let reader = ByteReader(message.bytes, file.widths)
        return message.isShared ? try Self.shared(reader, message.kind, file) : reader
    }

    /// The fields of a message that stands in another header (section IV.A.2, shared messages).
    static func shared(_ body: ByteReader, _ kind: Int, _ file: FileStructures) throws(HDF5Error) -> ByteReader {
        var reader = body
        let version = try reader.byte()
        let place = try reader.byte()
        switch version {
        case 1: try reader.skip(6)
        case 2: break
        case 3 where place == 2: break
        case 3:
            throw HDF5Error(
                code: "CORRUPT_HDF5", file: nil, message: "messages shared through a table of the file are not read",
                remedy: "write the file again with h5repack")
        default: throw .corrupt("a shared message of the unknown version \(version)")
        }
        let header = try file.header(at: reader.definedAddress())
        guard let message = header.first(kind), !message.isShared else {
            throw .corrupt("a shared message leads nowhere")
        }
        return ByteReader(message.bytes, file.widths)
    }

    private func first(_ kind: Int) -> Message? { messages.first { $0.kind == kind } }

    /// Blocks may lead to each other, and lie upon each other.
    private func requireEnd(_ bytes: Int, _ blocks: Int) throws(HDF5Error) {
        guard bytes <= min(Self.mostBytes, file.bytes.byteCount), blocks <= Self.mostBlocks else {
            throw .corrupt("an endless object header")
        }
    }

    /// Version 1: messages are aligned to 8 bytes and have no checksum.
    private mutating func readOld() throws(HDF5Error) {
        var prefix = try file.reader(at: address, 16)
        try prefix.version(1, of: "an object header")
        try prefix.skip(1)
        let count = try prefix.count(2)
        try prefix.skip(4)
        let size = try prefix.count(4)
        guard let start = address.addingChecked(16) else { throw .corrupt("an object header beyond all files") }
        var blocks = [(address: start, size: size)]
        var next = 0
        var total = 0
        while next < blocks.count, messages.count < count {
            let block = blocks[next]
            next += 1
            total += min(block.size, Self.mostBytes)
            try requireEnd(total, next)
            var reader = try file.reader(at: block.address, block.size)
            while reader.remaining >= 8, messages.count < count {
                let kind = try reader.count(2)
                let length = try reader.count(2)
                let flags = try reader.byte()
                try reader.skip(3)
                try add(kind, flags, reader.take(length), &blocks)
            }
        }
    }

    /// Version 2: each block has a signature and a checksum.
    private mutating func readNew() throws(HDF5Error) {
        let available = min(64, file.bytes.byteCount - file.bytes.base - Int(clamping: address))
        var prefix = try file.reader(at: address, available)
        try prefix.signature("OHDR")
        try prefix.version(2, of: "an object header")
        let flags = try prefix.byte()
        if flags & 0x20 != 0 { try prefix.skip(16) }
        if flags & 0x10 != 0 { try prefix.skip(4) }
        let size = try prefix.count(1 << (flags & 3))
        let start = prefix.offset
        guard size <= Self.mostBytes else { throw .corrupt("an object header of \(size) bytes") }
        var blocks: [(address: UInt64, size: Int)] = []
        var reader = try file.checkedReader(at: address, start + size + 4, "an object header")
        try reader.skip(start)
        try readNewMessages(&reader, flags, &blocks)
        var next = 0
        var total = size
        while next < blocks.count {
            let block = blocks[next]
            next += 1
            total += min(block.size, Self.mostBytes)
            try requireEnd(total, next)
            var reader = try file.checkedReader(at: block.address, block.size, "an object header")
            try reader.signature("OCHK")
            try readNewMessages(&reader, flags, &blocks)
        }
    }

    private mutating func readNewMessages(
        _ reader: inout ByteReader, _ flags: Int, _ blocks: inout [(address: UInt64, size: Int)]
    ) throws(HDF5Error) {
        let prefix = flags & 4 != 0 ? 6 : 4
        while reader.remaining >= prefix {
            let kind = try reader.byte()
            let length = try reader.count(2)
            let messageFlags = try reader.byte()
            try reader.skip(prefix - 4)
            try add(kind, messageFlags, reader.take(length), &blocks)
        }
    }

    private mutating func add(
        _ kind: Int, _ flags: Int, _ bytes: ArraySlice<UInt8>, _ blocks: inout [(address: UInt64, size: Int)]
    ) throws(HDF5Error) {
        messages.append(Message(kind: kind, flags: flags, bytes: bytes))
        guard kind == Kind.continuation.rawValue else { return }
        var reader = ByteReader(bytes, file.widths)
        blocks.append((try reader.definedAddress(), try reader.length()))
    }
}

extension UInt64 {
    func addingChecked(_ other: Int) -> UInt64? {
        guard other >= 0 else { return nil }
        let (sum, overflow) = addingReportingOverflow(UInt64(other))
        return overflow ? nil : sum
    }
}

extension Int {
    func multipliedChecked(_ other: Int) -> Int? {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? nil : product
    }
}
