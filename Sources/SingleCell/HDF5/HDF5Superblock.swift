import Foundation

/// What the first block of an HDF5 file says; read by ourselves, because the library does not tell a file that was cut off
/// from one that is damaged.
public struct HDF5Superblock: Sendable, Equatable {
    public static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

    /// Size of the file on disk.
    public let byteCount: Int
    /// Where the file should end; nil where the header is of a version unknown here.
    public let endOfFile: UInt64?

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
            guard (try? file.seek(toOffset: start)) != nil, let block = try? file.read(upToCount: 64) else { break }
            if block.starts(with: signature) {
                return HDF5Superblock(byteCount: Int(end), endOfFile: endOfFile([UInt8](block)))
            }
            start = start == 0 ? 512 : start * 2
        }
        throw HDF5Error(
            code: "NOT_HDF5", file: path, message: "the file does not have the signature of HDF5",
            remedy: "check that this is the file you meant and that it was fetched whole")
    }

    /// Format specification, section II.A. The address counts from the start of the file, user block included.
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
}
