import Foundation

/// A text file in blocks of whole lines, unpacked where it is packed with gzip (whatever the suffix). A byte order mark is
/// left out, and a newline ends the last line even where the file has none.
///
/// While the caller works on a block the next one is read and unpacked beside it. Memory follows the block, and the longest
/// line, not the file.
final class TextBlocks {
    /// Bytes of a block: enough to hide the hand-over, few enough to stay close to the processor.
    static let blockSize = 1 << 20
    /// A longer line is refused: no table has one, but files made to exhaust memory do.
    static let longestLine = 1 << 27

    let path: String
    /// The size of the file as it lies on the disk.
    let storedSize: Int
    let isCompressed: Bool
    private let queue = DispatchQueue(label: "interventome.text")
    private let feed: Feed

    /// - Throws: `UNREADABLE`, and what `next` throws, for the first block.
    init(_ path: String) throws(FormatError) {
        self.path = path
        let bytes = try TextBytes(path)
        storedSize = bytes.storedSize
        isCompressed = bytes.isCompressed
        feed = Feed(bytes: bytes)
        feed.fetch()
        if case .failure(let error) = feed.ready { throw error }
    }

    /// The next lines; empty after the last one.
    /// - Throws: `GZIP` for damaged compression, `BAD_UTF8` for UTF-16, `LIMIT`.
    func next() throws(FormatError) -> [UInt8] {
        let block = try queue.sync { [feed] in
            defer { feed.ready = .success([]) }
            return feed.ready
        }.get()
        if !block.isEmpty { queue.async { [feed] in feed.fetch() } }
        return block
    }

    /// What the queue works on; touched by nothing else once it runs.
    private final class Feed: @unchecked Sendable {
        var ready: Result<[UInt8], FormatError> = .success([])
        private let bytes: TextBytes
        /// Bytes to ask for at once: no more than the file may hold.
        private let size: Int
        /// The beginning of the line that the last block did not hold whole.
        private var rest: [UInt8] = []
        private var isFirst = true
        private var isFinished = false

        init(bytes: TextBytes) {
            self.bytes = bytes
            let most = bytes.isCompressed ? 1 << 16 : bytes.storedSize + 1
            size = bytes.storedSize < TextBlocks.blockSize ? min(most, TextBlocks.blockSize) : TextBlocks.blockSize
        }

        func fetch() { ready = Result { () throws(FormatError) in try block() } }

        private func block() throws(FormatError) -> [UInt8] {
            while !isFinished {
                let searched = rest.count
                // Longer lines are taken in longer strides, so that none is copied often.
                let (block, count) = try bytes.appending(max(size, searched), to: rest)
                rest = block
                isFinished = count == 0
                if isFirst {
                    try dropMark()
                    isFirst = false
                }
                if isFinished, rest.last.map({ $0 != UInt8(ascii: "\n") }) ?? false {
                    rest.append(UInt8(ascii: "\n"))
                }
                let first = min(searched, rest.count)
                if let end = rest[first...].lastIndex(of: UInt8(ascii: "\n")) {
                    var lines = rest
                    rest = Array(lines[(end + 1)...])
                    lines.removeSubrange((end + 1)...)
                    return lines
                }
                guard rest.count <= TextBlocks.longestLine else {
                    throw FormatError(
                        code: "LIMIT", file: bytes.path,
                        message: "a line has more than \(TextBlocks.longestLine) bytes",
                        remedy: "check that this is the file you meant")
                }
            }
            return []
        }

        private func dropMark() throws(FormatError) {
            if rest.starts(with: [0xFF, 0xFE]) || rest.starts(with: [0xFE, 0xFF]) {
                throw FormatError(
                    code: "BAD_UTF8", file: bytes.path, element: "byte 0",
                    message: "UTF-8 expected, found the byte order mark of UTF-16", remedy: "save the file as UTF-8")
            }
            if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest.removeFirst(3) }
        }
    }
}
