import CKernels

/// Memory for the values and gradients of one worker's steps.
///
/// Large fresh buffers cost page faults, so a buffer that is no longer used goes back to its arena and serves the next
/// request of its size class; fresh memory of 2 MiB and more asks for large pages, which are ten times as fast to touch.
/// One arena belongs to one thread; it may serve many tapes, one after another.
public final class Arena {
    private var free: [Int: [UnsafeMutablePointer<Float>]] = [:]
    /// Requests that no returned buffer could serve.
    private(set) var allocations = 0

    public init() {}

    deinit {
        for pointer in free.values.joined() { pointer.deallocate() }
    }

    /// Storage of `count` values; their content is whatever was there before.
    func storage(_ count: Int) -> Storage {
        let capacity = Self.capacity(for: count)
        return Storage(pointer: free[capacity]?.popLast() ?? allocate(capacity), count: count, arena: self)
    }

    func zeros(_ count: Int) -> Storage {
        let result = storage(count)
        result.pointer.update(repeating: 0, count: count)
        return result
    }

    fileprivate func takeBack(_ pointer: UnsafeMutablePointer<Float>, count: Int) {
        free[Self.capacity(for: count), default: []].append(pointer)
    }

    /// Size classes are 2ᵏ and 3 · 2ᵏ⁻¹, so that worlds of varying size share buffers.
    private static func capacity(for count: Int) -> Int {
        var power = 16
        while power < count { power *= 2 }
        return power / 4 * 3 >= count ? power / 4 * 3 : power
    }

    private func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
        allocations += 1
        let bytes = count * MemoryLayout<Float>.stride
        let isLarge = bytes >= Self.largePage
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: isLarge ? Self.largePage : 64)
        if isLarge { kernel_prefer_large_pages(memory, bytes) }
        return memory.bindMemory(to: Float.self, capacity: count)
    }

    private static let largePage = 2 << 20
}

/// A buffer that returns to its arena when nobody needs it any more.
final class Storage {
    let pointer: UnsafeMutablePointer<Float>
    let count: Int
    private let arena: Arena?
    /// The storage of which this is a part.
    private let owner: Storage?

    fileprivate init(pointer: UnsafeMutablePointer<Float>, count: Int, arena: Arena) {
        self.pointer = pointer
        self.count = count
        self.arena = arena
        owner = nil
    }

    /// A part of another storage, which it keeps alive.
    init(partOf owner: Storage, offset: Int, count: Int) {
        precondition(offset >= 0 && offset + count <= owner.count, "\(offset) + \(count) lies outside \(owner.count)")
        pointer = owner.pointer + offset
        self.count = count
        arena = nil
        self.owner = owner
    }

    deinit { arena?.takeBack(pointer, count: count) }

    var buffer: UnsafeBufferPointer<Float> { UnsafeBufferPointer(start: pointer, count: count) }
}
