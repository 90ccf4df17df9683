import CZlib
import Foundation

/// Packs chunks on all cores with libdeflate. What comes out does not depend on the number of cores.
struct ChunkCompressor: Sendable {
    let type: HDF5ElementType
    let level: Int

    /// libdeflate's level whose output is about as large as zlib's at the same position (0 to 9).
    private static let levels: [Int32] = [1, 1, 1, 1, 2, 3, 4, 6, 8, 9]

    /// - Parameter chunks: all of one size, which is a multiple of the width of the type.
    /// - Returns: One zlib stream a chunk; nil where there is no memory.
    func compress(_ chunks: [UnsafeRawBufferPointer]) -> [[UInt8]]? {
        let packed = PackedChunks(chunks)
        let workers = min(ProcessInfo.processInfo.activeProcessorCount, chunks.count)
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
            guard let compressor = libdeflate_alloc_compressor(Self.levels[max(0, min(level, 9))]) else { return }
            defer { libdeflate_free_compressor(compressor) }
            var shuffled: [UInt8] = []
            for index in stride(from: worker, to: packed.source.count, by: workers) {
                let chunk = packed.source[index]
                if type.isShuffled {
                    shuffle(chunk, into: &shuffled)
                    shuffled.withUnsafeBytes { packed.place(index, Self.deflate($0, compressor)) }
                } else {
                    packed.place(index, Self.deflate(chunk, compressor))
                }
            }
        }
        let results = packed.results
        return results.contains { $0.isEmpty } ? nil : results
    }

    private static func deflate(_ bytes: UnsafeRawBufferPointer, _ compressor: OpaquePointer) -> [UInt8] {
        let bound = libdeflate_zlib_compress_bound(compressor, bytes.count)
        return [UInt8](unsafeUninitializedCapacity: bound) { target, count in
            count = libdeflate_zlib_compress(
                compressor, bytes.baseAddress!, bytes.count, target.baseAddress!, target.count)
        }
    }

    /// First the first bytes of all values, then the second ones, ….
    private func shuffle(_ bytes: UnsafeRawBufferPointer, into target: inout [UInt8]) {
        let width = type.width
        let count = bytes.count / width
        if target.count != bytes.count { target = [UInt8](repeating: 0, count: bytes.count) }
        target.withUnsafeMutableBufferPointer { target in
            for byte in 0..<width {
                let plane = target.baseAddress! + byte * count
                let source = bytes.baseAddress! + byte
                for index in 0..<count { plane[index] = source.load(fromByteOffset: index * width, as: UInt8.self) }
            }
        }
    }
}

/// Chunks shared between workers; each writes results of its own.
private final class PackedChunks: @unchecked Sendable {
    let source: [UnsafeRawBufferPointer]
    private let lock = NSLock()
    private var packed: [[UInt8]]

    init(_ source: [UnsafeRawBufferPointer]) {
        self.source = source
        packed = Array(repeating: [], count: source.count)
    }

    var results: [[UInt8]] { lock.withLock { packed } }

    func place(_ index: Int, _ bytes: [UInt8]) { lock.withLock { packed[index] = bytes } }
}
