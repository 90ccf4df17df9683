/// Where the keys of a zarr store, such as `X/data/.zarray`, have their bytes: in a folder or a zip archive.
protocol ZarrStorage: Sendable {
    var file: String { get }
    /// The value of a key; nil where there is none.
    /// - Throws: `LINK`, `UNREADABLE`, and what stands for damage.
    func open(_ key: String, _ place: ZarrPlace) throws(FormatError) -> StoredBytes?
    /// The size of a key's value as it is stored; nil where there is none.
    func storedSize(_ key: String, _ place: ZarrPlace) throws(FormatError) -> Int?
    /// Names of the folders directly below a key, sorted; the empty key is the root.
    func folders(in key: String, _ place: ZarrPlace) throws(FormatError) -> [String]
    /// Two names of one folder share it.
    func identity(of key: String) -> Int
}

/// The value of a key, not yet read.
struct StoredBytes: Sendable {
    enum Source: Sendable {
        case file(OpenFile, start: Int)
        case memory([UInt8])
    }

    let source: Source
    let count: Int
    /// How many bytes they take in the store.
    let packedCount: Int
    /// The CRC-32 that all of the bytes together must have.
    var checksum: UInt32?

    /// All bytes; nil where they cannot be read or are not those that were written.
    func read() -> [UInt8]? {
        guard let bytes = read(0..<count) else { return nil }
        if let checksum, ZipArchive.checksum(bytes) != checksum { return nil }
        return bytes
    }

    /// Some of the bytes; nil where they cannot be read.
    func read(_ range: Range<Int>) -> [UInt8]? {
        guard range.lowerBound >= 0, range.upperBound <= count else { return nil }
        switch source {
        case .file(let file, let start):
            return file.read(start + range.lowerBound..<start + range.upperBound)
        case .memory(let bytes):
            return range.count == bytes.count ? bytes : Array(bytes[range])
        }
    }
}
