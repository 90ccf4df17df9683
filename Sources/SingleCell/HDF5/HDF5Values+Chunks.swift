import CHDF5
import CZlib
import Foundation

/// Reading compressed numbers chunk by chunk on all cores. The library is asked for raw chunks only; inflating is ours, and
/// checks that a chunk has exactly the bytes it must have, which the library does not.
extension HDF5Values {
    /// The values converted to `memoryType`; nil where they are stored in a way that is left to the library.
    func readChunks<Number: BitwiseCopyable & Sendable>(_ zero: Number, _ memoryType: hid_t) throws(HDF5Error)
        -> [Number]?
    {
        guard !isAttribute, fieldName == nil,
            let creation = HDF5Library.locked({ Handle.properties(H5Dget_create_plist(handle.id)) })
        else { return nil }
        let chunk = chunkShape(creation)
        let filters = filters(creation)
        let isShuffled = filters == [H5Z_FILTER_SHUFFLE, H5Z_FILTER_DEFLATE]
        guard chunk.count == shape.count, chunk.allSatisfy({ $0 > 0 }), isShuffled || filters == [H5Z_FILTER_DEFLATE]
        else { return nil }
        var fill = zero
        let hasFill = HDF5Library.locked { H5Pget_fill_value(creation.id, memoryType, &fill) >= 0 }
        let plan = ChunkPlan(shape: shape, chunk: chunk)
        guard hasFill, plan.chunkCount <= 1 << 22 else { return nil }

        let collector = ChunkCollector(repeating: fill, count: count)
        let workers = min(ProcessInfo.processInfo.activeProcessorCount, plan.chunkCount)
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
            for index in stride(from: worker, to: plan.chunkCount, by: workers) where !collector.hasFailed {
                do throws(HDF5Error) {
                    let offset = plan.offset(of: index)
                    if let values = try inflate(at: offset, plan.chunkElements, isShuffled, zero, memoryType) {
                        collector.place(values, plan, offset)
                    }
                } catch {
                    collector.fail(index, error)
                }
            }
        }
        if let error = collector.firstError { throw error }
        return collector.values
    }

    /// One chunk's values; nil where it was never written.
    private func inflate<Number: BitwiseCopyable>(
        at offset: [Int], _ elements: Int, _ isShuffled: Bool, _ zero: Number, _ memoryType: hid_t
    ) throws(HDF5Error) -> [Number]? {
        let position = offset.map { hsize_t($0) }
        let fileWidth = HDF5Library.locked { H5Tget_size(type.id) }
        var mask: UInt32 = 0
        let size = HDF5Library.locked { Int(chdf5_chunk_size(handle.id, position, &mask)) }
        guard size >= 0, size <= file.byteCount else { throw corruptChunk("the chunk at \(offset) cannot be found") }
        guard size > 0 else { return nil }
        var compressed = [UInt8](repeating: 0, count: size)
        let done = HDF5Library.locked { H5Dread_chunk(handle.id, chdf5_default(), position, &mask, &compressed) >= 0 }
        guard done else { throw corruptChunk("the chunk at \(offset) cannot be read") }

        let expected = elements * fileWidth
        var bytes: [UInt8]
        // A set bit says that this filter was skipped for this chunk.
        let isDeflated = mask & (isShuffled ? 2 : 1) == 0
        if isDeflated {
            bytes = [UInt8](repeating: 0, count: expected)
            var length = 0
            guard let decompressor = libdeflate_alloc_decompressor() else {
                throw corruptChunk("there is no memory to inflate the chunk at \(offset)")
            }
            defer { libdeflate_free_decompressor(decompressor) }
            let outcome = libdeflate_zlib_decompress(decompressor, compressed, size, &bytes, expected, &length)
            guard outcome == LIBDEFLATE_SUCCESS, length == expected else {
                let found =
                    outcome == LIBDEFLATE_SUCCESS
                    ? "\(length)" : outcome == LIBDEFLATE_INSUFFICIENT_SPACE ? "more" : "damaged"
                throw corruptChunk("the chunk at \(offset) must inflate to \(expected) bytes, found \(found)")
            }
        } else {
            guard size == expected else {
                throw corruptChunk("the chunk at \(offset) must have \(expected) bytes, it has \(size)")
            }
            bytes = compressed
        }
        if isShuffled, mask & 1 == 0, fileWidth > 1 { bytes = unshuffled(bytes, width: fileWidth) }
        return try convert(bytes, elements, fileWidth, zero, memoryType)
    }

    /// The shuffle filter stores the first bytes of all elements, then the second ones, ….
    private func unshuffled(_ bytes: [UInt8], width: Int) -> [UInt8] {
        let elements = bytes.count / width
        return [UInt8](unsafeUninitializedCapacity: bytes.count) { target, count in
            for byte in 0..<width {
                for element in 0..<elements { target[element * width + byte] = bytes[byte * elements + element] }
            }
            count = bytes.count
        }
    }

    private func convert<Number: BitwiseCopyable>(
        _ bytes: [UInt8], _ elements: Int, _ fileWidth: Int, _ zero: Number, _ memoryType: hid_t
    ) throws(HDF5Error) -> [Number] {
        var values = [Number](repeating: zero, count: elements)
        if HDF5Library.locked({ H5Tequal(type.id, memoryType) > 0 }) {
            values.withUnsafeMutableBytes { target in bytes.withUnsafeBytes { target.copyMemory(from: $0) } }
            return values
        }
        // The library converts in place: the buffer must hold the wider of the two.
        var buffer = bytes
        let width = MemoryLayout<Number>.size
        if width > fileWidth { buffer += [UInt8](repeating: 0, count: (width - fileWidth) * elements) }
        let done = HDF5Library.locked {
            H5Tconvert(type.id, memoryType, elements, &buffer, nil, chdf5_default()) >= 0
        }
        guard done else { throw wrongKind("numbers") }
        values.withUnsafeMutableBytes { target in
            buffer.withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<target.count])) }
        }
        return values
    }
}

/// How chunks tile an array, both row-major.
struct ChunkPlan: Sendable {
    let shape: [Int]
    let chunk: [Int]
    let grid: [Int]
    let chunkCount: Int
    let chunkElements: Int

    init(shape: [Int], chunk: [Int]) {
        self.shape = shape
        self.chunk = chunk
        grid = zip(shape, chunk).map { ($0 + $1 - 1) / $1 }
        chunkCount = grid.reduce(1, *)
        chunkElements = chunk.reduce(1, *)
    }

    /// The first element of a chunk.
    func offset(of index: Int) -> [Int] {
        var rest = index
        var offset = [Int](repeating: 0, count: grid.count)
        for axis in grid.indices.reversed() {
            offset[axis] = rest % grid[axis] * chunk[axis]
            rest /= grid[axis]
        }
        return offset
    }

    /// Whether all of a chunk lies inside the array.
    func isWhole(at offset: [Int]) -> Bool { shape.indices.allSatisfy { offset[$0] + chunk[$0] <= shape[$0] } }

    /// The runs of a chunk's values that lie inside the array: `(start in chunk, start in array, length)`.
    func runs(at offset: [Int], _ body: (Int, Int, Int) -> Void) {
        let last = shape.count - 1
        let inside = shape.indices.map { min(chunk[$0], shape[$0] - offset[$0]) }
        var index = [Int](repeating: 0, count: shape.count)
        while true {
            var (from, to) = (0, 0)
            for axis in shape.indices {
                from = from * chunk[axis] + index[axis]
                to = to * shape[axis] + offset[axis] + index[axis]
            }
            body(from, to, inside[last])
            var axis = last - 1
            while axis >= 0 {
                index[axis] += 1
                if index[axis] < inside[axis] { break }
                index[axis] = 0
                axis -= 1
            }
            if axis < 0 { return }
        }
    }
}

/// Gathers chunks from several threads; each chunk owns elements of its own, and the first failure in file order wins.
private final class ChunkCollector<Number: BitwiseCopyable & Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var stored: [Number]
    private var failure: (index: Int, error: HDF5Error)?

    init(repeating value: Number, count: Int) { stored = Array(repeating: value, count: count) }

    var values: [Number] { lock.withLock { stored } }
    var firstError: HDF5Error? { lock.withLock { failure?.error } }
    var hasFailed: Bool { lock.withLock { failure != nil } }

    func place(_ values: [Number], _ plan: ChunkPlan, _ offset: [Int]) {
        lock.withLock {
            values.withUnsafeBufferPointer { source in
                stored.withUnsafeMutableBufferPointer { target in
                    plan.runs(at: offset) { from, to, length in
                        for step in 0..<length { target[to + step] = source[from + step] }
                    }
                }
            }
        }
    }

    func fail(_ index: Int, _ error: HDF5Error) {
        lock.withLock {
            if failure.map({ index < $0.index }) ?? true { failure = (index, error) }
        }
    }
}
