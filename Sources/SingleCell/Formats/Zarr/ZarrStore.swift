import Foundation

/// A zarr store, recognised by content.
enum ZarrStore {
    /// The root group of the store in a folder or a zip archive.
    /// - Throws: `NOT_THIS_FORMAT` for a store that is one array and for an archive without one, and what stands for damage.
    static func root(_ path: String) throws(FormatError) -> ZarrGroup {
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
            return try ZarrGroup(root: try ZarrFolder(path))
        }
        guard let archive = try ZipArchive(path), let storage = ZarrZip(archive) else {
            throw FormatError(
                code: "NOT_THIS_FORMAT", file: path, message: "a zarr store expected, this is none",
                remedy: "name the folder or the zip archive that holds .zgroup or zarr.json")
        }
        return try ZarrGroup(root: storage)
    }

    /// Whether the file is a zip archive that holds a zarr store.
    /// - Throws: `TRUNCATED` and others where it is damaged and its first members are those of a zarr store.
    static func isZip(_ path: String) throws(FormatError) -> Bool {
        do throws(FormatError) {
            return try ZipArchive(path).flatMap(ZarrZip.init) != nil
        } catch {
            if ZarrZip.looksLikeOne(path) { throw error }
            return false
        }
    }
}
