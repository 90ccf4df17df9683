import CHDF5
import Foundation

/// An HDF5 file, opened for reading or made anew. Files are read by code of this room alone, which takes nothing that a
/// file says for granted; they are written by the HDF5 library.
public final class HDF5File: Sendable {
    private enum Access: Sendable {
        case reading(FileStructures)
        case writing(Handle)
    }

    public let path: String
    /// Its size in bytes when it was opened; 0 for a file being written.
    public let byteCount: Int
    private let access: Access

    /// Opens a file for reading. Links to other files are not followed.
    public init(reading path: String) throws(HDF5Error) {
        let superblock = try HDF5Superblock.read(path)
        if let expected = superblock.endOfFile, expected > UInt64(superblock.byteCount) {
            throw HDF5Error(
                code: "TRUNCATED", file: path,
                message: "the file is \(superblock.byteCount) bytes long, its header says \(expected)",
                remedy: "the download or copy was cut off: fetch it again")
        }
        self.path = path
        byteCount = superblock.byteCount
        access = .reading(
            try HDF5Error.locating(path, nil) { () throws(HDF5Error) in try FileStructures(path, superblock) })
    }

    /// Makes a file, replacing one that is there. Call `close()` to learn whether everything reached the disk.
    public init(creating path: String) throws(HDF5Error) {
        self.path = path
        byteCount = 0
        let created: Handle? = HDF5Library.locked {
            guard let access = Handle.properties(H5Pcreate(chdf5_file_access())),
                let creation = Handle.properties(H5Pcreate(chdf5_file_creation()))
            else { return nil }
            H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG)
            // The layout of 1.8 holds attributes beyond 64 KiB, such as the names of thousands of columns.
            H5Pset_libver_bounds(access.id, H5F_LIBVER_V18, H5F_LIBVER_V18)
            H5Pset_obj_track_times(creation.id, false)
            return Handle(H5Fcreate(path, chdf5_truncate(), creation.id, access.id)) { H5Fclose($0) }
        }
        guard let created else {
            throw .cannotWrite(path, nil, "the file cannot be made: \(String(cString: strerror(errno)))")
        }
        access = .writing(created)
    }

    /// What is read; of a file being written there is nothing to be read yet.
    var structures: FileStructures {
        guard case .reading(let structures) = access else { preconditionFailure("\(path) is being written, not read") }
        return structures
    }

    public var root: HDF5Group {
        get throws(HDF5Error) {
            switch access {
            case .reading(let structures):
                return try HDF5Error.locating(path, "/") { () throws(HDF5Error) in
                    let header = try structures.header(at: structures.rootAddress)
                    guard GroupMembers.isGroup(header) else { throw .corrupt("the root is not a group") }
                    return HDF5Group(header, file: self, path: "/")
                }
            case .writing(let handle):
                let root = HDF5Library.locked { Handle.object(H5Oopen(handle.id, "/", chdf5_default())) }
                guard let root else { throw .cannotWrite(path, "/", "the root group cannot be opened") }
                return HDF5Group(written: root, file: self, path: "/")
            }
        }
    }

    /// Writes what is still in memory, and closes the file with everything opened in it.
    public func close() throws(HDF5Error) {
        guard case .writing(let handle) = access else { return }
        let done = HDF5Library.locked { H5Fflush(handle.id, H5F_SCOPE_GLOBAL) >= 0 && H5Fclose(handle.id) >= 0 }
        guard done else { throw .cannotWrite(path, nil, "the last bytes cannot be written") }
    }
}
