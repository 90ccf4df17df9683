import Foundation

/// The bytes of a text file, unpacked where they are packed with gzip (whatever the suffix).
enum TextSource {
    /// Text that is kept whole, such as lists of names, is refused beyond this.
    static let largestSize = 1 << 30

    /// The first bytes, for recognition.
    static func start(of path: String) throws(FormatError) -> (bytes: [UInt8], isCompressed: Bool, isText: Bool) {
        let source = try TextBytes(path)
        // Damage behind the first bytes shows when the file is read.
        let bytes = (try? source.appending(4096, to: []).bytes) ?? []
        let hasMark = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        return (bytes, source.isCompressed, hasMark || !bytes.contains(0))
    }

    /// The whole text as UTF-8 bytes, without a byte order mark, the last line ended, and the size of the file.
    /// - Throws: `GZIP` for damaged compression, `BAD_UTF8` for UTF-16, `LIMIT`.
    static func read(_ path: String) throws(FormatError) -> (bytes: [UInt8], storedSize: Int) {
        let blocks = try TextBlocks(path)
        var bytes = try blocks.next()
        while true {
            let block = try blocks.next()
            if block.isEmpty { return (bytes, blocks.storedSize) }
            guard bytes.count + block.count <= largestSize else {
                throw FormatError(
                    code: "LIMIT", file: path, message: "the text is longer than \(largestSize) bytes",
                    remedy: "check that this is the file you meant")
            }
            bytes += block
        }
    }
}
