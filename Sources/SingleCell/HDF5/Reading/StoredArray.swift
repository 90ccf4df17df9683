import Foundation

/// The elements of a dataset in the file. Parts of it are read by several workers, chunk by chunk; nothing but the part
/// asked for is kept in memory, and the chunks that the next part will begin with.
final class StoredArray: Sendable {
    let file: FileStructures
    let type: Datatype
    /// The extents; a single value counts as one entry of one axis.
    let shape: [Int]
    private let layout: DataLayout
    private let pipeline: FilterPipeline
    private let fill: [UInt8]?
    private let limits: [Int?]
    private let isElsewhere: Bool
    private let state = State()

    /// Anything below this many bytes is read without further questions.
    static let freeBytes = 1 << 26
    /// Bytes of a contiguous array that one worker reads at once.
    private static let partBytes = 1 << 20

    init(_ file: FileStructures, _ header: ObjectHeader, _ type: Datatype, _ space: Dataspace) throws(HDF5Error) {
        self.file = file
        self.type = type
        shape = space.shape.isEmpty ? [1] : space.shape
        limits = space.shape.isEmpty ? [1] : space.limits
        guard let message = header.first(.layout) else { throw .corrupt("how the values are stored is missing") }
        layout = try DataLayout(header.reader(message))
        pipeline =
            if let filters = header.first(.filters) { try FilterPipeline(header.reader(filters)) } else {
                FilterPipeline()
            }
        fill = try FillValue.bytes(header)
        isElsewhere = header.first(.externalFiles) != nil
        if case .chunked(let chunking) = layout {
            guard chunking.shape.count == shape.count, chunking.elementBytes == type.size else {
                throw .corrupt("chunks that do not fit the array")
            }
        }
        if let fill, fill.count != type.size { throw .corrupt("a fill value that does not fit the array") }
    }

    /// Elements of one entry of the first axis.
    var rowElements: Int { shape.dropFirst().reduce(1, *) }

    /// Reads entries of the first axis.
    /// - Parameter target: has place for all of their values.
    func read(
        _ rows: Range<Int>, _ conversion: ElementConversion, into target: UnsafeMutableRawPointer
    ) throws(HDF5Error) {
        let count = rows.count * rowElements
        guard count > 0 else { return }
        switch layout {
        case .compact(let bytes):
            let start = rows.lowerBound * rowElements * type.size
            guard bytes.count >= start + count * type.size else {
                throw .corrupt("\(bytes.count) bytes where \(shape) values of \(type.size) should be")
            }
            bytes.withUnsafeBytes { conversion.convert($0.baseAddress! + start, count, target) }
        case .contiguous(let address?):
            let start = UInt64(rows.lowerBound * rowElements * type.size)
            let (first, overflow) = address.addingReportingOverflow(start)
            guard !overflow else { throw .corrupt("values beyond all files") }
            try readContiguous(first, count, conversion, target)
        case .contiguous(nil): fillWhole(count, conversion, target)
        case .chunked(let chunking): try readChunks(chunking, rows, conversion, target)
        case .virtual: break
        }
    }

    /// A file may declare more values than it can hold: sizes are checked before memory is taken.
    /// - Parameter width: bytes of a value in memory.
    /// - Throws: `LIMIT`; `LINK` where the values are in other files, `FILTER_UNAVAILABLE` where they are stored in a way
    ///   that cannot be undone here.
    func check(_ rows: Range<Int>, width: Int) throws(HDF5Error) {
        if case .virtual = layout { throw .elsewhere }
        guard !isElsewhere else { throw .elsewhere }
        guard let count = rows.count.multipliedChecked(rowElements),
            let bytes = count.multipliedChecked(max(width, type.size))
        else { throw .limit("an endless array") }
        switch layout {
        case .compact, .virtual: break
        case .contiguous(let address):
            // What was never written is all fill value.
            let whole = (rowElements * shape[0]).multipliedChecked(type.size)
            let isThere = address.map { (address) in whole.map { file.bytes.contains(address, $0) } ?? false }
            guard isThere ?? (bytes <= Self.freeBytes) else {
                throw .limit("\(count) values of \(type.size) bytes in a file of \(file.bytes.byteCount)")
            }
        case .chunked(let chunking):
            try pipeline.check()
            let stored = try table(chunking).storedBytes
            let possible = stored.multipliedChecked(max(8, pipeline.largestRatio)) ?? Int.max
            let largest = max(Self.freeBytes, possible)
            guard bytes <= largest else { throw .limit("\(count) values from \(stored) stored bytes") }
            let chunkBytes = chunking.shape.reduce(type.size, *)
            guard chunkBytes <= largest else { throw .limit("a chunk of \(chunkBytes) bytes") }
        }
    }

    private func table(_ chunking: DataLayout.Chunking) throws(HDF5Error) -> ChunkTable {
        if let known = state.lock.withLock({ state.table }) { return known }
        let plan = ChunkPlan(shape: shape, chunk: chunking.shape)
        let table = try ChunkIndexReader(file, plan, chunking, limits).table()
        state.lock.withLock { state.table = table }
        return table
    }

    private func readContiguous(
        _ address: UInt64, _ count: Int, _ conversion: ElementConversion, _ target: UnsafeMutableRawPointer
    ) throws(HDF5Error) {
        let perPart = max(1, Self.partBytes / type.size)
        let parts = (count + perPart - 1) / perPart
        try Workers.run(parts, target: target) { worker, target throws(HDF5Error) in
            var buffer = [UInt8](repeating: 0, count: conversion.isCopy ? 0 : min(perPart, count) * type.size)
            while let part = worker.next() {
                let first = part * perPart
                let elements = min(perPart, count - first)
                let place = address + UInt64(first * type.size)
                let values = target + first * conversion.width
                guard !conversion.isCopy else {
                    try file.bytes.read(
                        at: place,
                        into: UnsafeMutableRawBufferPointer(start: values, count: elements * type.size))
                    continue
                }
                try buffer.withUnsafeMutableBufferPointer { (bytes) throws(HDF5Error) in
                    let bytes = UnsafeMutableRawBufferPointer(
                        rebasing: UnsafeMutableRawBufferPointer(bytes)[..<(elements * type.size)])
                    try file.bytes.read(at: place, into: bytes)
                    conversion.convert(bytes.baseAddress!, elements, values)
                }
            }
        }
    }

    private func readChunks(
        _ chunking: DataLayout.Chunking, _ rows: Range<Int>, _ conversion: ElementConversion,
        _ target: UnsafeMutableRawPointer
    ) throws(HDF5Error) {
        let plan = ChunkPlan(shape: shape, chunk: chunking.shape)
        let table = try table(chunking)
        let chunkRows = rows.lowerBound / plan.chunk[0]...(rows.upperBound - 1) / plan.chunk[0]
        let positions = table.positions(
            of: chunkRows.lowerBound * plan.chunksPerRow..<(chunkRows.upperBound + 1) * plan.chunksPerRow)
        if positions.count < chunkRows.count * plan.chunksPerRow {
            fillWhole(rows.count * rowElements, conversion, target)
        }
        let chunkBytes = plan.chunkElements * type.size
        // Chunks that reach beyond the part are kept for the next one.
        let next = KeptChunks()
        let keeps = plan.chunksPerRow.multipliedChecked(chunkBytes).map { $0 <= Self.freeBytes } ?? false
        let known = state.lock.withLock { state.kept }
        try Workers.run(positions.count, target: target) { worker, target throws(HDF5Error) in
            let decoder = try ChunkDecoder(file, pipeline, elementBytes: type.size, chunkBytes: chunkBytes)
            var buffer: [UInt8] = []
            while let step = worker.next() {
                let position = positions.lowerBound + step
                let index = table.indices[position]
                let offset = plan.offset(of: index)
                let isWhole = plan.isWhole(at: offset)
                let end = offset[0] + plan.chunk[0]
                let isInside = rows.lowerBound <= offset[0] && end <= rows.upperBound
                let isFiltered = isWhole || !chunking.leavesEdgesUnfiltered
                if conversion.isCopy, isWhole, isInside, plan.isOneRun {
                    let start = target + (offset[0] - rows.lowerBound) * rowElements * type.size
                    try decoder.decode(
                        table.places[position], isFiltered: isFiltered,
                        into: UnsafeMutableRawBufferPointer(start: start, count: chunkBytes))
                    continue
                }
                let place = { (values: UnsafeRawBufferPointer) in
                    plan.runs(at: offset, rows: rows) { from, to, length in
                        conversion.convert(
                            values.baseAddress! + from * self.type.size, length, target + to * conversion.width)
                    }
                }
                if let values = known?.values[index] {
                    values.withUnsafeBytes(place)
                    if keeps, end > rows.upperBound { next.keep(index, values) }
                    continue
                }
                if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: chunkBytes) }
                try buffer.withUnsafeMutableBufferPointer { (bytes) throws(HDF5Error) in
                    try decoder.decode(
                        table.places[position], isFiltered: isFiltered, into: UnsafeMutableRawBufferPointer(bytes))
                }
                buffer.withUnsafeBytes(place)
                if keeps, end > rows.upperBound, rows.upperBound < shape[0] { next.keep(index, buffer) }
            }
        }
        state.lock.withLock { state.kept = next }
    }

    /// The fill value throughout.
    private func fillWhole(_ count: Int, _ conversion: ElementConversion, _ target: UnsafeMutableRawPointer) {
        let element = fill ?? [UInt8](repeating: 0, count: type.size)
        element.withUnsafeBytes { bytes in
            for index in 0..<count { conversion.convert(bytes.baseAddress!, 1, target + index * conversion.width) }
        }
    }

    private final class State: @unchecked Sendable {
        let lock = NSLock()
        var table: ChunkTable?
        var kept: KeptChunks?
    }

    private final class KeptChunks: @unchecked Sendable {
        private let lock = NSLock()
        private var stored: [Int: [UInt8]] = [:]

        var values: [Int: [UInt8]] { lock.withLock { stored } }

        func keep(_ index: Int, _ values: [UInt8]) { lock.withLock { stored[index] = values } }
    }
}

extension ChunkPlan {
    /// Whether a chunk's values lie one after the other in the array.
    var isOneRun: Bool { shape.indices.dropFirst().allSatisfy { chunk[$0] == shape[$0] } }
}
