import CHDF5

/// A chunked dataset being written: chunks are packed here and handed to the library as they shall stand in the file.
struct ChunkedDataset {
    /// Chunks that are packed at once. A fixed number, so that the file does not depend on the number of cores.
    static let chunksAtOnce = 16
    /// Bytes of a chunk: of a packed one as much as fits the nearest cache, of others what h5py keeps in memory.
    private static let packedBytes = 1 << 18
    private static let plainBytes = 1 << 20

    let handle: Handle
    let chunkBytes: Int
    private let compressor: ChunkCompressor?

    /// How many values of that type a chunk shall have.
    static func elements(of type: HDF5ElementType, _ compression: HDF5Compression) -> Int {
        (compression == .none ? plainBytes : packedBytes) / type.width
    }

    /// - Parameters:
    ///   - shape: its extents at first.
    ///   - isExtendable: whether the first axis may grow.
    init?(
        _ name: String, in group: Handle, type: HDF5ElementType, shape: [Int], chunk: [Int], isExtendable: Bool,
        compression: HDF5Compression
    ) {
        var limits = shape.map { hsize_t($0) }
        if isExtendable { limits[0] = chdf5_unlimited() }
        let extents = shape.map { hsize_t($0) }
        guard let fileType = Handle.type(of: type),
            let space = Handle.space(H5Screate_simple(Int32(shape.count), extents, limits)),
            let creation = Handle.datasetCreation(), let link = Handle.linkCreation(),
            H5Pset_chunk(creation.id, Int32(chunk.count), chunk.map { hsize_t($0) }) >= 0
        else { return nil }
        compressor =
            switch compression {
            case .none: nil
            case .gzip(let level): ChunkCompressor(type: type, level: level)
            }
        if let compressor {
            guard !type.isShuffled || H5Pset_shuffle(creation.id) >= 0,
                H5Pset_deflate(creation.id, UInt32(max(0, min(compressor.level, 9)))) >= 0
            else { return nil }
        }
        guard
            let handle = Handle.object(
                H5Dcreate2(group.id, name, fileType.id, space.id, link.id, creation.id, chdf5_default()))
        else { return nil }
        self.handle = handle
        chunkBytes = chunk.reduce(type.width, *)
    }

    func extend(to shape: [Int]) -> Bool { H5Dset_extent(handle.id, shape.map { hsize_t($0) }) >= 0 }

    /// Writes whole chunks, `first` being the first element of each.
    func write(_ chunks: [(first: [Int], bytes: UnsafeRawBufferPointer)]) -> Bool {
        guard let compressor else { return chunks.allSatisfy { write($0.bytes, at: $0.first) } }
        guard let packed = compressor.compress(chunks.map(\.bytes)) else { return false }
        return zip(packed, chunks).allSatisfy { bytes, chunk in
            bytes.withUnsafeBytes { write($0, at: chunk.first) }
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at first: [Int]) -> Bool {
        H5Dwrite_chunk(
            handle.id, chdf5_default(), 0, first.map { hsize_t($0) }, bytes.count, bytes.baseAddress!) >= 0
    }
}

extension Handle {
    static func type(of type: HDF5ElementType) -> Handle? {
        switch type {
        case .float32: return .type(H5Tcopy(chdf5_native_float()))
        case .float64: return .type(H5Tcopy(chdf5_native_double()))
        case .int8: return .type(H5Tcopy(chdf5_native_int8()))
        case .int16: return .type(H5Tcopy(chdf5_native_int16()))
        case .int32: return .type(H5Tcopy(chdf5_native_int32()))
        case .int64: return .type(H5Tcopy(chdf5_native_int64()))
        case .uint8: return .type(H5Tcopy(chdf5_native_uint8()))
        case .uint16: return .type(H5Tcopy(chdf5_native_uint16()))
        case .uint32: return .type(H5Tcopy(chdf5_native_uint32()))
        case .uint64: return .type(H5Tcopy(chdf5_native_uint64()))
        case .boolean:
            guard let type = Handle.type(H5Tenum_create(chdf5_native_int8())) else { return nil }
            for (name, value) in [("FALSE", Int8(0)), ("TRUE", Int8(1))] {
                var value = value
                guard H5Tenum_insert(type.id, name, &value) >= 0 else { return nil }
            }
            return type
        }
    }

    static func datasetCreation() -> Handle? {
        guard let creation = Handle.properties(H5Pcreate(chdf5_dataset_creation())),
            H5Pset_obj_track_times(creation.id, false) >= 0
        else { return nil }
        return creation
    }

    static func linkCreation() -> Handle? {
        guard let link = Handle.properties(H5Pcreate(chdf5_link_creation())) else { return nil }
        H5Pset_create_intermediate_group(link.id, 1)
        H5Pset_char_encoding(link.id, H5T_CSET_UTF8)
        return link
    }

    static func space(_ shape: [Int]) -> Handle? {
        shape.isEmpty
            ? Handle.space(H5Screate(H5S_SCALAR))
            : Handle.space(H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil))
    }
}
