import Foundation

/// Packed cells in pages of equal numbers of cells: in memory up to a budget, beyond it in a file that has no name and goes
/// when this goes. Where pages begin does not depend on how the cells came.
final class BlockSpill: Sendable {
    let cellsPerPage: Int
    let cellCount: Int
    /// Entries that are not 0.
    let storedCount: Int
    private let pages: [Page]
    private let file: ScratchFile?

    private enum Page {
        case memory(PackedCells)
        case file(offset: Int, byteCount: Int, starts: [Int])
    }

    private init(cellsPerPage: Int, cellCount: Int, storedCount: Int, pages: [Page], file: ScratchFile?) {
        self.cellsPerPage = cellsPerPage
        self.cellCount = cellCount
        self.storedCount = storedCount
        self.pages = pages
        self.file = file
    }

    var pageCount: Int { pages.count }

    /// Places of the cells of a page.
    func cells(ofPage page: Int) -> Range<Int> {
        page * cellsPerPage..<min(cellCount, (page + 1) * cellsPerPage)
    }

    func page(_ place: Int) throws(PreprocessingError) -> PackedCells {
        switch pages[place] {
        case .memory(let cells): return cells
        case .file(let offset, let byteCount, let starts):
            guard let file else { preconditionFailure("a page in a file that was never made") }
            return PackedCells(bytes: try file.read(byteCount, at: offset), starts: starts)
        }
    }

    /// Calls `body` with what `part` makes of each page, page by page in order; several pages are worked on at once.
    func forEachPage<Part: Sendable>(
        _ part: @Sendable (_ page: Int, PackedCells) throws -> Part, then body: (_ page: Int, Part) throws -> Void
    ) throws {
        let width = workerCount
        for first in stride(from: 0, to: pageCount, by: width) {
            let parts = try concurrentMap(min(width, pageCount - first)) { try part(first + $0, page(first + $0)) }
            for (place, part) in parts.enumerated() { try body(first + place, part) }
        }
    }

    /// Takes cells in, in order, and closes to a spill.
    struct Writer {
        /// Pages in memory share pieces of so many bytes: these come from the system and not from between what is used for
        /// a moment, which would leave gaps.
        private static let pieceBytes = 1 << 26

        private let cellsPerPage: Int
        private let directory: String
        private var budget: Int
        private var current = PackedCells()
        /// Where the pages in `current` that are complete end.
        private var ends: [Int] = []
        private var pages: [Page] = []
        private var cellCount = 0
        private var file: ScratchFile?
        private var fileSize = 0

        /// - Parameters:
        ///   - budget: Bytes kept in memory.
        ///   - directory: Where the file is made if it is needed.
        init(cellsPerPage: Int, budget: Int, directory: String) {
            precondition(cellsPerPage > 0)
            self.cellsPerPage = cellsPerPage
            self.budget = budget
            self.directory = directory
        }

        mutating func append(_ cells: PackedCells) throws(PreprocessingError) {
            var next = 0
            while next < cells.count {
                let room = cellsPerPage - (current.count - (ends.last ?? 0))
                let end = min(cells.count, next + room)
                current.append(cells, cells: next..<end)
                if end - next == room { try closePage() }
                next = end
            }
            cellCount += cells.count
        }

        private mutating func closePage() throws(PreprocessingError) {
            let pageBytes = current.bytes.count - current.starts[ends.last ?? 0]
            ends.append(current.count)
            let piece = min(Self.pieceBytes, budget)
            // The next page is about as large.
            if current.bytes.count + pageBytes + pageBytes / 8 > piece {
                try putAway()
            } else if ends.count == 1 {
                current.bytes.reserveCapacity(piece)
            }
        }

        /// Keeps the complete pages, in memory or in the file.
        private mutating func putAway() throws(PreprocessingError) {
            let byteCount = current.bytes.count
            let isKept = byteCount <= budget
            if isKept {
                budget -= byteCount
            } else {
                budget = 0
                if file == nil { file = try ScratchFile(in: directory) }
                try file?.write(current.bytes, at: fileSize)
            }
            var first = 0
            for end in ends {
                let starts = Array(current.starts[first...end])
                pages.append(
                    isKept
                        ? .memory(PackedCells(bytes: current.bytes, starts: starts))
                        : .file(
                            offset: fileSize + starts[0], byteCount: starts[end - first] - starts[0],
                            starts: starts.map { $0 - starts[0] }))
                first = end
            }
            if isKept {
                current = PackedCells()
            } else {
                fileSize += byteCount
                current.removeAll()
            }
            ends = []
        }

        mutating func close(storedCount: Int) throws(PreprocessingError) -> BlockSpill {
            if current.count > (ends.last ?? 0) { ends.append(current.count) }
            if !ends.isEmpty { try putAway() }
            return BlockSpill(
                cellsPerPage: cellsPerPage, cellCount: cellCount, storedCount: storedCount, pages: pages, file: file)
        }
    }
}

/// A file without a name: the system removes it when it is closed, however the process ends.
private final class ScratchFile: Sendable {
    private let descriptor: Int32
    private let directory: String

    init(in directory: String) throws(PreprocessingError) {
        var template = Array((directory + "/.interventome-XXXXXX").utf8CString)
        descriptor = mkstemp(&template)
        self.directory = directory
        guard descriptor >= 0 else { throw Self.failure(directory) }
        unlink(template)
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8], at offset: Int) throws(PreprocessingError) {
        let isWritten = bytes.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
                guard count > 0 || errno == EINTR else { return false }
                done += max(0, count)
            }
            return true
        }
        guard isWritten else { throw Self.failure(directory) }
    }

    func read(_ count: Int, at offset: Int) throws(PreprocessingError) -> [UInt8] {
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { bytes, filled in
            while filled < count {
                let read = pread(descriptor, bytes.baseAddress! + filled, count - filled, off_t(offset + filled))
                guard read > 0 || (read < 0 && errno == EINTR) else { return }
                filled += max(0, read)
            }
        }
        guard bytes.count == count else { throw Self.failure(directory) }
        return bytes
    }

    private static func failure(_ directory: String) -> PreprocessingError {
        PreprocessingError(
            code: "CANNOT_WRITE", file: directory, element: nil,
            message: "expected room for a temporary file, found: \(String(cString: strerror(errno)))",
            remedy: "check free space and permissions of the folder")
    }
}
