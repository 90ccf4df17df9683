/// Where a chunk stands in the file.
struct ChunkPlace: Sendable {
    let address: UInt64
    /// Its bytes in the file.
    let bytes: Int
    /// A set bit says that this filter was left out.
    let mask: UInt32
}

/// The chunks of a dataset that were written, by their numbers.
struct ChunkTable: Sendable {
    let indices: [Int]
    let places: [ChunkPlace]
    /// Bytes of all of them in the file.
    let storedBytes: Int

    init(_ found: [(index: Int, place: ChunkPlace)], _ file: FileStructures) throws(HDF5Error) {
        let sorted = found.sorted { $0.index < $1.index }
        var stored = 0
        for position in sorted.indices {
            let place = sorted[position].place
            guard position == 0 || sorted[position - 1].index < sorted[position].index else {
                throw .corrupt("a chunk is listed twice")
            }
            guard file.bytes.contains(place.address, place.bytes) else {
                throw .corruptChunk("a chunk lies outside of the file")
            }
            let (sum, overflow) = stored.addingReportingOverflow(place.bytes)
            guard !overflow, sum <= file.bytes.byteCount else {
                throw .limit("chunks of \(sum) bytes in a file of \(file.bytes.byteCount)")
            }
            stored = sum
        }
        indices = sorted.map(\.index)
        places = sorted.map(\.place)
        storedBytes = stored
    }

    /// The positions in the table of the chunks with these numbers.
    func positions(of range: Range<Int>) -> Range<Int> {
        let first = lowerBound(range.lowerBound)
        return first..<max(first, lowerBound(range.upperBound))
    }

    private func lowerBound(_ index: Int) -> Int {
        var (low, high) = (0, indices.count)
        while low < high {
            let middle = (low + high) / 2
            if indices[middle] < index { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Reads the index of a dataset's chunks. Format specification, section IV.A.2.i and appendix C ("Types of Indexes for
/// Dataset Chunks").
struct ChunkIndexReader {
    let file: FileStructures
    let plan: ChunkPlan
    let chunking: DataLayout.Chunking
    /// How far each axis may grow; nil for without end.
    let limits: [Int?]
    private let chunkBytes: Int

    init(
        _ file: FileStructures, _ plan: ChunkPlan, _ chunking: DataLayout.Chunking, _ limits: [Int?]
    ) {
        self.file = file
        self.plan = plan
        self.chunking = chunking
        self.limits = limits
        chunkBytes = plan.chunkElements * chunking.elementBytes
    }

    func table() throws(HDF5Error) -> ChunkTable {
        guard let address = chunking.address, plan.chunkCount > 0 else { return try ChunkTable([], file) }
        let found: [(index: Int, place: ChunkPlace)]
        switch chunking.index {
        case .tree1: found = try tree1(address)
        case .single(let filtered):
            let place = ChunkPlace(address: address, bytes: filtered?.bytes ?? chunkBytes, mask: filtered?.mask ?? 0)
            found = [(0, place)]
        case .implicit: found = try implicit(address)
        case .fixedArray:
            found = try numbered(FixedArray(file, at: address).elements(), slowest: nil)
        case .extensibleArray:
            guard let slowest = limits.firstIndex(where: { $0 == nil }) else {
                throw .corrupt("an index for growing arrays of one that cannot grow")
            }
            found = try numbered(ExtensibleArray(file, at: address).elements(), slowest: slowest)
        case .tree2: found = try tree2(address)
        }
        return try ChunkTable(found, file)
    }

    private func tree1(_ address: UInt64) throws(HDF5Error) -> [(index: Int, place: ChunkPlace)] {
        var found: [(index: Int, place: ChunkPlace)] = []
        let rank = plan.shape.count
        try BTree1(file: file, kind: .chunks, keyBytes: 8 + 8 * (rank + 1)).forEachLeaf(from: address) {
            (key, child) throws(HDF5Error) in
            var key = key
            let bytes = try key.count(4)
            let mask = UInt32(truncatingIfNeeded: try key.number(4))
            var place: [Int] = []
            for axis in 0..<rank {
                let offset = try key.count(8)
                guard offset % plan.chunk[axis] == 0 else { throw .corruptChunk("a chunk lies across others") }
                place.append(offset / plan.chunk[axis])
            }
            // Chunks outside were left when the array shrank.
            if let index = plan.index(of: place) {
                found.append((index, ChunkPlace(address: child, bytes: bytes, mask: mask)))
            }
        }
        return found
    }

    private func tree2(_ address: UInt64) throws(HDF5Error) -> [(index: Int, place: ChunkPlace)] {
        var found: [(index: Int, place: ChunkPlace)] = []
        let rank = plan.shape.count
        let tree = try BTree2(file, at: address, types: [10, 11])
        let sizeWidth = tree.recordBytes - file.widths.address - 4 - 8 * rank
        try tree.forEachRecord { (type, record) throws(HDF5Error) in
            var record = record
            let address = try record.definedAddress()
            let bytes = type == 11 ? try record.count(sizeWidth) : chunkBytes
            let mask = type == 11 ? UInt32(truncatingIfNeeded: try record.number(4)) : 0
            var place: [Int] = []
            for _ in 0..<rank { place.append(try record.count(8)) }
            if let index = plan.index(of: place) {
                found.append((index, ChunkPlace(address: address, bytes: bytes, mask: mask)))
            }
        }
        return found
    }

    /// Chunks one after the other, all of them there.
    private func implicit(_ address: UInt64) throws(HDF5Error) -> [(index: Int, place: ChunkPlace)] {
        var elements: [ChunkElement] = []
        let count = try limits.reduceChecked(plan.chunk)
        guard let bytes = count.multipliedChecked(chunkBytes), file.bytes.contains(address, bytes) else {
            throw .limit("\(count) chunks of \(chunkBytes) bytes in a file of \(file.bytes.byteCount)")
        }
        for number in 0..<count {
            elements.append(ChunkElement(number: number, address: address + UInt64(number * chunkBytes), filtered: nil))
        }
        return try numbered(elements, slowest: nil)
    }

    /// Chunks numbered in the grid of the array at its largest, in which the axis that may grow without end is the
    /// slowest.
    private func numbered(
        _ elements: [ChunkElement], slowest: Int?
    ) throws(HDF5Error) -> [(index: Int, place: ChunkPlace)] {
        var order = Array(plan.shape.indices)
        if let slowest { order = [slowest] + order.filter { $0 != slowest } }
        var extents: [Int] = []
        for axis in plan.shape.indices {
            let limit = limits[axis] ?? 0
            extents.append(limit / plan.chunk[axis] + (limit % plan.chunk[axis] > 0 ? 1 : 0))
        }
        guard order.dropFirst().allSatisfy({ extents[$0] > 0 }) else {
            throw .corrupt("an index of chunks that does not fit the array")
        }
        return elements.compactMap { element in
            var place = [Int](repeating: 0, count: order.count)
            var rest = element.number
            for axis in order.dropFirst().reversed() {
                place[axis] = rest % extents[axis]
                rest /= extents[axis]
            }
            place[order[0]] = rest
            guard let index = plan.index(of: place) else { return nil }
            return (
                index,
                ChunkPlace(
                    address: element.address, bytes: element.filtered?.bytes ?? chunkBytes,
                    mask: element.filtered?.mask ?? 0)
            )
        }
    }
}

extension [Int?] {
    /// How many chunks there are when every axis is as long as it may be.
    fileprivate func reduceChecked(_ chunk: [Int]) throws(HDF5Error) -> Int {
        var count = 1
        for (limit, extent) in zip(self, chunk) {
            guard let limit, let next = count.multipliedChecked(limit / extent + (limit % extent > 0 ? 1 : 0)) else {
                throw .corrupt("an index of chunks that does not fit the array")
            }
            count = next
        }
        return count
    }
}
