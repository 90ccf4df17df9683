import CHDF5

/// A dataset that grows along its first axis while its values are being made, of which it keeps a few chunks at most.
///
/// The file is the same however the values were divided between the calls, and at any number of cores. Fewer values than
/// make up a chunk are stored as `HDF5Group.write` stores them.
public final class HDF5Appender {
    public let type: HDF5ElementType
    /// The extents of one entry of the first axis; empty where there is only that axis.
    public let rowShape: [Int]
    /// Values appended so far.
    public private(set) var count = 0
    private let group: HDF5Group
    private let name: String
    private let element: String
    private let compression: HDF5Compression
    private let chunkRows: Int
    private let chunkBytes: Int
    private let rowBytes: Int
    private var dataset: ChunkedDataset?
    private var writtenRows = 0
    private var pending: [UInt8] = []

    init(
        _ group: HDF5Group, _ name: String, type: HDF5ElementType, rowShape: [Int], compression: HDF5Compression
    ) throws(HDF5Error) {
        element = try group.writtenElement(name)
        precondition(rowShape.allSatisfy { $0 > 0 }, "rows of the shape \(rowShape) hold nothing")
        self.group = group
        self.name = name
        self.type = type
        self.rowShape = rowShape
        self.compression = compression
        rowBytes = rowShape.reduce(type.width, *)
        chunkRows = max(1, ChunkedDataset.elements(of: type, compression) * type.width / rowBytes)
        chunkBytes = chunkRows * rowBytes
    }

    /// Appends values of the dataset's type, row-major; a call need not end with a whole row.
    public func append<Value: BitwiseCopyable>(_ values: UnsafeBufferPointer<Value>) throws(HDF5Error) {
        precondition(MemoryLayout<Value>.stride == type.width, "\(Value.self) appended to values of \(type)")
        count += values.count
        try append(UnsafeRawBufferPointer(values))
    }

    public func append<Value: BitwiseCopyable>(_ values: [Value]) throws(HDF5Error) {
        try values.withUnsafeBufferPointer { (buffer) throws(HDF5Error) in try append(buffer) }
    }

    /// Appends values of the dataset's type.
    public func append(_ content: HDF5Content) throws(HDF5Error) {
        precondition(content.elementType == type, "\(content.elementType?.rawValue ?? "text") appended to \(type)")
        count += content.count
        try content.withBytes { (bytes) throws(HDF5Error) in try append(bytes) }
    }

    /// Writes what is still in memory. The values must make up whole rows by now.
    public func finish() throws(HDF5Error) -> HDF5Dataset {
        let perRow = rowShape.reduce(1, *)
        precondition(count % perRow == 0, "\(count) values in rows of \(perRow)")
        let shape = [count / perRow] + rowShape
        guard dataset != nil || pending.count >= chunkBytes else {
            return try pending.withUnsafeBufferPointer { (bytes) throws(HDF5Error) in
                try group.write(name, UnsafeRawBufferPointer(bytes), type: type, shape: shape, compression: compression)
            }
        }
        // The last chunk is filled up with zeros, which lie outside the shape.
        let rest = pending.count % chunkBytes
        if rest > 0 { pending += [UInt8](repeating: 0, count: chunkBytes - rest) }
        try pending.withUnsafeBufferPointer { (bytes) throws(HDF5Error) in
            try flush(UnsafeRawBufferPointer(bytes), rows: shape[0] - writtenRows)
        }
        pending = []
        return HDF5Dataset(written: dataset!.handle, file: group.file, path: element)
    }

    private func append(_ bytes: UnsafeRawBufferPointer) throws(HDF5Error) {
        // Packing is shared between cores; chunks that are not packed are written without delay.
        let chunks = compression == .none ? 1 : ChunkedDataset.chunksAtOnce
        let batch = chunkBytes * chunks
        var position = 0
        while position < bytes.count {
            if pending.isEmpty, bytes.count - position >= batch {
                let part = UnsafeRawBufferPointer(rebasing: bytes[position..<position + batch])
                try flush(part, rows: chunkRows * chunks)
                position += batch
                continue
            }
            let length = min(batch - pending.count, bytes.count - position)
            pending.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[position..<position + length]))
            position += length
            if pending.count == batch {
                try pending.withUnsafeBufferPointer { (bytes) throws(HDF5Error) in
                    try flush(UnsafeRawBufferPointer(bytes), rows: chunkRows * chunks)
                }
                pending.removeAll(keepingCapacity: true)
            }
        }
    }

    /// Writes whole chunks, in which there are so many rows.
    private func flush(_ bytes: UnsafeRawBufferPointer, rows: Int) throws(HDF5Error) {
        let done: Bool = HDF5Library.locked {
            if dataset == nil {
                dataset = ChunkedDataset(
                    name, in: group.place.handle, type: type, shape: [rows] + rowShape, chunk: [chunkRows] + rowShape,
                    isExtendable: true, compression: compression)
            }
            guard let dataset, dataset.extend(to: [writtenRows + rows] + rowShape) else { return false }
            let chunks = (0..<bytes.count / chunkBytes).map { index in
                (
                    first: [writtenRows + index * chunkRows] + rowShape.map { _ in 0 },
                    bytes: UnsafeRawBufferPointer(rebasing: bytes[index * chunkBytes..<(index + 1) * chunkBytes])
                )
            }
            return dataset.write(chunks)
        }
        guard done else { throw .cannotWrite(group.file.path, element, "the values cannot be written") }
        writtenRows += rows
    }
}
