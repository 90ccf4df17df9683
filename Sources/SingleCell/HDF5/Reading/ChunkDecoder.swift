import CZlib

/// Reads chunks and undoes their filters; one worker's, with buffers that are used again.
final class ChunkDecoder {
    private let file: FileStructures
    private let filters: [FilterPipeline.Filter]
    private let elementBytes: Int
    private let chunkBytes: Int
    private let decompressor: OpaquePointer
    private var stored: [UInt8] = []
    private let scratch: [UnsafeMutableRawBufferPointer]

    init(
        _ file: FileStructures, _ pipeline: FilterPipeline, elementBytes: Int, chunkBytes: Int
    ) throws(HDF5Error) {
        guard let decompressor = libdeflate_alloc_decompressor() else {
            throw .limit("there is no memory to inflate a chunk")
        }
        self.decompressor = decompressor
        self.file = file
        filters = pipeline.filters
        self.elementBytes = elementBytes
        self.chunkBytes = chunkBytes
        scratch = (0..<max(0, min(2, filters.count - 1))).map { _ in
            UnsafeMutableRawBufferPointer.allocate(byteCount: chunkBytes + 4 * pipeline.filters.count, alignment: 64)
        }
    }

    deinit {
        libdeflate_free_decompressor(decompressor)
        for buffer in scratch { buffer.deallocate() }
    }

    /// Fills the target, which has a chunk's size.
    /// - Parameter isFiltered: false for chunks at the edge that are stored as they are.
    func decode(
        _ place: ChunkPlace, isFiltered: Bool, into target: UnsafeMutableRawBufferPointer
    ) throws(HDF5Error) {
        let active =
            isFiltered
            ? filters.indices.reversed().filter { $0 >= 32 || place.mask & (1 << UInt32($0)) == 0 } : []
        guard !active.isEmpty else {
            guard place.bytes == chunkBytes else {
                throw .corruptChunk("a chunk must have \(chunkBytes) bytes, it has \(place.bytes)")
            }
            return try file.bytes.read(at: place.address, into: target)
        }
        if stored.count < place.bytes { stored = [UInt8](repeating: 0, count: place.bytes) }
        try stored.withUnsafeMutableBufferPointer { (buffer) throws(HDF5Error) in
            let raw = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<place.bytes])
            try file.bytes.read(at: place.address, into: raw)
            try undo(active, UnsafeRawBufferPointer(raw), target)
        }
    }

    /// Each step but the last goes to a buffer, of which two take turns.
    private func undo(
        _ active: [Int], _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer
    ) throws(HDF5Error) {
        var input = source
        for (step, index) in active.enumerated() {
            let below = active[(step + 1)...].map { FilterPipeline.Known(rawValue: filters[$0].id) }
            let known = FilterPipeline.Known(rawValue: filters[index].id)
            if known == .fletcher32 { input = try checked(input) }
            let size: Int
            switch known {
            case .deflate, .lzf:
                // Of the filters still to be undone the checksum alone may change the size.
                guard !below.contains(.deflate), !below.contains(.lzf) else {
                    throw .corruptChunk("a chunk is compressed twice")
                }
                size = chunkBytes + 4 * below.count { $0 == .fletcher32 }
            case .shuffle, .fletcher32, nil: size = input.count
            }
            guard below.isEmpty ? size == target.count : size <= scratch[step % 2].count else {
                throw .corruptChunk("a chunk must have \(target.count) bytes, it has \(size)")
            }
            let output =
                below.isEmpty ? target : UnsafeMutableRawBufferPointer(rebasing: scratch[step % 2][..<size])
            try undo(filters[index], input, output)
            input = UnsafeRawBufferPointer(output)
        }
    }

    /// Undoes one filter; what comes out must have the target's size.
    private func undo(
        _ filter: FilterPipeline.Filter, _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer
    ) throws(HDF5Error) {
        switch FilterPipeline.Known(rawValue: filter.id) {
        case .deflate: try inflate(source, target)
        case .lzf:
            guard LZFFilter.expand(source, into: target) == target.count else {
                throw .corruptChunk("a chunk must expand to \(target.count) bytes")
            }
        case .shuffle:
            let width = filter.parameters.first.map { Int($0) } ?? elementBytes
            if width > 1, width <= source.count {
                unshuffle(source, width: width, into: target)
            } else {
                target.copyMemory(from: source)
            }
        case .fletcher32: target.copyMemory(from: source)
        case nil: throw .corruptChunk("a chunk has an unknown filter")
        }
    }

    /// The bytes before a checksum that is right.
    private func checked(_ source: UnsafeRawBufferPointer) throws(HDF5Error) -> UnsafeRawBufferPointer {
        let count = source.count - 4
        guard count >= 0 else { throw .corruptChunk("a chunk without its checksum") }
        let values = UnsafeRawBufferPointer(rebasing: source[..<count])
        let sum = fletcher32(values)
        let stored = UInt32(littleEndian: source.loadUnaligned(fromByteOffset: count, as: UInt32.self))
        // Releases before 1.6.3 wrote the bytes of each half the other way round on little-endian machines.
        let turned = (sum & 0x00FF_00FF) << 8 | (sum & 0xFF00_FF00) >> 8
        guard stored == sum || stored == turned else { throw .corruptChunk("the checksum of a chunk is wrong") }
        return values
    }

    private func inflate(
        _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer
    ) throws(HDF5Error) {
        var length = 0
        let outcome = libdeflate_zlib_decompress(
            decompressor, source.baseAddress, source.count, target.baseAddress, target.count, &length)
        guard outcome == LIBDEFLATE_SUCCESS, length == target.count else {
            let found =
                outcome == LIBDEFLATE_SUCCESS
                ? "\(length)" : outcome == LIBDEFLATE_INSUFFICIENT_SPACE ? "more" : "damaged ones"
            throw .corruptChunk("a chunk must inflate to \(target.count) bytes, found \(found)")
        }
    }
}
