import CHDF5
import Foundation

/// Writing: the same calls give the same bytes, since no time stamps are kept.
extension HDF5Group {
    /// Makes a group at the path below this one, and those on the way to it.
    @discardableResult
    public func makeGroup(_ name: String) throws(HDF5Error) -> HDF5Group {
        let element = try writtenElement(name)
        let made: Handle? = HDF5Library.locked {
            guard let link = Handle.linkCreation(),
                let creation = Handle.properties(H5Pcreate(chdf5_group_creation()))
            else { return nil }
            H5Pset_obj_track_times(creation.id, false)
            return Handle.object(H5Gcreate2(place.handle.id, name, link.id, creation.id, chdf5_default()))
        }
        guard let made else { throw .cannotWrite(file.path, element, "the group cannot be made") }
        return HDF5Group(written: made, file: file, path: element)
    }

    /// A group that was made before, at the path below this one.
    func groupMade(_ name: String) throws(HDF5Error) -> HDF5Group {
        let element = try writtenElement(name)
        let opened = HDF5Library.locked { Handle.object(H5Gopen2(place.handle.id, name, chdf5_default())) }
        guard let opened else { throw .cannotWrite(file.path, element, "no such group was made") }
        return HDF5Group(written: opened, file: file, path: element)
    }

    /// Makes a dataset to which values are appended; it is in the file once the appender has finished.
    /// - Parameter rowShape: the extents of one entry of the first axis; empty for a list of values.
    public func makeAppendable(
        _ name: String, type: HDF5ElementType, rowShape: [Int] = [], compression: HDF5Compression = .gzip(level: 4)
    ) throws(HDF5Error) -> HDF5Appender {
        try HDF5Appender(self, name, type: type, rowShape: rowShape, compression: compression)
    }

    /// Writes a dataset; a nil shape means one dimension, an empty one a single value, which is never compressed.
    @discardableResult
    public func write(
        _ name: String, _ content: HDF5Content, shape: [Int]? = nil, compression: HDF5Compression = .gzip(level: 4)
    ) throws(HDF5Error) -> HDF5Dataset {
        let shape = shape ?? [content.count]
        precondition(shape.reduce(1, *) == content.count, "\(content.count) values for the shape \(shape)")
        if case .strings(let texts) = content {
            return try writeTexts(name, texts, shape: shape, compression: compression)
        }
        return try content.withBytes { (bytes) throws(HDF5Error) in
            try write(name, bytes, type: content.elementType!, shape: shape, compression: compression)
        }
    }

    func write(
        _ name: String, _ bytes: UnsafeRawBufferPointer, type: HDF5ElementType, shape: [Int],
        compression: HDF5Compression
    ) throws(HDF5Error) -> HDF5Dataset {
        let element = try writtenElement(name)
        let made: Handle? = HDF5Library.locked {
            guard compression != .none, !shape.isEmpty, !bytes.isEmpty else {
                return writePlain(name, bytes, Handle.type(of: type), shape)
            }
            return writeChunks(name, bytes, type: type, shape: shape, compression: compression)
        }
        guard let made else { throw .cannotWrite(file.path, element, "the values cannot be written") }
        return HDF5Dataset(written: made, file: file, path: element)
    }

    private func writePlain(_ name: String, _ bytes: UnsafeRawBufferPointer, _ type: Handle?, _ shape: [Int]) -> Handle?
    {
        guard let type, let space = Handle.space(shape), let link = Handle.linkCreation(),
            let creation = Handle.datasetCreation(),
            let dataset = Handle.object(
                H5Dcreate2(place.handle.id, name, type.id, space.id, link.id, creation.id, chdf5_default()))
        else { return nil }
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return dataset }
        return H5Dwrite(dataset.id, type.id, chdf5_all(), chdf5_all(), chdf5_default(), start) >= 0 ? dataset : nil
    }

    /// Chunks lie as runs in the array: each is put together, filled up with zeros beyond the array's edge, and packed.
    private func writeChunks(
        _ name: String, _ bytes: UnsafeRawBufferPointer, type: HDF5ElementType, shape: [Int],
        compression: HDF5Compression
    ) -> Handle? {
        let plan = ChunkPlan(
            shape: shape, chunk: Self.chunk(shape, elements: ChunkedDataset.elements(of: type, compression)))
        let dataset = ChunkedDataset(
            name, in: place.handle, type: type, shape: shape, chunk: plan.chunk, isExtendable: false,
            compression: compression)
        guard let dataset else { return nil }
        let width = type.width
        let atOnce = min(ChunkedDataset.chunksAtOnce, plan.chunkCount)
        var buffer = [UInt8](repeating: 0, count: dataset.chunkBytes * atOnce)
        for first in stride(from: 0, to: plan.chunkCount, by: ChunkedDataset.chunksAtOnce) {
            let offsets = (first..<min(first + ChunkedDataset.chunksAtOnce, plan.chunkCount)).map(plan.offset)
            let done = buffer.withUnsafeMutableBytes { buffer in
                for (index, offset) in offsets.enumerated() {
                    let chunk = UnsafeMutableRawBufferPointer(
                        rebasing: buffer[index * dataset.chunkBytes..<(index + 1) * dataset.chunkBytes])
                    if !plan.isWhole(at: offset) { chunk.initializeMemory(as: UInt8.self, repeating: 0) }
                    plan.runs(at: offset) { from, to, length in
                        let run = bytes[to * width..<(to + length) * width]
                        UnsafeMutableRawBufferPointer(rebasing: chunk[(from * width)...])
                            .copyMemory(from: UnsafeRawBufferPointer(rebasing: run))
                    }
                }
                return dataset.write(
                    offsets.enumerated().map { index, offset in
                        let range = index * dataset.chunkBytes..<(index + 1) * dataset.chunkBytes
                        return (offset, UnsafeRawBufferPointer(rebasing: buffer[range]))
                    })
            }
            guard done else { return nil }
        }
        return dataset.handle
    }

    private func writeTexts(
        _ name: String, _ texts: [String], shape: [Int], compression: HDF5Compression
    ) throws(HDF5Error) -> HDF5Dataset {
        let element = try writtenElement(name)
        let made: Handle? = HDF5Library.locked {
            guard let type = Handle.text(), let space = Handle.space(shape), let link = Handle.linkCreation(),
                let creation = Handle.datasetCreation()
            else { return nil }
            if case .gzip(let level) = compression, !shape.isEmpty, !texts.isEmpty {
                let chunk = Self.chunk(shape, elements: 1 << 16).map { hsize_t($0) }
                guard H5Pset_chunk(creation.id, Int32(chunk.count), chunk) >= 0,
                    H5Pset_deflate(creation.id, UInt32(max(0, min(level, 9)))) >= 0
                else { return nil }
            }
            guard
                let dataset = Handle.object(
                    H5Dcreate2(place.handle.id, name, type.id, space.id, link.id, creation.id, chdf5_default()))
            else { return nil }
            guard !texts.isEmpty else { return dataset }
            let done = Handle.withPointers(to: texts) {
                H5Dwrite(dataset.id, type.id, chdf5_all(), chdf5_all(), chdf5_default(), $0) >= 0
            }
            return done ? dataset : nil
        }
        guard let made else { throw .cannotWrite(file.path, element, "the values cannot be written") }
        return HDF5Dataset(written: made, file: file, path: element)
    }

    /// The path of a new member.
    /// - Throws: `CANNOT_WRITE` for a name that HDF5 cannot hold.
    func writtenElement(_ name: String) throws(HDF5Error) -> String {
        let element = path == "/" ? "/\(name)" : "\(path)/\(name)"
        let components = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !components.contains(where: { $0.isEmpty || $0 == "." }), !name.utf8.contains(0) else {
            throw HDF5Error(
                code: "CANNOT_WRITE", file: file.path, element: element, message: "HDF5 cannot hold the name '\(name)'",
                remedy: "rename this column or entry")
        }
        return element
    }

    /// Whole rows of the last axes where they fit.
    private static func chunk(_ shape: [Int], elements: Int) -> [Int] {
        var rest = elements
        var chunk = shape
        for axis in shape.indices.reversed() {
            chunk[axis] = max(1, min(shape[axis], rest))
            rest /= chunk[axis]
        }
        return chunk
    }
}

extension HDF5Object {
    /// Writes an attribute; an empty shape means a single value.
    public func writeAttribute(_ name: String, _ content: HDF5Content, shape: [Int]? = nil) throws(HDF5Error) {
        guard let handle = (self as? any Placed)?.place.handle else { return }
        let shape = shape ?? [content.count]
        precondition(shape.reduce(1, *) == content.count, "\(content.count) values for the shape \(shape)")
        let done: Bool = try HDF5Library.locked { () throws(HDF5Error) in
            guard let type = content.elementType.map(Handle.type(of:)) ?? Handle.text(),
                let space = Handle.space(shape),
                let attribute = Handle.attribute(
                    H5Acreate2(handle.id, name, type.id, space.id, chdf5_default(), chdf5_default()))
            else { return false }
            guard content.count > 0 else { return true }
            if case .strings(let texts) = content {
                return Handle.withPointers(to: texts) { H5Awrite(attribute.id, type.id, $0) >= 0 }
            }
            return try content.withBytes { (bytes) throws(HDF5Error) in
                H5Awrite(attribute.id, type.id, bytes.baseAddress!) >= 0
            }
        }
        guard done else { throw .cannotWrite(file.path, "\(path)@\(name)", "the attribute cannot be written") }
    }

    /// Writes a single text as an attribute.
    public func writeAttribute(_ name: String, _ text: String) throws(HDF5Error) {
        try writeAttribute(name, .strings([text]), shape: [])
    }
}

extension Handle {
    /// Variable-length UTF-8.
    static func text() -> Handle? {
        guard let type = Handle.type(H5Tcopy(chdf5_c_string())),
            H5Tset_size(type.id, chdf5_variable_length()) >= 0, H5Tset_cset(type.id, H5T_CSET_UTF8) >= 0
        else { return nil }
        return type
    }

    static func withPointers(to texts: [String], _ body: (UnsafeRawPointer) -> Bool) -> Bool {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return copies.withUnsafeBytes { body($0.baseAddress!) }
    }
}
