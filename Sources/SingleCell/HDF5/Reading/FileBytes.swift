import Foundation

/// The bytes of a file on disk, read by position from any thread. Addresses of the format count from the superblock.
///
/// Small blocks around metadata are kept, since a header is read in several steps. The file is not mapped into memory: one
/// that is cut off while it is read must end in an error, not in a crash.
final class FileBytes: Sendable {
    /// Size of the file on disk.
    let byteCount: Int
    /// Where the superblock stands, which is behind a user block.
    let base: Int
    private let descriptor: Int32
    private let blocks = Blocks()

    private static let blockBytes = 1 << 13
    private static let mostBlocks = 512

    init(_ path: String, base: Int) throws(HDF5Error) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            throw HDF5Error(
                code: "UNREADABLE", file: path, message: "the file cannot be opened for reading",
                remedy: "check its permissions")
        }
        byteCount = Int(status.st_size)
        self.base = base
    }

    deinit { close(descriptor) }

    /// Whether so many bytes lie in the file at that address.
    func contains(_ address: UInt64, _ count: Int) -> Bool {
        guard let address = Int(exactly: address), count >= 0, address <= byteCount - base else { return false }
        return count <= byteCount - base - address
    }

    /// A few bytes of metadata.
    func bytes(at address: UInt64, _ count: Int) throws(HDF5Error) -> [UInt8] {
        try require(address, count)
        let start = Int(address) + base
        guard count <= Self.blockBytes else { return try readWhole(start, count) }
        var result: [UInt8] = []
        result.reserveCapacity(count)
        var position = start
        while position < start + count {
            let block = try block(position / Self.blockBytes)
            let from = position % Self.blockBytes
            let to = min(Self.blockBytes, from + start + count - position)
            guard to <= block.count else { throw .corrupt("the file became shorter while it was read") }
            result += block[from..<to]
            position += to - from
        }
        return result
    }

    /// Fills the target with the bytes at the address.
    func read(at address: UInt64, into target: UnsafeMutableRawBufferPointer) throws(HDF5Error) {
        try require(address, target.count)
        try read(Int(address) + base, target)
    }

    private func require(_ address: UInt64, _ count: Int) throws(HDF5Error) {
        guard contains(address, count) else {
            throw .corrupt("\(count) bytes at \(address) are not in a file of \(byteCount) bytes")
        }
    }

    private func block(_ index: Int) throws(HDF5Error) -> [UInt8] {
        if let block = blocks.lock.withLock({ blocks.stored[index] }) { return block }
        let start = index * Self.blockBytes
        let block = try readWhole(start, min(Self.blockBytes, byteCount - start))
        blocks.lock.withLock {
            if blocks.stored.count >= Self.mostBlocks { blocks.stored.removeAll() }
            blocks.stored[index] = block
        }
        return block
    }

    private func readWhole(_ start: Int, _ count: Int) throws(HDF5Error) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try bytes.withUnsafeMutableBufferPointer { (buffer) throws(HDF5Error) in
            try read(start, UnsafeMutableRawBufferPointer(buffer))
        }
        return bytes
    }

    private func read(_ start: Int, _ target: UnsafeMutableRawBufferPointer) throws(HDF5Error) {
        var done = 0
        while done < target.count {
            let count = pread(descriptor, target.baseAddress! + done, target.count - done, off_t(start + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .corrupt("the file became shorter while it was read") }
            done += count
        }
    }

    private final class Blocks: @unchecked Sendable {
        let lock = NSLock()
        var stored: [Int: [UInt8]] = [:]
    }
}
