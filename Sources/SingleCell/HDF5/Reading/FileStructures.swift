import Foundation

/// A file being read, with what its objects share: widths of fields, and structures that are asked for again and again.
final class FileStructures: Sendable {
    let bytes: FileBytes
    let widths: FieldWidths
    let rootAddress: UInt64
    private let cache = Cache()

    /// Bytes of text heaps that are kept.
    private static let mostHeapBytes = 1 << 24
    /// Members of groups that are kept.
    private static let mostMembers = 1 << 20

    init(_ path: String, _ superblock: HDF5Superblock) throws(HDF5Error) {
        bytes = try FileBytes(path, base: superblock.position)
        (widths, rootAddress) = try superblock.layout()
    }

    /// A reader of bytes at an address, all of which must be in the file.
    func reader(at address: UInt64, _ count: Int) throws(HDF5Error) -> ByteReader {
        ByteReader(try bytes.bytes(at: address, count), widths)
    }

    /// A reader of bytes that end with their checksum, which is not left in it.
    func checkedReader(at address: UInt64, _ count: Int, _ name: String) throws(HDF5Error) -> ByteReader {
        let all = try bytes.bytes(at: address, count)
        guard count >= 4 else { throw .corrupt("\(name) of \(count) bytes") }
        var sum = ByteReader(all[(count - 4)...], widths)
        guard UInt32(truncatingIfNeeded: try sum.number(4)) == lookup3(all[..<(count - 4)]) else {
            throw .corrupt("the checksum of \(name) is wrong")
        }
        return ByteReader(all[..<(count - 4)], widths)
    }

    func header(at address: UInt64) throws(HDF5Error) -> ObjectHeader { try ObjectHeader(self, address) }

    /// The members of the group whose header that is.
    func members(of header: ObjectHeader) throws(HDF5Error) -> [String: Link] {
        if let known = cache.lock.withLock({ cache.members[header.address] }) { return known }
        let members = try GroupMembers(self, header).links
        cache.lock.withLock {
            if cache.memberCount + members.count > Self.mostMembers {
                cache.members.removeAll()
                cache.memberCount = 0
            }
            cache.members[header.address] = members
            cache.memberCount += members.count
        }
        return members
    }

    func globalHeap(at address: UInt64) throws(HDF5Error) -> GlobalHeap {
        if let known = cache.lock.withLock({ cache.heaps[address] }) { return known }
        let heap = try GlobalHeap(self, address)
        cache.lock.withLock {
            if cache.heapBytes + heap.byteCount > Self.mostHeapBytes {
                cache.heaps.removeAll()
                cache.heapBytes = 0
            }
            cache.heaps[address] = heap
            cache.heapBytes += heap.byteCount
        }
        return heap
    }

    private final class Cache: @unchecked Sendable {
        let lock = NSLock()
        var members: [UInt64: [String: Link]] = [:]
        var memberCount = 0
        var heaps: [UInt64: GlobalHeap] = [:]
        var heapBytes = 0
    }
}
