import Foundation

/// What the first block of an HDF5 file says. Format specification, section II.A.
public struct HDF5Superblock: Sendable, Equatable {
    public static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

    /// Size of the file on disk.
    public let byteCount: Int
    /// Where the file should end; nil where the header is of a version unknown here.
    public let endOfFile: UInt64?
    /// Where the block stands; before it is a user block.
    let position: Int
    /// Its first bytes.
    private let block: [UInt8]

    /// - Throws: `NOT_FOUND`, `IS_DIRECTORY`, `UNREADABLE`, `EMPTY_FILE`, or `NOT_HDF5` where no signature is found at
    ///   byte 0, 512, 1024, 2048, ….
    public static func read(_ path: String) throws(HDF5Error) -> HDF5Superblock {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw HDF5Error(
                code: "NOT_FOUND", file: path, message: "there is no such file", remedy: "check the path's spelling")
        }
        guard !isDirectory.boolValue else {
            throw HDF5Error(
                code: "IS_DIRECTORY", file: path, message: "a file was expected, this is a folder",
                remedy: "name a file inside it")
        }
        // A pipe would be waited for.
        var status = stat()
        guard stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
            throw HDF5Error(
                code: "UNREADABLE", file: path, message: "a file was expected, this is a pipe or a device",
                remedy: "write what comes through it to a file first")
        }
        guard let file = FileHandle(forReadingAtPath: path), let end = try? file.seekToEnd() else {
            throw HDF5Error(
                code: "UNREADABLE", file: path, message: "the file cannot be opened for reading",
                remedy: "check its permissions")
        }
        defer { try? file.close() }
        guard end > 0 else {
            throw HDF5Error(
                code: "EMPTY_FILE", file: path, message: "the file has 0 bytes", remedy: "fetch or write it again")
        }
        var start: UInt64 = 0
        while start < end {
            guard (try? file.seek(toOffset: start)) != nil, let block = try? file.read(upToCount: 128) else { break }
            if block.starts(with: signature) {
                let bytes = [UInt8](block)
                return HDF5Superblock(
                    byteCount: Int(end), endOfFile: endOfFile(bytes), position: Int(start), block: bytes)
            }
            start = start == 0 ? 512 : start * 2
        }
        throw HDF5Error(
            code: "NOT_HDF5", file: path, message: "the file does not have the signature of HDF5",
            remedy: "check that this is the file you meant and that it was fetched whole")
    }

    /// The address counts from the start of the file, user block included.
    private static func endOfFile(_ block: [UInt8]) -> UInt64? {
        guard block.count >= 64 else { return nil }
        let (width, position): (UInt8, Int)
        switch block[8] {
        case 0: (width, position) = (block[13], 40)
        case 1: (width, position) = (block[13], 44)
        case 2, 3: (width, position) = (block[9], 28)
        default: return nil
        }
        guard width == 8 else { return nil }
        return (0..<8).reduce(0) { $0 | UInt64(block[position + $1]) << (8 * UInt64($1)) }
    }

    /// The widths of fields and where the root group's header is.
    func layout() throws(HDF5Error) -> (widths: FieldWidths, root: UInt64) {
        var reader = ByteReader(block, FieldWidths())
        try reader.skip(8)
        let version = try reader.byte()
        guard version <= 3 else { throw .newer("the superblock has version \(version)") }
        if version <= 1 { try reader.skip(4) }
        let widths = FieldWidths(address: try reader.byte(), length: try reader.byte())
        guard [2, 4, 8].contains(widths.address), [2, 4, 8].contains(widths.length) else {
            throw .corrupt("addresses of \(widths.address) and lengths of \(widths.length) bytes")
        }
        // Version 0: 24 bytes, four addresses, then the entry of the root group: a name's place and the address.
        // Versions 2 and 3: 12 bytes, three addresses, the root group's address and a checksum.
        let start = [24, 28, 12, 12][version] + (version <= 1 ? 5 : 3) * widths.address
        var rest = ByteReader(block, widths)
        try rest.skip(start)
        let root = try rest.definedAddress()
        if version >= 2 {
            let covered = rest.offset
            guard UInt32(truncatingIfNeeded: try rest.number(4)) == lookup3(block[..<covered]) else {
                throw .corrupt("the checksum of the superblock is wrong")
            }
        }
        return (widths, root)
    }
}
