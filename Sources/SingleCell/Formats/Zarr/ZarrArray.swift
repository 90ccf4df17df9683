import Foundation
import HDF5

/// An array of a zarr store.
struct ZarrArray: StoreArray {
    let storage: any ZarrStorage
    /// The path inside the store, such as `/X/data`.
    let path: String
    let attributes: [String: JSONValue]
    let metadata: ZarrMetadata
    /// As in the metadata; a single value counts as a list of one.
    let shape: [Int]
    let chunk: [Int]
    /// What the next rows will need once more.
    private let kept = ZarrKeptChunks()

    init(
        _ storage: any ZarrStorage, _ path: String, _ metadata: ZarrMetadata, _ attributes: [String: JSONValue]
    ) {
        self.storage = storage
        self.path = path
        self.metadata = metadata
        self.attributes = attributes
        shape = metadata.shape.isEmpty ? [1] : metadata.shape
        chunk = metadata.chunk.isEmpty ? [1] : metadata.chunk
    }

    var place: ZarrPlace { ZarrPlace(file: storage.file, element: path) }

    var values: any StoreValues { ZarrValues(array: self, element: path, type: metadata.type, offset: 0) }

    func field(_ name: String) throws(FormatError) -> any StoreValues {
        guard case .record(let fields) = metadata.type.layout, let field = fields.first(where: { $0.name == name })
        else {
            throw place.error("MISSING_ELEMENT", "there is no field \(name)", "write the store again with anndata")
        }
        return ZarrValues(array: self, element: "\(path)[\(name)]", type: field.type, offset: field.offset)
    }

    func attribute(_ name: String) -> (any StoreValues)? { attributes[name].map { ZarrAttribute(name, $0, place) } }
}

extension ZarrArray {
    /// More pieces than this are not gathered.
    private static let largestChunkCount = 1 << 20
    /// What blosc can pack, in bytes.
    private static let largestChunk = 1 << 31

    /// Decodes the chunks that hold the rows, on all cores, and lets `body` put what is wanted of each into place; their
    /// parts of the result do not meet.
    /// - Parameters:
    ///   - rows: of the first axis.
    ///   - body: gets a chunk, what of it is wanted, and the result; it gives the places of values that are odd.
    /// - Returns: The values, row-major, and the places of odd ones, ascending.
    func gather<Value: Sendable>(
        _ rows: Range<Int>, repeating value: Value,
        _ body: @Sendable (ZarrChunk, ZarrOverlap, UnsafeMutablePointer<Value>) -> [Int]
    ) throws(FormatError) -> (values: [Value], odd: [Int]) {
        let count = rows.count * shape.dropFirst().reduce(1, *)
        guard count > 0 else { return ([], []) }
        let box = ZarrBox(
            ranges: [rows.lowerBound / chunk[0]..<(rows.upperBound - 1) / chunk[0] + 1]
                + shape.indices.dropFirst().map { 0..<(shape[$0] - 1) / chunk[$0] + 1 })
        guard box.count <= Self.largestChunkCount else {
            throw place.limit("\(box.count) chunks; write the store again with larger ones")
        }
        try checkMemory(count, max(MemoryLayout<Value>.stride, metadata.type.width), box)

        let strides = metadata.pipeline.strides(metadata.chunk.isEmpty ? [1] : metadata.chunk)
        let known = kept.chunks
        let lastRow = keepsLastRow(rows, box) ? box.ranges[0].upperBound - 1 : -1
        var values = [Value](repeating: value, count: count)
        var odd: [Int] = []
        var failure: FormatError?
        values.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let target = buffer.baseAddress!
            let collector = ZarrCollector()
            do throws(FormatError) {
                try forEachPiece(box) { pieces, read throws(FormatError) in
                    Self.concurrently(pieces.count, collector) { position throws(FormatError) in
                        let coordinates = pieces[position]
                        let chunk =
                            if let known = known[coordinates] { known } else { try read(coordinates) }
                        let overlap = ZarrOverlap(
                            coordinates, chunk: self.chunk, strides: chunk.isFill ? strides.map { _ in 0 } : strides,
                            shape: shape, rows: rows)
                        collector.add(body(chunk, overlap, target))
                        if coordinates[0] == lastRow { collector.keep(coordinates, chunk) }
                    }
                    if let error = collector.firstError { throw error }
                }
            } catch {
                failure = error
            }
            odd = collector.odd
            kept.replace(collector.kept)
        }
        if let failure { throw failure }
        return (values, odd)
    }

    /// Whether the chunks at the end of the rows hold more rows and are small enough to be kept for them.
    private func keepsLastRow(_ rows: Range<Int>, _ box: ZarrBox) -> Bool {
        guard rows.upperBound < shape[0], rows.upperBound % chunk[0] != 0 else { return false }
        let across = box.ranges.dropFirst().reduce(1) { $0 * $1.count }
        return across == 1 || chunk.reduce(max(metadata.type.width, 8), *) <= Decompression.freeBytes / across
    }

    /// Whether what is stored can be as many values as the metadata declare.
    func checkSize() throws(FormatError) {
        let count = shape.reduce(1, *)
        guard count > 0 else { return }
        try checkMemory(
            count, metadata.type.width, ZarrBox(ranges: zip(shape, chunk).map { 0..<($0 - 1) / $1 + 1 }))
    }

    /// Values beyond a moderate amount of memory must be backed by as many stored bytes as compression can explain.
    private func checkMemory(_ count: Int, _ width: Int, _ box: ZarrBox) throws(FormatError) {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: width)
        guard overflow || bytes > Decompression.freeBytes else { return }
        let files = box.grouped(metadata.shards?.grid ?? chunk.map { _ in 1 })
        var stored = 0
        for position in 0..<min(files.count, Self.largestChunkCount) {
            stored += try storage.storedSize(key(files[position]), place) ?? 0
            if !overflow, bytes <= Decompression.limit(packed: stored) { return }
        }
        throw place.limit("\(count) values from \(stored) stored bytes")
    }

    private func key(_ coordinates: [Int]) -> String {
        let name = metadata.keys.key(metadata.shape.isEmpty ? [] : coordinates)
        return path == "/" ? name : "\(path.dropFirst())/\(name)"
    }

    /// Calls `body` with boxes of chunks and what reads one of them: all at once, or shard by shard.
    private func forEachPiece(
        _ box: ZarrBox,
        _ body: (ZarrBox, @Sendable ([Int]) throws(FormatError) -> ZarrChunk) throws(FormatError) -> Void
    ) throws(FormatError) {
        guard let shards = metadata.shards else {
            return try body(box) { coordinates throws(FormatError) in
                let place = place.chunk(coordinates)
                guard let stored = try storage.open(key(coordinates), place) else { return ZarrChunk(metadata.fill) }
                return try decode(stored, 0..<stored.count, place)
            }
        }
        let files = box.grouped(shards.grid)
        for position in 0..<files.count {
            let shard = files[position]
            let shardPlace = place.chunk(shard)
            let stored = try storage.open(key(shard), shardPlace)
            let index: [Range<Int>?] = if let stored { try shards.index(stored, shardPlace) } else { [] }
            try body(box.part(shard, shards.grid)) { coordinates throws(FormatError) in
                let inside = zip(coordinates, shards.grid).reduce(0) { $0 * $1.1 + $1.0 % $1.1 }
                guard let stored, let range = index[inside] else { return ZarrChunk(metadata.fill) }
                return try decode(stored, range, place.chunk(coordinates))
            }
        }
    }

    private func decode(_ stored: StoredBytes, _ range: Range<Int>, _ place: ZarrPlace) throws(FormatError) -> ZarrChunk
    {
        let (count, width) = (chunk.reduce(1, *), metadata.type.width)
        guard count * width <= Self.largestChunk, range.count <= Self.largestChunk else {
            throw place.limit("a chunk of \(max(count * width, range.count)) bytes; write it again with smaller ones")
        }
        // No compression makes its input much larger.
        guard width == 0 || range.count / 2 <= max(1 << 16, count * width) else {
            throw place.corruptChunk("\(count * width) bytes expected, found \(range.count)")
        }
        guard let bytes = range == 0..<stored.count ? stored.read() : stored.read(range) else {
            throw place.corruptChunk("the bytes cannot be read or are not those that were written")
        }
        // An archive may have packed the bytes once more.
        let limit = Decompression.limit(packed: min(bytes.count, stored.packedCount))
        return try ZarrChunk(bytes, metadata.pipeline, count: count, width: width, limit: limit, place)
    }

    private static func concurrently(
        _ count: Int, _ collector: ZarrCollector, _ body: @Sendable (Int) throws(FormatError) -> Void
    ) {
        let workers = min(ProcessInfo.processInfo.activeProcessorCount, count)
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
            for position in stride(from: worker, to: count, by: workers) where !collector.hasFailed(before: position) {
                do throws(FormatError) { try body(position) } catch { collector.fail(position, error) }
            }
        }
    }
}
